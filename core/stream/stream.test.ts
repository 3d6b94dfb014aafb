import fc from 'fast-check';
import { expect, test } from 'vitest';
import { devices } from '../devices/device.ts';
import { type Job, jobs, submit } from '../devices/job.ts';
import { headDown, links, popDown, sendUp } from '../hardware/pcie/link.ts';
import { levelIndex } from '../hardware/riscv/walk.ts';
import { type TlbShape, tlbPages } from '../hardware/tlb.ts';
import { assert, present } from '../lib/assert.ts';
import { mms } from '../process/mm.ts';
import { clearPte, makeOld, makeUsed, readPte, writeProtect } from '../process/page-table.ts';
import { enabled, perform } from '../sim/actor.ts';
import { readWord, wordsOf, writeWord, writeWords } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { nextOffset, PATTERNS, walkerOf } from './pattern.ts';
import { FIRST_PAGE, type StreamPlan } from './plan.ts';
import { startStream } from './start.ts';
import { endStream, runStream, runWithCare, type Stream } from './stream.ts';

const ACCESSES = 40;
const geometry = fc.record({
  sets: fc.constantFrom(1, 2, 4),
  ways: fc.integer({ min: 1, max: 4 }),
  replacement: fc.constantFrom('fifo' as const, 'lru' as const, 'random' as const),
  seed: fc.constantFrom(0, 7),
});
const plan: fc.Arbitrary<StreamPlan> = fc.record({
  paging: fc.constantFrom('arm64' as const, 'sv39' as const, 'sv48' as const),
  pattern: fc.constantFrom(...PATTERNS),
  pages: fc.integer({ min: 1, max: 24 }),
  stride: fc.integer({ min: 1, max: 9 }),
  pasids: fc.integer({ min: 1, max: 3 }),
  write: fc.boolean(),
  atc: fc.oneof(fc.constant(null), geometry),
  iotlb: geometry,
  seed: fc.nat(99),
});
/** The same, or with an SMMU that sets flags in page tables itself. */
const anyPlan: fc.Arbitrary<StreamPlan> = fc
  .tuple(plan, fc.constantFrom({}, { httu: 'access' as const }, { httu: 'dirty' as const }))
  .map(([given, updates]) => ({ ...given, ...updates }));
const MARKS: Readonly<Record<string, readonly string[]>> = { access: ['old'], dirty: ['old', 'clean'] };
/** What is done to some of the pages before the stream: their offset, and how they are left; clean: used, and not written. */
const damage = fc.array(fc.tuple(fc.nat(23), fc.constantFrom('gone', 'old', 'clean', 'read-only', 'run')), {
  maxLength: 6,
});

/** A page that an SMMU marks when it is first used, in a working set that an IOTLB of one entry cannot keep. */
function marked(write: boolean, how: string): [StreamPlan, [number, string][]] {
  const iotlb = { sets: 1, ways: 1, replacement: 'fifo', seed: 0 } as const;
  const plain = { pattern: 'sequential', pages: 4, stride: 1, pasids: 1, atc: null, seed: 0 } as const;
  return [{ ...plain, paging: 'arm64', httu: 'dirty', write, iotlb }, [[3, how]]];
}

test('a stream does what the machine does step by step: the same pages, hits, misses and faults, the same caches', () => {
  fc.assert(
    fc.property(anyPlan, damage, (given, spoilt) => {
      // The device with ATS that the kernel knows has PRI too, and its faults would be resolved: it has none here.
      const marks = MARKS[given.httu ?? ''] ?? [];
      const isFree = given.atc === null || given.paging !== 'arm64';
      const harm = isFree ? spoilt : spoilt.filter(([, how]) => marks.includes(how));
      const [fast, slow] = [prepared(given, harm), prepared(given, harm)];
      const told = given.atc === null ? byMessages(slow, given) : byJobs(slow, given);
      runStream(fast, ACCESSES);
      endStream(fast);

      expect({ ...fast.unit.counts, ...fast.counts }).toEqual(told);
      expect(wordsIn(fast.world, fast.unit.tlb.shape)).toEqual(wordsIn(slow.world, slow.unit.tlb.shape));
      expect(leavesIn(fast.world, given)).toEqual(leavesIn(slow.world, given));
      if (fast.atc !== null) expect(wordsIn(fast.world, fast.atc.shape)).toEqual(wordsIn(slow.world, fast.atc.shape));
    }),
    { numRuns: 60, examples: [marked(false, 'old'), marked(true, 'old'), marked(true, 'clean')] },
  );
}, 120_000);

test('what is plain comes to the same as with care: counts and caches of thousands of accesses', () => {
  const large = fc.record({
    ...{ sets: fc.constantFrom(1, 8, 64), ways: fc.integer({ min: 1, max: 8 }) },
    ...{
      replacement: fc.constantFrom('fifo' as const, 'lru' as const, 'random' as const),
      seed: fc.constantFrom(0, 7),
    },
  });
  const changes = fc.record({ pages: fc.integer({ min: 1, max: 900 }), iotlb: large, atc: fc.option(large) });
  fc.assert(
    fc.property(anyPlan, changes, damage, (given, change, harm) => {
      const [fast, slow] = [prepared({ ...given, ...change }, harm), prepared({ ...given, ...change }, harm)];
      for (const part of [0, 700, 2300]) {
        runStream(fast, part);
        for (let access = 0; access < part; access++) {
          runWithCare(slow, FIRST_PAGE + nextOffset(slow.walker));
        }
      }
      for (const stream of [fast, slow]) endStream(stream);

      expect({ ...fast.unit.counts, ...fast.counts }).toEqual({ ...slow.unit.counts, ...slow.counts, accesses: 3000 });
      expect(fast.world.fingerprint()).toEqual(slow.world.fingerprint());
    }),
    { numRuns: 20 },
  );
});

test('a working set that fits is all hits after its first round, and one page more than fits is none by lru', () => {
  const counts = (pages: number) => {
    const iotlb = { sets: 1, ways: 8, replacement: 'lru', seed: 0 } as const;
    const stream = started({ ...SEQUENTIAL, pages, iotlb });
    runStream(stream, 800);
    return stream.unit.counts;
  };

  expect(counts(8)).toMatchObject({ hits: 792, misses: 8, faults: 0 });
  expect(counts(9)).toMatchObject({ hits: 0, misses: 800, faults: 0 });
});

test('a pointer chase comes to each page once in a round', () => {
  const walker = walkerOf('chase', 100, 1, 5);
  const seen = Array.from({ length: 100 }, () => nextOffset(walker));

  expect(new Set(seen).size).toBe(100);
  expect(nextOffset(walker)).toBe(seen[0]);
});

const SEQUENTIAL: StreamPlan = {
  ...{ paging: 'sv39', pattern: 'sequential', pages: 8, stride: 1, pasids: 1, write: false, atc: null, seed: 1 },
  iotlb: { sets: 1, ways: 1, replacement: 'fifo', seed: 0 },
};

function started(given: StreamPlan): Stream {
  const stream = startStream(given);
  assert(stream.ok, 'the plan can be carried out');
  return stream.value;
}

type Damage = readonly (readonly [number, string])[];

function prepared(given: StreamPlan, harm: Damage): Stream {
  const stream = started(given);
  for (const [offset, how] of harm.filter(([page]) => page < given.pages)) {
    const page = FIRST_PAGE + (offset % given.pages);
    if (given.paging === 'arm64') harmArm(stream.world, page, how);
    else harmRiscv(stream.world, page, how);
  }
  return stream;
}

function harmArm(world: World, page: number, how: string): void {
  for (const { pgd } of mms.all(world)) {
    if (how === 'gone') clearPte(world, pgd, page);
    else if (how === 'read-only') writeProtect(world, pgd, page);
    else if (how === 'old') makeOld(world, pgd, page, false);
    else if (how === 'clean') {
      makeOld(world, pgd, page, true);
      makeUsed(world, pgd, page, false);
    }
  }
}

const MASKS: Readonly<Record<string, number>> = { gone: 0, old: ~0x40, clean: ~0x80, 'read-only': ~0x4 };

/** Each leaf of that page, wherever its table lies. `run`: it says that it stands for 16 pages (Svnapot). */
function harmRiscv(world: World, page: number, how: string): void {
  for (let table = world.slots.ramFirst; table < world.slots.ramEnd; table++) {
    const offset = levelIndex(page, 0) * 8;
    const word = readWord(world, table, offset);
    if ((word & 0xd7) !== 0xd7) continue;
    if (how !== 'run') writeWord(world, table, offset, word & (MASKS[how] ?? 0));
    else
      writeWords(world, table, offset, [
        (word & ~(15 << 10)) | (8 << 10),
        readWord(world, table, offset + 4) | (1 << 31),
      ]);
  }
}

interface Told {
  accesses: number;
  atcHits: number;
  atcMisses: number;
  faults: number;
  check: number;
  hits: number;
  misses: number;
  reads: number;
}

/** What the steps told of each access that `make` begins. */
function watch(stream: Stream, make: (place: number, page: number) => void): Told {
  const told: Told = {
    accesses: ACCESSES,
    atcHits: 0,
    atcMisses: 0,
    faults: 0,
    check: 0,
    hits: 0,
    misses: 0,
    reads: 0,
  };
  for (let i = 0; i < ACCESSES; i++) {
    let output = -1;
    const before = told.atcMisses;
    stream.world.listener = (topic, facts) => {
      if (topic !== 'facts') return;
      const { found, bytes, pfn, index } = facts;
      if (found === 'hit') told.hits++;
      if (found === 'miss') told.misses++;
      if (found === 'a miss') told.atcMisses++;
      if (index !== undefined) told.reads++;
      if (bytes !== undefined && pfn !== undefined) output = pfn as number;
    };
    const place = i % stream.pasids.length;
    make(place, FIRST_PAGE + nextOffset(stream.walker));
    if (stream.atc !== null && told.atcMisses === before) told.atcHits++;
    if (output < 0) told.faults++;
    told.check = (Math.imul(told.check, 31) + output) | 0;
  }
  return told;
}

/** Untranslated requests, as a device without ATS sends them. */
function byMessages(stream: Stream, { write }: StreamPlan): Told {
  const { world } = stream;
  const link = present(
    links.first(world, () => true),
    'there is a device',
  );
  return watch(stream, (place, page) => {
    const address = { hi: Math.floor(page / 2 ** 20), lo: (page % 2 ** 20) * 4096 };
    sendUp(world, link.id, { kind: write ? 'write' : 'read', pasid: stream.pasids[place] ?? -1, ...address, bytes: 0 });
    settle(world, () => false);
    while (headDown(world, link.id) !== null) popDown(world, link.id);
  });
}

/** Work for the engine of a device with ATS. */
function byJobs(stream: Stream, { write }: StreamPlan): Told {
  const { world } = stream;
  const device = present(
    devices.first(world, () => true),
    'there is a device',
  );
  return watch(stream, (place, page) => {
    const work = { operation: write ? 'write' : 'read', mm: -1, page, offset: 0, bytes: 8, data: 0, hops: 0 } as const;
    const { id } = submit(world, device.id, { ...work, pasid: stream.pasids[place] ?? -1 });
    const isOver = ({ state }: Job): boolean => state === 'done' || state === 'failed';
    settle(world, () => isOver(jobs.get(world, id)));
  });
}

function settle(world: World, isOver: () => boolean): void {
  for (let [move] = enabled(world); move !== undefined && !isOver(); [move] = enabled(world)) {
    perform(world, move.actor, move.choice);
  }
}

function wordsIn(world: World, cache: TlbShape): number[][] {
  return Array.from({ length: tlbPages(cache) }, (_none, page) => [...wordsOf(world, cache.page + page)]);
}

/** The descriptors of the working sets, as an SMMU has left them. */
function leavesIn(world: World, { paging, pages }: StreamPlan): number[][] {
  if (paging !== 'arm64') return [];
  return mms.all(world).flatMap(({ pgd }) =>
    Array.from({ length: pages }, (_none, page) => {
      const { lo, hi } = readPte(world, pgd, FIRST_PAGE + page);
      return [lo, hi];
    }),
  );
}
