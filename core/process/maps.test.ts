import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { files, nameWords } from './file.ts';
import { MAX_LINES, mapAll, parseMaps } from './maps.ts';
import { aProcess, load, smallWorld } from './testing.ts';
import { vmaLookup, vmasOf } from './vma.ts';

function fixture(name: string): string {
  return readFileSync(new URL(`./testdata/${name}.maps`, import.meta.url), 'utf8');
}

test.each([
  ['cat', 37],
  ['perl', 48],
])('every line of %s is a VMA, but for the page that the kernel has', (name, count) => {
  const { vmas, skipped, diagnostics } = parseMaps(fixture(name));

  expect(diagnostics).toEqual([]);
  expect(vmas).toHaveLength(count);
  expect(skipped.map(({ text }) => text)).toEqual([expect.stringContaining('[vsyscall]')]);
  expect(skipped[0]?.why).toContain('kernel');
});

test('range, rights, offset, kind and name come from the line', () => {
  const { vmas } = parseMaps(fixture('cat'));

  expect(vmas[1]).toEqual({
    ...{ start: 0x55d3e9cce, end: 0x55d3e9cd3, read: 1, write: 0, exec: 1, shared: 0, offset: 2, line: 2 },
    ...{ kind: 'file', name: '/usr/bin/cat', path: '/usr/bin/cat' },
  });
  expect(vmas.find(({ name }) => name === 'heap')).toMatchObject({ kind: 'anon', write: 1, path: null });
  expect(vmas.at(-1)).toMatchObject({ kind: 'stack', name: 'stack' });
  expect(vmas.filter(({ kind }) => kind === 'special').map(({ name }) => name)).toEqual([
    'vvar',
    'vvar_vclock',
    'vdso',
  ]);
  expect(vmas.filter(({ shared }) => shared === 1)).toHaveLength(1);
});

test.each([
  ['nonsense', 1, 'expected an address range such as'],
  ['1000-2000 rw-q 00000000 00:00 0', 11, 'expected rights such as r-xp'],
  ['1000-2000 rw-p zz 00:00 0', 16, 'expected an offset in hex'],
  ['1000-2000 rw-p 00000000 0000 0', 25, 'expected a device such as fe:00'],
  ['1000-2000 rw-p 00000000 00:00', 30, 'expected an inode number'],
  ['1000-2000 rw-p 00000000 00:00 0x', 32, 'expected a path'],
  ['1234-2000 rw-p 00000000 00:00 0', 1, 'an address is a multiple of 0x1000'],
  ['1000-2004 rw-p 00000000 00:00 0', 6, 'an address is a multiple of 0x1000'],
  ['2000-2000 rw-p 00000000 00:00 0', 6, 'the range ends before it begins'],
  ['1000-2000 rw-p 00000010 00:00 0', 16, 'an offset is a multiple of 0x1000'],
])('%s is refused at column %i', (line, column, message) => {
  const { vmas, diagnostics } = parseMaps(`\n${line}\n`);

  expect(vmas).toEqual([]);
  expect(diagnostics).toEqual([{ line: 2, column, message: expect.stringContaining(message) }]);
});

test('lines that overlap or are out of order are refused, the others stay', () => {
  const lines = ['5000-8000', '7000-9000', '1000-2000', '8000-9000'];
  const { vmas, diagnostics } = parseMaps(lines.map((range) => `${range} rw-p 00000000 00:00 0`).join('\n'));

  expect(vmas.map(({ start }) => start)).toEqual([5, 8]);
  expect(diagnostics.map(({ line }) => line)).toEqual([2, 3]);
  expect(diagnostics[0]?.message).toContain('line 1');
});

test('shared memory without a file is a file of the kernel', () => {
  const { vmas } = parseMaps('1000-2000 rw-s 00000000 00:01 7 [anon_shmem:ring]\n2000-3000 rw-s 00000000 00:00 0\n');

  expect(vmas).toMatchObject([
    { kind: 'file', path: '[anon_shmem:ring]', shared: 1 },
    { kind: 'file', path: '/dev/zero (deleted)', shared: 1 },
  ]);
});

test('a text without end is cut off with a note', () => {
  const { vmas, diagnostics } = parseMaps(`${fixture('cat')}${'\n'.repeat(MAX_LINES)}`);

  expect(vmas).toHaveLength(37);
  expect(diagnostics).toEqual([{ line: MAX_LINES + 1, column: 1, message: expect.stringContaining('lines') }]);
});

test('no text makes it throw', () => {
  const piece = fc.oneof(
    fc.constantFrom('1000-2000', ' rw-p', ' 00000000', ' 00:00', ' 0', '\n', '[heap]'),
    fc.string(),
  );

  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      for (const { line, column } of parseMaps(pieces.join('')).diagnostics) {
        expect(line).toBeGreaterThan(0);
        expect(column).toBeGreaterThan(0);
      }
    }),
  );
});

test('a real process can be read from: its libc is where its maps say', () => {
  const world = smallWorld();
  const app = aProcess(world, 'cat');
  mapAll(world, app.mm, parseMaps(fixture('cat')).vmas);

  const page = 0x7ff2f25bb + 3;

  expect(vmasOf(world, app.mm)).toHaveLength(37);
  expect(vmaLookup(world, app.mm, page)?.name).toBe('/usr/lib/x86_64-linux-gnu/libc.so.6');
  expect(load(world, app, page)).toBe(nameWords('libc.so.6')[0]);
  expect(load(world, app, page, 6 * 4)).toBe(0x26 + 3);
  expect(files.all(world).filter(({ name }) => name.endsWith('libc.so.6'))).toHaveLength(1);
});
