/** How a script writes the geometry of a cache. */
import { ok, type Result } from '../lib/result.ts';
import type { CacheShape } from './command.ts';
import { DIGITS, inRange, numeric, U32_MAX, type ValueType, whole } from './values.ts';

/** A power of two of sets, and how many ways each has; a number alone says how many entries there are. */
export const cacheShape: ValueType<CacheShape> = {
  label: 'SETSxWAYS',
  noun: 'a number of entries, or sets and ways such as 16x4',
  token: 'number',
  quotes: 'never',
  shape: whole(`(?:[0-9]+x)?${DIGITS}`),
  read: readCacheShape,
  print: ({ sets, ways }) => (sets === null ? String(ways) : `${sets}x${ways}`),
  names: () => ['16x4', '256x4', '64'],
};
/** Where the choices of a cache that replaces by chance begin. */
export const seed = numeric('SEED', 'a seed', { min: 0, max: U32_MAX });

const MOST_ENTRIES = 2 ** 20;

function readCacheShape(text: string): Result<CacheShape, string> {
  const [, setsText, waysText = ''] = /^(?:([0-9]+)x)?(.*)$/u.exec(text) ?? [];
  const ways = inRange('a number of entries', Number(waysText), { min: 1, max: MOST_ENTRIES });
  if (!ways.ok) return ways;
  if (setsText === undefined) return ok({ sets: null, ways: ways.value });
  const range = { min: 1, max: MOST_ENTRIES, powerOfTwo: true };
  const sets = inRange('a power of two of sets', Number(setsText), range);
  return sets.ok ? ok({ sets: sets.value, ways: ways.value }) : sets;
}
