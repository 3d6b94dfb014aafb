import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clearPage, copyPage, isMemory, readWord, readWords, wordsOf, writeWord, writeWords } from './memory.ts';
import { LEDGER_FIRST, SRAM_FIRST } from './page-frame.ts';
import { createWorld, schemaOf } from './table.ts';
import { startJournal, type World } from './world.ts';

const RAM = 0x80000;
const PAGES = [RAM, RAM + 15, 0x9000, SRAM_FIRST, SRAM_FIRST + 1, LEDGER_FIRST, 2 ** 52 - 1];

function emptyWorld(): World {
  return createWorld(schemaOf([]), RAM, 16);
}

test('a word that was written is read, unsigned, wherever its page lies, and no other', () => {
  const place = fc.record({ page: fc.constantFrom(...PAGES), offset: fc.nat(1023).map((word) => word * 4) });
  const write = fc.tuple(place, fc.integer({ min: 0, max: 2 ** 32 - 1 }));

  fc.assert(
    fc.property(fc.array(write), fc.array(place), (writes, others) => {
      const world = emptyWorld();
      const expected = new Map<string, number>();
      for (const [{ page, offset }, value] of writes) {
        writeWord(world, page, offset, value);
        expected.set(`${page}+${offset}`, value);
      }
      for (const { page, offset } of [...others, ...writes.map(([at]) => at)])
        expect(readWord(world, page, offset)).toBe(expected.get(`${page}+${offset}`) ?? 0);
    }),
  );
});

test('a record of several words is written lowest first and read back, but crosses no page', () => {
  const world = emptyWorld();
  writeWords(world, RAM, 4080, [1, 2, 0xffff_fff3, 4]);

  expect([...readWords(world, RAM, 4080, 4, new Uint32Array(4))]).toEqual([1, 2, 0xffff_fff3, 4]);
  expect(readWord(world, RAM, 4092)).toBe(4);
  expect(() => writeWords(world, RAM, 4084, [1, 2, 3, 4])).toThrow('does not cross a page');
});

test('a page is copied and cleared as a whole, and comes back', () => {
  const world = emptyWorld();
  const source = Array.from({ length: 1024 }, (_, i) => (i % 3 === 0 ? 0 : i * 0x1_0001));
  writeWords(world, RAM, 0, source);
  writeWord(world, RAM + 1, 0, 77);
  startJournal(world);
  world.openStep();
  const before = world.fingerprint();

  copyPage(world, RAM, RAM + 1);
  clearPage(world, RAM);
  clearPage(world, RAM + 2);

  expect([...wordsOf(world, RAM + 1)]).toEqual(source);
  expect([...wordsOf(world, RAM)]).toEqual(source.map(() => 0));
  expect(world.journal?.wordKey.length).toBe(2 * source.filter((word) => word !== 0).length + 1);
  world.back();
  expect([...wordsOf(world, RAM)]).toEqual(source);
  expect(readWord(world, RAM + 1, 0)).toBe(77);
  expect(world.fingerprint()).toEqual(before);
});

test('memory is where the machine says it is', () => {
  const world = emptyWorld();

  expect([RAM - 1, RAM, RAM + 15, RAM + 16, SRAM_FIRST].map((page) => isMemory(world, page))).toEqual([
    ...[false, true, true, false, false],
  ]);
});
