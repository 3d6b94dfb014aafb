import { expect, test } from 'vitest';
import { tokens } from './tokens.ts';

/** Each token as its kind and the text that it covers. */
function coloured(line: string): string[] {
  return tokens(line).map(({ kind, column, endColumn }) => `${kind} ${line.slice(column - 1, endColumn - 1)}`);
}

test('each word has the colour of what it is', () => {
  expect(coloured('under rfcv2 expect memory app heap+0x10 -> 0x20 # why')).toEqual([
    'keyword under',
    'name rfcv2',
    'verb expect',
    'keyword memory',
    'name app',
    'address heap+0x10',
    'operator ->',
    'address 0x20',
    'comment # why',
  ]);
  expect(coloured('mmap app heap 4K rw file "a b" &')).toEqual([
    ...['verb mmap', 'name app', 'name heap', 'number 4K', 'keyword rw', 'keyword file', 'string "a b"', 'operator &'],
  ]);
});

test('the first wrong word is an error and what follows is plain', () => {
  expect(coloured('bind 1 gpu0 x')).toEqual(['verb bind', 'error 1', 'plain gpu0', 'plain x']);
  expect(coloured('chapter "open')).toEqual(['verb chapter', 'error "open']);
});

test('a line that is not finished has no error', () => {
  expect(coloured('bind app')).toEqual(['verb bind', 'name app']);
  expect(coloured('  # only this')).toEqual(['comment # only this']);
});
