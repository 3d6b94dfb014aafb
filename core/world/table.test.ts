import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { Row, Sealed } from './row.ts';
import { createWorld, freezeRows, schemaOf, table } from './table.ts';
import { startJournal, type World } from './world.ts';

interface Part extends Row {
  readonly label: string;
  readonly state: string;
  readonly first: number;
  readonly last: number;
  readonly inner: Sealed | null;
}

/** The fields are declared in another order than the copy lays them out. */
const FIELDS = { last: 'int', first: 'int', inner: 'sealed', label: 'name', state: 'text' } as const;
const parts = table<Part>('part', FIELDS, (id, r) => ({
  ...{ id, h0: 0, h1: 0 },
  ...{ label: r.label, state: r.state, first: r.first, last: r.last, inner: r.inner },
}));
const others = table<Row & { readonly first: number }>('other', { first: 'int' }, (id, r) => ({
  ...{ id, h0: 0, h1: 0 },
  first: r.first,
}));
const SCHEMA = schemaOf([parts, others]);

const PART = { label: 'p', state: 'new', first: 1, last: 2, inner: null };

afterEach(() => freezeRows(false));

function emptyWorld(): World {
  return createWorld(SCHEMA, 0, 4);
}

function printOf(fields: Partial<typeof PART | Pick<Part, 'inner'>>): readonly [number, number] {
  const world = emptyWorld();
  parts.insert(world, { ...PART, ...fields });
  return world.fingerprint();
}

test('a new row takes the lowest free id', () => {
  const world = emptyWorld();
  const ids = [0, 1, 2, 3].map(() => parts.insert(world, PART).id);
  parts.remove(world, 2);
  parts.remove(world, 1);

  const again = [parts.insert(world, PART).id, parts.insert(world, PART).id, parts.insert(world, PART).id];

  expect(ids).toEqual([0, 1, 2, 3]);
  expect(again).toEqual([1, 2, 4]);
});

test('a new row takes the lowest free id, whatever lived and left before', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(9), { nil: null })), (deeds) => {
      const world = emptyWorld();
      const alive = new Set<number>();
      for (const leaving of deeds) {
        if (leaving !== null && alive.delete(leaving)) parts.remove(world, leaving);
        if (leaving !== null) continue;
        const free = [...alive, -1].map((id) => id + 1).filter((id) => !alive.has(id));
        const { id } = parts.insert(world, PART);
        expect(id).toBe(alive.has(0) ? Math.min(...free) : 0);
        alive.add(id);
      }
      expect(parts.all(world).map((row) => row.id)).toEqual([...alive].sort((a, b) => a - b));
    }),
  );
});

test('an edit replaces the row and leaves the old one as it was', () => {
  const world = emptyWorld();
  const old = parts.insert(world, PART);

  const edited = parts.edit(world, 0, (draft) => {
    draft.state = 'used';
    draft.last = 9;
  });

  expect(old).toMatchObject(PART);
  expect(edited).toMatchObject({ ...PART, state: 'used', last: 9 });
  expect(parts.get(world, 0)).toBe(edited);
});

test('a row that is not there is found as undefined, and getting it says what should hold', () => {
  const world = emptyWorld();
  parts.insert(world, PART);
  parts.insert(world, { ...PART, last: 8 });
  parts.remove(world, 0);

  expect(parts.find(world, 0)).toBeUndefined();
  expect(parts.first(world, ({ last }) => last === 8)?.id).toBe(1);
  expect(parts.first(world, ({ last }) => last === 2)).toBeUndefined();
  expect(() => parts.get(world, 0)).toThrow('part 0 exists');
  expect(() => parts.remove(world, 0)).toThrow('part 0 exists');
  expect(() => parts.edit(world, 0, () => undefined)).toThrow('part 0 exists');
});

test('rows are frozen where that is asked for, recorded or not', () => {
  freezeRows(true);
  const world = emptyWorld();
  const row = parts.insert(world, PART) as { last: number };
  startJournal(world);
  world.openStep();
  const edited = parts.edit(world, 0, (draft) => Object.assign(draft, { last: 3 })) as { last: number };

  for (const each of [row, edited]) {
    expect(() => {
      each.last = 7;
    }).toThrow('read only');
  }
});

const aPart = fc.record({
  state: fc.constantFrom('new', 'used'),
  first: fc.integer({ min: -(2 ** 52), max: 2 ** 53 - 1 }),
  last: fc.oneof(fc.nat(2), fc.integer({ min: -(2 ** 33), max: 2 ** 33 })),
  inner: fc.oneof(fc.constant(null), fc.record({ h0: fc.integer(), h1: fc.integer() })),
});

test('rows that differ in any field but the name differ in both halves of their hash', () => {
  fc.assert(
    fc.property(aPart, aPart, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      const [a, b] = [printOf(one), printOf(other)];
      expect(a[0]).not.toBe(b[0]);
      expect(a[1]).not.toBe(b[1]);
    }),
    { numRuns: 1000 },
  );
  expect(printOf({ label: 'another' })).toEqual(printOf({}));
});

test('the same cells under another id or in another table are another row', () => {
  const [one, two, three] = [emptyWorld(), emptyWorld(), emptyWorld()];
  parts.insert(one, PART);
  parts.insert(two, PART);
  parts.insert(two, PART);
  parts.remove(two, 0);
  others.insert(three, { first: 1 });

  expect(two.fingerprint()).not.toEqual(one.fingerprint());
  expect(three.fingerprint()).not.toEqual(one.fingerprint());
});

test('equal means equal in every field, names too', () => {
  const row = parts.insert(emptyWorld(), PART);
  const named = parts.insert(emptyWorld(), { ...PART, label: 'q' });

  expect(parts.equal(row, parts.fresh(row))).toBe(true);
  expect(parts.equal(row, named)).toBe(false);
  expect([named.h0, named.h1]).toEqual([row.h0, row.h1]);
});

test('a table tells its fields and their kinds', () => {
  expect(others.describe()).toEqual([{ key: 'first', kind: 'int' }]);
  expect(Object.fromEntries(parts.describe().map(({ key, kind }) => [key, kind]))).toEqual(FIELDS);
});

test('a schema has each table once, and a table one schema', () => {
  const twin = table<Row & { readonly first: number }>('part', { first: 'int' }, (id, { first }) => ({
    ...{ id, h0: 0, h1: 0 },
    first,
  }));

  expect(() => schemaOf([parts, twin])).toThrow('table names are unique');
  expect(() => schemaOf([others])).toThrow('table other is in one schema only');
});
