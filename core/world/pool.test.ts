import { expect, test } from 'vitest';
import { Pool } from './pool.ts';

interface Thing {
  readonly value: number;
  h0: number;
  h1: number;
}

const same = (a: Thing, b: Thing): boolean => a.value === b.value;
const thing = (value: number, h0 = Math.imul(value, 0x9e37_79b1), h1 = value): Thing => ({ value, h0, h1 });

test('equal things become the one that came first, through every growth', () => {
  const pool = new Pool();
  const first = Array.from({ length: 5000 }, (_, value) => pool.intern(thing(value), same));

  const second = first.map((_, value) => pool.intern(thing(value), same));

  expect(pool.size).toBe(5000);
  expect(second.every((each, value) => each === first[value] && each.value === value)).toBe(true);
});

test('things that only share their hash stay apart', () => {
  const pool = new Pool();
  const [one, other] = [pool.intern(thing(1, 5, 5), same), pool.intern(thing(2, 5, 5), same)];

  expect([one.value, other.value]).toEqual([1, 2]);
  expect(pool.intern(thing(2, 5, 5), same)).toBe(other);
  expect(pool.intern(thing(1, 5, 5), same)).toBe(one);
});
