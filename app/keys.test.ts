import { expect, test } from 'vitest';
import { actionFor, neighbour } from './keys.ts';

const press = (key: string, held = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});
const nowhere = { text: false, dialog: false, edits: false, control: false, arrows: false };
const onButton = { ...nowhere, control: true };
const onThing = { ...nowhere, control: true, arrows: true };
const inText = { ...nowhere, text: true, control: true };

test('arrows step, unless the focus has its own use for them', () => {
  expect(actionFor(press('ArrowRight'), nowhere)).toBe('forward');
  expect(actionFor(press('ArrowLeft'), onButton)).toBe('back');
  expect(actionFor(press('ArrowRight'), onThing)).toBeNull();
  expect(actionFor(press('ArrowRight'), inText)).toBeNull();
});

test('full stop and comma step everywhere but in a text', () => {
  expect([nowhere, onButton, onThing].map((focus) => actionFor(press('.'), focus))).toEqual(Array(3).fill('forward'));
  expect(actionFor(press(','), onThing)).toBe('back');
  expect(actionFor(press('.'), inText)).toBeNull();
});

test('space plays, unless it presses something', () => {
  expect(actionFor(press(' '), nowhere)).toBe('play');
  expect(actionFor(press(' '), onButton)).toBeNull();
});

test('Ctrl+Z undoes edits, but not where a text is typed', () => {
  const held = [{ ctrlKey: true }, { metaKey: true, shiftKey: true }];
  expect(held.map((keys) => actionFor(press('z', keys), onButton))).toEqual(['undo', 'redo']);
  expect(actionFor(press('z', { ctrlKey: true }), inText)).toBeNull();
});

test('Escape leaves what is compared, unless it closes a dialog', () => {
  expect(actionFor(press('Escape'), onButton)).toBe('leave');
  expect(actionFor(press('Escape'), { ...onButton, dialog: true })).toBeNull();
});

test('keys with a modifier belong to the browser', () => {
  expect(actionFor(press('ArrowRight', { altKey: true }), nowhere)).toBeNull();
  expect(actionFor(press('.', { ctrlKey: true }), nowhere)).toBeNull();
});

test('arrows inside a column stop at its ends', () => {
  expect(neighbour('ArrowDown', 2, 3)).toBe(2);
  expect(neighbour('ArrowUp', 0, 3)).toBe(0);
  expect(neighbour('Home', 2, 3)).toBe(0);
  expect(neighbour('End', 0, 3)).toBe(2);
  expect(neighbour('x', 1, 3)).toBeNull();
});
