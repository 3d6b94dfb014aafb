import { expect, test } from 'vitest';
import { explain } from './explain.ts';
import { help } from './help.ts';

test('a verb is explained by its help, wherever in the word one looks', () => {
  const first = explain('  bind app gpu0', 3);

  expect(first).toEqual({ column: 3, endColumn: 7, word: 'bind', parameter: null, text: help('bind') });
  expect(explain('  bind app gpu0', 6)).toEqual(first);
});

test('a parameter is explained by what may stand there', () => {
  expect(explain('bind app gpu0', 10)).toEqual({
    column: 10,
    endColumn: 14,
    word: 'gpu0',
    parameter: 'DEVICE',
    text: 'a device',
  });
  expect(explain('under mainline expect pasid app 1', 7)?.parameter).toBe('POLICIES');
});

test('a keyword says whose it is, and a sign what it does', () => {
  expect(explain('run until fault.handled', 5)?.text).toBe('belongs to run');
  expect(explain('bind app gpu0 &', 15)?.text).toBe('posts the command: the lines after it do not wait');
});

test('spaces, comments and words after a mistake are not explained', () => {
  expect(explain('bind app gpu0', 5)).toBeNull();
  expect(explain('bind app # gpu0', 12)).toBeNull();
  expect(explain('bnid app gpu0', 6)).toBeNull();
});
