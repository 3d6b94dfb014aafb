import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readWord, wordsOf, writeWord } from './memory.ts';
import { LEDGER_FIRST, SRAM_FIRST } from './page-frame.ts';
import { recount } from './recount.ts';
import type { Row } from './row.ts';
import { createWorld, schemaOf, table } from './table.ts';
import { branch, rowOfKey, startJournal, type World, wordOfKey } from './world.ts';

interface Book extends Row {
  readonly title: string;
  readonly state: string;
  readonly page: number;
  readonly readers: number;
}

const books = table<Book>('book', { title: 'name', state: 'text', page: 'int', readers: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  title: r.title,
  state: r.state,
  page: r.page,
  readers: r.readers,
}));

interface Shelf extends Row {
  readonly length: number;
}

const shelves = table<Shelf>('shelf', { length: 'int' }, (id, r) => ({ id, h0: 0, h1: 0, length: r.length }));

const SCHEMA = schemaOf([books, shelves]);
const RAM = 0x80000;
/** Memory, storage inside a device, and a page that no guard may read. */
const PAGES = [RAM, RAM + 1, RAM + 2, SRAM_FIRST, SRAM_FIRST + 7, LEDGER_FIRST] as const;
const RING = {
  ...{ name: 'queue', page: RAM + 2, entryBytes: 8, log2Size: 2 },
  ...{ prodPage: SRAM_FIRST, prodOffset: 0, consPage: SRAM_FIRST, consOffset: 4 },
};

/** One write; `at` picks among the rows that live or the pages, so that most edits find one. */
interface Deed {
  readonly kind: 'insert' | 'edit' | 'remove' | 'shelve' | 'write';
  readonly at: number;
  readonly word: number;
  readonly value: number;
  readonly state: string;
}

const aNumber = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -4, max: 2 ** 52 - 1 }));
const aWord = fc.oneof(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const aDeed: fc.Arbitrary<Deed> = fc.record({
  kind: fc.constantFrom('insert', 'edit', 'edit', 'remove', 'shelve', 'write', 'write'),
  at: fc.nat(7),
  word: fc.nat(3),
  value: fc.oneof(aNumber, aWord),
  state: fc.constantFrom('lent', 'kept'),
});
const write = (at: number, word: number, value: number): Deed => ({ kind: 'write', at, word, value, state: '' });
const shelve = (value: number): Deed => ({ kind: 'shelve', at: 0, word: 0, value, state: '' });
const aStep = fc.array(aDeed, { maxLength: 6 });
const someSteps = fc.array(aStep, { minLength: 1, maxLength: 12 });

function emptyWorld(): World {
  const world = createWorld(SCHEMA, RAM, 16);
  world.addRing(RING);
  return world;
}

function libraryWorld(): World {
  const world = emptyWorld();
  books.insert(world, { title: 'Ritchie', state: 'kept', page: 0x7f12_3456_7, readers: 0 });
  shelves.insert(world, { length: 3 });
  writeWord(world, RAM, 8, 0xffff_ffff);
  return world;
}

function recorded(): World {
  const world = libraryWorld();
  startJournal(world);
  return world;
}

function pick(world: World, at: number): Book | undefined {
  const all = books.all(world);
  return all[at % all.length];
}

function act(world: World, deed: Deed): void {
  const { kind, at, value } = deed;
  if (kind === 'write') writeWord(world, PAGES[at % PAGES.length] ?? RAM, deed.word * 4, value);
  else if (kind === 'shelve') shelves.edit(world, 0, (shelf) => Object.assign(shelf, { length: value }));
  else if (kind === 'insert') books.insert(world, { title: `no. ${at}`, state: deed.state, page: value, readers: at });
  else {
    const book = pick(world, at);
    if (book === undefined) return;
    if (kind === 'remove') books.remove(world, book.id);
    else books.edit(world, book.id, (row) => Object.assign(row, { readers: value, state: deed.state }));
  }
}

function perform(world: World, deeds: readonly Deed[]): void {
  world.openStep();
  for (const deed of deeds) act(world, deed);
}

/** All that can be seen of a world: the very row objects, copies of the words, and the fingerprint. */
function view(world: World) {
  return {
    rows: SCHEMA.tables.map((each) => each.all(world)),
    words: PAGES.map((page) => [...wordsOf(world, page).slice(0, 32)]),
    print: world.fingerprint(),
  };
}

function expectSame(world: World, before: ReturnType<typeof view>): void {
  const after = view(world);
  expect(after).toEqual(before);
  after.rows.flat().forEach((row, i) => {
    expect(row).toBe(before.rows.flat()[i]);
  });
}

test('going back and forward again restores every row by identity, every word and the fingerprint', () => {
  fc.assert(
    fc.property(someSteps, fc.array(fc.nat(12), { maxLength: 8 }), (steps, stops) => {
      const world = recorded();
      const views = [view(world)];
      for (const step of steps) {
        perform(world, step);
        views.push(view(world));
      }
      for (const stop of stops) {
        const target = stop % views.length;
        world.goTo(target);
        expectSame(world, views[target] as ReturnType<typeof view>);
      }
    }),
  );
});

test('a long way at once ends where single steps have been', () => {
  fc.assert(
    fc.property(someSteps, fc.array(fc.nat(240), { minLength: 2, maxLength: 8 }), (steps, stops) => {
      const world = recorded();
      const views = [view(world)];
      for (let n = 0; n < 240; n++) {
        perform(world, steps[n % steps.length] ?? []);
        views.push(view(world));
      }
      for (const stop of stops) {
        world.goTo(stop);
        expectSame(world, views[stop] as ReturnType<typeof view>);
        expect(world.fingerprint()).toEqual(recount(world));
      }
    }),
    { numRuns: 40 },
  );
});

type Command = { readonly kind: 'perform' | 'back' | 'forward' | 'branch' | 'switch'; readonly deeds: readonly Deed[] };
const aCommand: fc.Arbitrary<Command> = fc.record({
  kind: fc.constantFrom('perform', 'perform', 'perform', 'back', 'back', 'forward', 'branch', 'switch'),
  deeds: aStep,
});

function obey(worlds: World[], { kind, deeds }: Command): void {
  const world = worlds[0] as World;
  const journal = world.journal;
  if (kind === 'perform') perform(world, deeds);
  else if (kind === 'switch') worlds.push(worlds.shift() as World);
  else if (kind === 'back') journal !== null && journal.at > 0 && world.back();
  else if (kind === 'forward') journal !== null && journal.at < journal.steps && world.forward();
  else {
    const copy = branch(world);
    if (deeds.length % 2 === 0) startJournal(copy);
    worlds.unshift(copy);
  }
}

test('the fingerprint equals the one computed from nothing, whatever was done to a world and its branches', () => {
  fc.assert(
    fc.property(fc.array(aCommand, { maxLength: 40 }), (commands) => {
      const worlds = [recorded()];
      for (const command of commands) {
        obey(worlds, command);
        for (const world of worlds) expect(world.fingerprint()).toEqual(recount(world));
      }
    }),
  );
});

test('a branch and its parent do not see what the other writes, rows nor words', () => {
  fc.assert(
    fc.property(someSteps, someSteps, fc.boolean(), (early, late, parentWrites) => {
      const parent = recorded();
      for (const step of early) perform(parent, step);
      const child = branch(parent);
      const [writer, reader] = parentWrites ? [parent, child] : [child, parent];
      const before = view(reader);

      for (const step of late) perform(writer, step);

      expectSame(reader, before);
    }),
  );
});

test('a branch that is run ends where its parent ends that is run alike', () => {
  fc.assert(
    fc.property(someSteps, someSteps, (early, late) => {
      const parent = recorded();
      for (const step of early) perform(parent, step);
      const child = branch(parent);

      for (const step of late) perform(parent, step);
      for (const step of late) perform(child, step);

      expect(view(child)).toEqual(view(parent));
    }),
  );
});

test('worlds that were filled differently but are alike have one fingerprint', () => {
  const [one, other] = [libraryWorld(), libraryWorld()];
  books.edit(one, 0, (book) => Object.assign(book, { state: 'lent' }));
  writeWord(one, RAM + 1, 0, 5);
  writeWord(other, RAM + 1, 0, 9);
  writeWord(other, RAM + 1, 0, 5);
  books.edit(other, 0, (book) => Object.assign(book, { readers: 4 }));
  books.edit(other, 0, (book) => Object.assign(book, { readers: 0, state: 'lent' }));

  expect(one.fingerprint()).toEqual(other.fingerprint());
});

test('each integer, text and word is seen by both halves of the fingerprint, each name and ledger word by none', () => {
  const world = libraryWorld();
  const [high, low] = world.fingerprint();
  const change = (deed: (copy: World) => void) => {
    const copy = branch(world);
    deed(copy);
    return copy.fingerprint();
  };
  const bookWith = (fields: Partial<Book>) =>
    change((copy) => books.edit(copy, 0, (row) => Object.assign(row, fields)));

  const seen = [
    bookWith({ readers: 1 }),
    bookWith({ state: 'lent' }),
    bookWith({ page: 0x7f12_3456_8 }),
    bookWith({ page: 0x7e12_3456_7 }),
    change((copy) => shelves.insert(copy, { length: 3 })),
    change((copy) => books.remove(copy, 0)),
    change((copy) => writeWord(copy, RAM, 8, 0xffff_fffe)),
    change((copy) => writeWord(copy, SRAM_FIRST + 7, 4, 1)),
  ];
  const unseen = [bookWith({ title: 'Thompson' }), change((copy) => writeWord(copy, LEDGER_FIRST, 64, 12345))];

  for (const [a, b] of seen) expect([a === high, b === low]).toEqual([false, false]);
  expect(unseen).toEqual([world.fingerprint(), world.fingerprint()]);
});

test('a new step after going back forgets what had been undone', () => {
  const world = recorded();
  perform(world, [write(0, 0, 1)]);
  perform(world, [write(0, 0, 2)]);
  perform(world, [shelve(9)]);
  world.back();
  world.back();

  perform(world, [write(0, 1, 7)]);

  expect(world.journal).toMatchObject({ at: 2, steps: 2 });
  expect(() => world.forward()).toThrow('there is an undone step');
  expect([readWord(world, RAM, 0), readWord(world, RAM, 4), shelves.get(world, 0).length]).toEqual([1, 7, 3]);
  world.back();
  world.back();
  expect(() => world.back()).toThrow('there is a step to go back over');
  expect(world.fingerprint()).toEqual(libraryWorld().fingerprint());
});

test('a write that belongs to no step is refused while steps are undone', () => {
  const world = recorded();
  perform(world, [shelve(9)]);
  world.back();

  expect(() => writeWord(world, RAM, 0, 1)).toThrow('what was undone is forgotten');
  expect(() => shelves.edit(world, 0, (shelf) => Object.assign(shelf, { length: 1 }))).toThrow('what was undone');
});

test('the journal knows which rows and words each step changed, and nothing that stayed as it was', () => {
  const world = recorded();
  perform(world, []);
  perform(world, [shelve(4), write(0, 3, 6), write(0, 3, 6), shelve(4)]);
  const journal = world.journal;
  const rows = [journal?.rowStart.at(1), journal?.rowEnd(1)];
  const words = [journal?.wordStart.at(1), journal?.wordEnd(1)];

  expect([rows, words]).toEqual([
    [0, 1],
    [0, 1],
  ]);
  expect(rowOfKey(journal?.rowKey.at(0) ?? -1)).toEqual({ table: shelves.at, id: 0 });
  const { slot, index } = wordOfKey(journal?.wordKey.at(0) ?? -1);
  expect([world.slots.pageOf(slot), index]).toEqual([RAM, 3]);
});

test('rows that are equal are one object, also with those from before the recording', () => {
  const world = recorded();
  const first = books.get(world, 0);
  const setReaders = (readers: number) => books.edit(world, 0, (row) => Object.assign(row, { readers }));

  const second = setReaders(1);

  expect(setReaders(0)).toBe(first);
  expect(setReaders(1)).toBe(second);
  expect(books.get(world, 0)).toBe(second);
});

test('a journal of a hundred thousand steps goes back to its beginning', () => {
  const world = recorded();
  const before = view(world);
  for (let n = 0; n < 100_000; n++) {
    world.openStep();
    writeWord(world, RAM, 0, n + 1);
    shelves.edit(world, 0, (shelf) => Object.assign(shelf, { length: n % 5 }));
  }

  const after = view(world);

  world.back();
  world.goTo(40_000);
  expect(world.fingerprint()).toEqual(recount(world));
  world.goTo(100_000);
  expectSame(world, after);
  world.goTo(0);
  expectSame(world, before);
  expect(world.journal?.bytes).toBeLessThan(5_000_000);
});
