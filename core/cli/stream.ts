import type { Geometry, Replacement } from '../hardware/replacement.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { PATTERNS } from '../stream/pattern.ts';
import { MOST_PAGES, MOST_PASIDS, PAGINGS, type StreamPlan, UPDATES, USUAL_PLAN } from '../stream/plan.ts';
import { startStream } from '../stream/start.ts';
import { hitRate, latencyOf, runStream } from '../stream/stream.ts';
import { sizesUpTo, sweepPoint } from '../stream/sweep.ts';
import { readArguments } from './arguments.ts';
import { EXIT, type Exit, type Io } from './io.ts';

const VALUES = [
  '--tables',
  '--pattern',
  '--pages',
  '--accesses',
  '--pasids',
  '--stride',
  '--iotlb',
  '--atc',
  '--seed',
  '--httu',
];
const FLAGS = ['--write', '--sweep', '--json'];
const MOST_ENTRIES = 1024;
const MOST_ACCESSES = 1e9;

interface Asked {
  readonly plan: StreamPlan;
  readonly accesses: number;
  readonly isSweep: boolean;
  readonly isJson: boolean;
}

/** svm stream: a device streams accesses through its ATC and the IOMMU; prints what the caches did with them. */
export function stream(io: Io, given: readonly string[]): Exit {
  const asked = readAsked(given);
  const said = asked.ok ? (asked.value.isSweep ? sweep(asked.value) : once(asked.value)) : asked;
  if (said.ok) {
    io.out(said.value);
    return EXIT.held;
  }
  io.say(`svm stream: ${said.error}`);
  return EXIT.usage;
}

function once({ plan, accesses, isJson }: Asked): Result<string, string> {
  const started = startStream(plan);
  if (!started.ok) return started;
  const begin = performance.now();
  runStream(started.value, accesses);
  const seconds = (performance.now() - begin) / 1000;
  const { counts, unit } = started.value;
  const { check: _check, ...device } = counts;
  const { faults: _same, ...iommu } = unit.counts;
  const told = { ...device, ...iommu, hitRate: hitRate(started.value), latency: latencyOf(started.value), seconds };
  if (isJson) return ok(`${JSON.stringify(told)}\n`);
  const number = (value: number): string => value.toLocaleString('en');
  const lines = [
    ['accesses', number(device.accesses)],
    ...(plan.atc === null ? [] : [['ATC', `${number(device.atcHits)} hits, ${number(device.atcMisses)} misses`]]),
    ['IOTLB', `${number(iommu.hits)} hits, ${number(iommu.misses)} misses`],
    ['walks', `${number(iommu.reads)} entries of page tables read`],
    ['faults', number(device.faults)],
    ['hit rate', `${(told.hitRate * 100).toFixed(2)} % in the ${plan.atc === null ? 'IOTLB' : 'ATC'}`],
    ['latency', `${told.latency.toFixed(1)} ns until translated, by the cost model`],
    ['rate', `${number(Math.round(accesses / seconds))} accesses/s of this computer`],
  ];
  return ok(lines.map(([name = '', value = '']) => `${name.padEnd(10)}${value}\n`).join(''));
}

function sweep({ plan, isJson }: Asked): Result<string, string> {
  const points = [];
  for (const pages of sizesUpTo(plan.pages)) {
    const point = sweepPoint({ ...plan, pages });
    if (!point.ok) return point;
    points.push(point.value);
  }
  if (isJson) return ok(`${JSON.stringify(points)}\n`);
  const rows = points.map(
    ({ pages, hitRate: rate, latency }) =>
      `${String(pages).padStart(8)}${(rate * 100).toFixed(2).padStart(12)} %${latency.toFixed(1).padStart(14)} ns`,
  );
  return ok(`${'pages'.padStart(8)}${'hit rate'.padStart(14)}${'latency'.padStart(17)}\n${rows.join('\n')}\n`);
}

function readAsked(given: readonly string[]): Result<Asked, string> {
  const read = readArguments(given, { words: [], values: VALUES, flags: FLAGS });
  if (!read.ok) return read;
  const { options } = read.value;
  const problems: string[] = [];
  const take = <T>(found: Result<T, string>, usual: T): T => {
    if (!found.ok) problems.push(found.error);
    return found.ok ? found.value : usual;
  };
  const number = (name: string, usual: number, most: number): number =>
    take(wholeNumber(name, options.get(name), usual, most), usual);
  const plan: StreamPlan = {
    paging: take(oneOf('--tables', options.get('--tables'), PAGINGS, USUAL_PLAN.paging), USUAL_PLAN.paging),
    pattern: take(oneOf('--pattern', options.get('--pattern'), PATTERNS, USUAL_PLAN.pattern), USUAL_PLAN.pattern),
    pages: number('--pages', USUAL_PLAN.pages, MOST_PAGES),
    stride: number('--stride', USUAL_PLAN.stride, MOST_PAGES),
    pasids: number('--pasids', USUAL_PLAN.pasids, MOST_PASIDS),
    seed: number('--seed', USUAL_PLAN.seed, 2 ** 31),
    write: options.has('--write'),
    iotlb: take(geometryOf('--iotlb', options.get('--iotlb') ?? '16x4'), USUAL_PLAN.iotlb),
    atc: options.has('--atc') ? take(geometryOf('--atc', options.get('--atc') ?? ''), USUAL_PLAN.iotlb) : null,
  };
  const httu = options.get('--httu');
  if (httu !== undefined && plan.paging !== 'arm64')
    problems.push('--httu is about an SMMU: it goes with --tables arm64');
  const updates = httu === undefined ? {} : { httu: take(oneOf('--httu', httu, UPDATES, 'access'), 'access') };
  const accesses = number('--accesses', 1_000_000, MOST_ACCESSES);
  const [problem] = problems;
  if (problem !== undefined) return err(problem);
  return ok({
    plan: { ...plan, ...updates },
    accesses,
    isSweep: options.has('--sweep'),
    isJson: options.has('--json'),
  });
}

function wholeNumber(name: string, text: string | undefined, usual: number, most: number): Result<number, string> {
  if (text === undefined) return ok(usual);
  const value = Number(text);
  const isFine = Number.isInteger(value) && value >= 1 && value <= most;
  return isFine ? ok(value) : err(`${name} is a whole number from 1 to ${most.toLocaleString('en')}, not ${text}`);
}

function oneOf<T extends string>(
  name: string,
  text: string | undefined,
  all: readonly T[],
  usual: T,
): Result<T, string> {
  if (text === undefined) return ok(usual);
  const found = all.find((one) => one === text);
  return found === undefined ? err(`${name} is one of ${all.join(', ')}, not ${text}`) : ok(found);
}

/** SETSxWAYS, then as a script has it fifo, lru or random with its seed, after commas. */
function geometryOf(name: string, text: string): Result<Geometry, string> {
  const [, sets = '', ways = '', how = 'fifo', seed = '1'] =
    /^([0-9]+)x([0-9]+)(?:,(fifo|lru|random)(?:,([0-9]+))?)?$/u.exec(text) ?? [];
  const rows = Number(sets);
  const isFine =
    rows >= 1 && Number.isInteger(Math.log2(rows)) && Number(ways) >= 1 && rows * Number(ways) <= MOST_ENTRIES;
  if (!isFine) {
    return err(
      `${name} is SETSxWAYS[,fifo|lru|random[,SEED]] with sets a power of two and at most 1,024 entries, not "${text}"`,
    );
  }
  const replacement = how as Replacement;
  return ok({ sets: rows, ways: Number(ways), replacement, seed: replacement === 'random' ? Number(seed) : 0 });
}
