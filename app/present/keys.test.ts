import { expect, test } from 'vitest';
import { toldColumns } from '../picture/told.ts';
import { presentAction } from './keys.ts';

test('a remote control goes on, back and black, and on black every key but Escape goes on', () => {
  expect(
    ['PageDown', 'PageUp', '.', 'B', 'F', 'Escape', 'x', 'constructor'].map((key) => presentAction(key, false)),
  ).toEqual(['on', 'back', 'black', 'black', 'screen', 'leave', null, null]);
  expect(['PageDown', 'x', 'Escape'].map((key) => presentAction(key, true))).toEqual(['black', 'black', 'leave']);
});

test('the columns that tell a moment lie side by side, never one alone, and all where nothing happens', () => {
  const told = (happens: string) => toldColumns([...happens].map((one) => one === 'x')).map((one) => (one ? 'x' : '.'));
  expect(['.x.x', 'x...', '...x', '....', 'xx..'].map((happens) => told(happens).join(''))).toEqual([
    ...['.xxx', 'xx..', '..xx', 'xxxx', 'xx..'],
  ]);
});
