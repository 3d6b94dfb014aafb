import { expect, test } from 'vitest';
import { checkNames } from './check-names.ts';
import { parseScript } from './parse.ts';

/** Line:column-endColumn and message of what is found. */
function found(...lines: string[]): string[] {
  const text = lines.join('\n');
  const { commands, diagnostics } = parseScript(text);
  expect(diagnostics).toEqual([]);
  return checkNames(commands, text).map((one) => `${one.line}:${one.column}-${one.endColumn} ${one.message}`);
}

const DEVICE = 'device gpu0 pci 00:01.0';

test('a script that declares before it uses has nothing to report', () => {
  expect(
    found(DEVICE, 'process app', 'mmap app heap 4K rw', 'bind app gpu0', 'store app heap -> heap', 'exit app'),
  ).toEqual([]);
});

test('an undeclared process or device is reported where it is first used, and once', () => {
  expect(found('process app', DEVICE, '  bind   ap gpu1', 'unbind ap gpu1', 'load ap heap')).toEqual([
    '3:10-12 no command before this one declares the process "ap"; did you mean "app"?',
    '3:13-17 no command before this one declares the device "gpu1"; did you mean "gpu0"?',
  ]);
});

test('a name declared later is not declared yet', () => {
  expect(found('bind app gpu0', 'process app', DEVICE)).toHaveLength(2);
});

test('a region belongs to its process', () => {
  expect(found('process app', 'process web', 'mmap app heap 4K rw', 'load web heap', 'load web heap+8')).toEqual([
    '4:10-14 no command before this one declares the region "heap" in web',
  ]);
});

test('a pointer is checked as its address is', () => {
  expect(found('process app', 'mmap app heap 4K rw', 'store app heap -> haep+8')).toEqual([
    '3:19-25 no command before this one declares the region "haep" in app; did you mean "heap"?',
  ]);
});

test('a fork declares the child with the regions of its parent, and no later ones', () => {
  const lines = ['process app', 'mmap app heap 4K rw', 'fork app kid', 'mmap app late 4K rw'];

  expect(found(...lines, 'load kid heap')).toEqual([]);
  expect(found(...lines, 'load kid late')).toHaveLength(1);
});

test('a process with a maps file may have any region, and so may its children', () => {
  expect(found('process app maps perl.maps', 'load app stack', 'fork app kid', 'load kid libc.so.6')).toEqual([]);
});

test('a number needs no declaration, and an expectation is checked like the rest', () => {
  expect(found('process app', 'load app 0x1000', 'expect mapped app 0x1000', 'expect cached atc app heap')).toEqual([
    '4:23-27 no command before this one declares the region "heap" in app',
  ]);
});

test('without the text, columns are those of the printed command', () => {
  const { commands } = parseScript('   detach    gpu0');

  expect(checkNames(commands)).toMatchObject([{ line: 1, column: 8, endColumn: 12, expected: [] }]);
});
