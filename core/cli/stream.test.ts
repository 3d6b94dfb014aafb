import { expect, test } from 'vitest';
import type { Io } from './io.ts';
import { stream } from './stream.ts';

function ran(line: string): { exit: number; out: string; said: string[] } {
  const said: string[] = [];
  let out = '';
  const io: Io = {
    out: (text) => {
      out += text;
    },
    say: (text) => said.push(text),
    ...{ read: () => null, bytes: () => null },
  };
  const exit = stream(io, line.split(' ').filter(Boolean));
  return { exit, out, said };
}

test('a stream tells hits, misses and faults of each cache', () => {
  const { exit, out } = ran('--tables sv48 --pattern sequential --pages 32 --accesses 3200 --atc 1x32 --json');

  expect(exit).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    ...{ accesses: 3200, atcHits: 3168, atcMisses: 32, hits: 0, misses: 32, reads: 128, faults: 0, hitRate: 0.99 },
  });
});

test('a sweep shows where the working set outgrows the IOTLB', () => {
  const { out } = ran('--tables sv39 --pattern sequential --pages 128 --iotlb 16x4,lru --sweep --json');

  expect(JSON.parse(out).map(({ hitRate }: { hitRate: number }) => hitRate)).toEqual([1, 1, 1, 1, 1, 1, 1, 0]);
});

test.each([
  ['--pages 0', '--pages is a whole number from 1 to 262,144, not 0'],
  ['--tables x86', '--tables is one of arm64, sv39, sv48, not x86'],
  [
    '--iotlb 3x4',
    '--iotlb is SETSxWAYS[,fifo|lru|random[,SEED]] with sets a power of two and at most 1,024 entries, not "3x4"',
  ],
  ['--httu all', '--httu is one of access, dirty, not all'],
  ['--httu dirty --tables sv48', '--httu is about an SMMU: it goes with --tables arm64'],
  ['--pattern zigzag', '--pattern is one of sequential, strided, random, chase, not zigzag'],
])('%s is refused with the reason', (line, why) => {
  expect(ran(line)).toEqual({ exit: 64, out: '', said: [`svm stream: ${why}`] });
});
