import { expect, test } from 'vitest';
import { keepEqual } from './share.ts';

test('equal values are the old object', () => {
  const old = { list: [{ a: 1 }, { b: [2] }] };

  expect(keepEqual(old, structuredClone(old))).toBe(old);
});

test('what changed is new, all else is the old object', () => {
  const old = { left: { a: 1 }, right: { list: [{ x: 1 }, { y: 2 }] } };

  const kept = keepEqual(old, { left: { a: 1 }, right: { list: [{ x: 1 }, { y: 3 }] } });

  expect(kept).toEqual({ left: { a: 1 }, right: { list: [{ x: 1 }, { y: 3 }] } });
  expect(kept.left).toBe(old.left);
  expect(kept.right.list[0]).toBe(old.right.list[0]);
  expect(kept.right).not.toBe(old.right);
});

test('lists that got shorter or longer are new', () => {
  const old = [{ a: 1 }, { a: 2 }];

  expect(keepEqual(old, [{ a: 1 }])).toEqual([{ a: 1 }]);
  expect(keepEqual(old, [{ a: 1 }])[0]).toBe(old[0]);
  expect(keepEqual([{ a: 1 }], old)).toEqual(old);
});

test('a field that is gone makes an object new', () => {
  expect(keepEqual({ a: 1, b: 2 }, { a: 1 })).toEqual({ a: 1 });
  expect(keepEqual(null, { a: 1 })).toEqual({ a: 1 });
  expect(keepEqual({ a: 1 }, [1])).toEqual([1]);
});
