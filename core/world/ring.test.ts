import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeWord } from './memory.ts';
import { SRAM_FIRST } from './page-frame.ts';
import { recount } from './recount.ts';
import { type Ring, ringLength } from './ring.ts';
import { createWorld, schemaOf } from './table.ts';
import { branch, startJournal, type World } from './world.ts';

const RAM = 0x80000;
const SIZE = 8;
const WRAP = 2 * SIZE;
/** Entries cross no page but the ring does: 8 entries of 1 KiB. */
const RING: Ring = {
  ...{ name: 'evtq', page: RAM, entryBytes: 1024, log2Size: 3 },
  ...{ prodPage: SRAM_FIRST, prodOffset: 0xa8, consPage: SRAM_FIRST, consOffset: 0xac },
};

interface Queue {
  /** Index with wrap bit of the consumer. */
  readonly cons: number;
  /** First words of the live entries, from the consumer on. */
  readonly live: readonly number[];
  /** What lies in the other entries. */
  readonly dead?: number;
  readonly prodFlags?: number;
  readonly consFlags?: number;
}

function worldWith({ cons, live, dead = 0, prodFlags = 0, consFlags = 0 }: Queue): World {
  const world = createWorld(schemaOf([]), RAM, 16);
  world.addRing(RING);
  for (let i = 0; i < SIZE; i++) writeEntry(world, i, dead);
  live.forEach((value, i) => {
    writeEntry(world, (cons + i) % SIZE, value);
  });
  writeWord(world, RING.prodPage, RING.prodOffset, ((cons + live.length) % WRAP) | prodFlags);
  writeWord(world, RING.consPage, RING.consOffset, cons | consFlags);
  return world;
}

function writeEntry(world: World, index: number, value: number): void {
  const at = index * RING.entryBytes;
  writeWord(world, RING.page + (at >>> 12), at & 0xfff, value);
  writeWord(world, RING.page + (at >>> 12), (at + RING.entryBytes - 4) & 0xfff, ~value);
}

const print = (queue: Queue) => worldWith(queue).fingerprint();
const someEntries = fc.array(fc.nat(), { maxLength: SIZE });
const anIndex = fc.nat(WRAP - 1);

test('a queue counts from its consumer on: the same entries at another place, wrapped or not, are the same', () => {
  fc.assert(
    fc.property(someEntries, anIndex, anIndex, fc.nat(), fc.nat(), (live, here, there, dead, other) => {
      expect(print({ cons: here, live, dead })).toEqual(print({ cons: there, live, dead: other }));
    }),
  );
});

test('queues with other entries, more entries or another order differ', () => {
  fc.assert(
    fc.property(someEntries, someEntries, anIndex, (one, other, cons) => {
      fc.pre(one.join() !== other.join());
      expect(print({ cons, live: one })).not.toEqual(print({ cons, live: other }));
    }),
  );
});

test('the overflow flag counts by whether it was acknowledged, the error of a command queue by itself', () => {
  const calm = { cons: 3, live: [7] };
  const overflown = print({ ...calm, prodFlags: 0x8000_0000 });
  const failed = print({ ...calm, consFlags: 0x0200_0000 });

  expect(overflown).not.toEqual(print(calm));
  expect(failed).not.toEqual(print(calm));
  expect(print({ ...calm, prodFlags: 0x8000_0000, consFlags: 0x8000_0000 })).toEqual(print(calm));
});

test('an empty and a full queue differ by the wrap bit', () => {
  expect(ringLength(RING, 5, 5)).toBe(0);
  expect(ringLength(RING, 5 + SIZE, 5)).toBe(SIZE);
  expect(ringLength(RING, 1, WRAP - 1)).toBe(2);
});

test('what lies in a dead entry can be written without a trace', () => {
  const world = worldWith({ cons: 6, live: [1, 2, 3] });
  const before = world.fingerprint();

  writeEntry(world, 4, 99);

  expect(world.fingerprint()).toEqual(before);
  expect(recount(world)).toEqual(before);
});

test('a queue comes back with a step back, in a branch too', () => {
  const world = worldWith({ cons: 6, live: [1, 2, 3] });
  const before = world.fingerprint();
  startJournal(world);
  world.openStep();
  writeWord(world, RING.consPage, RING.consOffset, 7);
  const child = branch(world);
  const after = world.fingerprint();

  world.back();

  expect(world.fingerprint()).toEqual(before);
  expect(child.fingerprint()).toEqual(after);
  expect(after).toEqual(print({ cons: 7, live: [2, 3] }));
});

test('a queue is declared once, while booting, before its words are written', () => {
  const world = worldWith({ cons: 0, live: [] });
  const written = createWorld(schemaOf([]), RAM, 16);
  writeWord(written, RAM + 1, 0, 1);
  const parent = createWorld(schemaOf([]), RAM, 16);
  const child = branch(parent);

  expect(() => world.addRing(RING)).toThrow('each ring is declared once');
  expect(() => written.addRing(RING)).toThrow('before its words are written');
  expect(() => parent.addRing(RING)).toThrow('before a world is recorded or branched');
  expect(() => child.addRing(RING)).toThrow('before a world is recorded or branched');
});
