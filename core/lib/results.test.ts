import { expect, test } from 'vitest';
import { assert, InvariantError, present } from './assert.ts';
import { ERRNO, errnoName, isError } from './errno.ts';
import { err, ok } from './result.ts';

test('an assertion that fails says what should hold', () => {
  expect(() => assert(false, 'a queue holds at most its capacity')).toThrow(
    new InvariantError('a queue holds at most its capacity'),
  );
  expect(() => assert(true, 'nothing')).not.toThrow();
});

test('what is present is given back, nought and false too', () => {
  expect([present(0, ''), present(false, ''), present('', '')]).toEqual([0, false, '']);
  expect(() => present(undefined, 'it is there')).toThrow('it is there');
  expect(() => present(null, 'it is there')).toThrow(InvariantError);
});

test('error numbers are those of Linux', () => {
  expect(errnoName(19)).toBe('ENODEV');
  expect(errnoName(4095)).toBe('errno 4095');
  expect([isError(-ERRNO.ENOMEM), isError(0), isError(12)]).toEqual([true, false, false]);
});

test('a result is either a value or an error', () => {
  expect([ok(5), err('ENOSPC')]).toEqual([
    { ok: true, value: 5 },
    { ok: false, error: 'ENOSPC' },
  ]);
});
