import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Address, Claim, Command, CommandOf, Stored, Verb } from './command.ts';
import { complete } from './complete.ts';
import { MAX_COLUMNS, MAX_LINES, parseLine, parseScript } from './parse.ts';
import { printCommand } from './print.ts';

type Arbitrary<T> = fc.Arbitrary<T>;
type FieldsOf<V extends Verb> = Omit<CommandOf<V>, 'verb' | 'line' | 'background'>;

const RUNS = { numRuns: 1000 };

const orNull = <T>(some: Arbitrary<T>) => fc.option(some, { nil: null });
const from = (min: number, max = Number.MAX_SAFE_INTEGER) => fc.integer({ min, max });
const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/u);
const title = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,8}$/u);
const u32 = from(0, 0xffff_ffff);
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).map((one) => one.replace(/[\r\n]/gu, ' '));
const path = fc.oneof(fc.stringMatching(/^[/a-zA-Z0-9._+-]{1,20}$/u), text);
const power = from(0, 19).map((exponent) => 2 ** exponent);
const pages = (min: number) => from(min, 2 ** 30).map((count) => count * 4096);
const perms = fc.constantFrom('rw-', 'r--', 'r-x', 'rwx', '---', '-w-', '--x', '-wx');
const flag = fc.boolean();
const literal = fc.record({ kind: fc.constant('literal' as const), hi: u32, lo: u32 });
const address: Arbitrary<Address> = fc.oneof(
  fc.record({ kind: fc.constant('region'), region: name, offset: from(0) }),
  literal,
);
const move = fc.record({ actor: name, choice: orNull(from(0)) });
const inProcess = { process: name };
const pair = { process: name, device: name };
const place = { process: name, address };
const inGroup = { device: name, prgi: from(0, 511) };
const stored: Arbitrary<Stored> = fc.oneof(
  fc.record({ holds: fc.constant('number'), number: u32 }),
  fc.record({ holds: fc.constant('pointer'), pointer: address }),
);
const anyDevice = {
  name,
  pasidWidth: orNull(from(1, 20)),
  group: orNull(from(0)),
  domain: orNull(title),
  smmu: orNull(from(0, 3)),
  unserialised: flag,
};

/** Both records in one: fast-check has no intersection of its own. */
function both<A, B>(one: Arbitrary<A>, other: Arbitrary<B>): Arbitrary<A & B> {
  return fc.tuple(one, other).map(([a, b]) => ({ ...a, ...b }));
}

function claimed<W extends Claim['what'], F extends object>(what: W, fields: { [K in keyof F]: Arbitrary<F[K]> }) {
  return both(fc.record({ what: fc.constant(what) }), fc.record(fields) as unknown as Arbitrary<F>);
}

const iovaPlace = { space: title, iova: literal };
const cache = fc.constantFrom('iotlb' as const, 'atc' as const);
const iovaState = fc.oneof(
  fc.record({ state: fc.constantFrom('mapped' as const, 'unmapped' as const) }),
  fc.record({ state: fc.constantFrom('cached' as const, 'uncached' as const), cache }),
  fc.record({ state: fc.constant('holds' as const), number: u32 }),
);
const claim: Arbitrary<Claim> = fc.oneof(
  fc.record({ what: fc.constant('ok') }),
  claimed('errno', { errno: fc.constantFrom('ENODEV', 'EBUSY', 'ENOTSUPP') }),
  claimed('pasid', { ...inProcess, pasid: orNull(from(0, 2 ** 20 - 1)) }),
  claimed('bound', { ...pair, uses: from(0) }),
  claimed('entry', { device: name, pasid: from(0, 2 ** 20 - 1), owner: orNull(name) }),
  claimed('domain', { device: name, domain: orNull(name.filter((one) => one !== 'none')) }),
  claimed('dma', { device: name, state: fc.constantFrom('done', 'failed', 'waiting') }),
  both(claimed('memory', place), stored),
  ...(['young', 'old', 'dirty', 'clean'] as const).map((what) => claimed(what, place)),
  claimed('mapped', place),
  claimed('unmapped', place),
  claimed('swapped', place),
  claimed('pinned', place),
  claimed('unpinned', place),
  claimed('cached', { ...place, cache: fc.constantFrom('iotlb', 'atc') }),
  claimed('uncached', { ...place, cache: fc.constantFrom('iotlb', 'atc') }),
  claimed('fault', { answered: from(0) }),
  claimed('answer', { ...inGroup, answer: fc.constantFrom('success', 'invalid', 'failure', 'none') }),
  claimed('partials', { device: name, partials: from(0) }),
  claimed('frames', { ...inProcess, frames: from(0) }),
  both(claimed('iova', iovaPlace), iovaState),
  claimed('private', { space: title, pasid: orNull(from(0, 2 ** 20 - 1)) }),
  claimed('asid', { ...inProcess, tags: fc.constantFrom('cpu', 'smmu'), asid: orNull(from(1, 65_535)) }),
  claimed('domain-asid', { domain: name, asid: from(1, 65_535) }),
  claimed('broken', { invariant: name }),
);

const table = orNull(fc.constantFrom('linear', '2level'));
const size = orNull(from(1, 2 ** 20));
const queues = { cmdq: orNull(power), evtq: orNull(power), priq: orNull(power) };

const onOff = orNull(fc.constantFrom('on', 'off'));
const abilities = {
  ...{ broadcast: onOff, coherent: onOff, updates: orNull(fc.constantFrom('off', 'access', 'dirty')) },
  outputBits: orNull(fc.constantFrom('32', '36', '40', '42', '44', '48')),
  smmuAsidBits: orNull(fc.constantFrom('8', '16')),
  ...{ streamBits: orNull(from(4, 16)), substreamBits: orNull(from(0, 20)), stallMax: orNull(from(0, 65_535)) },
};

const shape = fc.oneof(
  fc.record({ sets: fc.constant(null), ways: from(1, 4096) }),
  fc.record({ sets: fc.constantFrom(1, 4, 256), ways: from(1, 16) }),
);
/** A cache left out, or one that replaces as it says. */
const cacheFields = fc.oneof(
  fc.constant([null, null, null] as const),
  fc.tuple(shape, orNull(fc.constantFrom('fifo', 'lru')), fc.constant(null)),
  fc.tuple(shape, fc.constant('random' as const), orNull(from(0, 2 ** 32 - 1))),
);

const fields: { readonly [V in Verb]: Arbitrary<FieldsOf<V>> } = {
  machine: both(
    cacheFields.map(([iotlb, iotlbReplacement, iotlbSeed]) => ({ iotlb, iotlbReplacement, iotlbSeed })),
    fc.record({
      paging: orNull(fc.constantFrom('sv39', 'sv48')),
      ddt: orNull(fc.constantFrom('1', '2', '3')),
      msiFlat: orNull(fc.constantFrom('on', 'off')),
      ...{ backend: name, cdTable: table, streamTable: table, frames: size, ...queues },
      ...{ smmus: orNull(from(1, 4)), asidBits: orNull(from(3, 16)), nextAsid: orNull(from(1, 65_535)), ...abilities },
    }),
  ),
  smmu: fc.record({ smmu: from(0, 3), ...abilities }),
  policy: fc.record({ policy: name }),
  bug: fc.record({ bug: name }),
  device: fc.oneof(
    both(
      cacheFields.map(([atc, atcReplacement, atcSeed]) => ({ atc, atcReplacement, atcSeed })),
      fc.record({
        ...anyDevice,
        bus: fc.constant('pci'),
        bdf: from(0, 0xffff),
        ats: flag,
        pri: flag,
        stall: flag,
        credits: size,
        stop: orNull(fc.constantFrom('wait', 'marker')),
      }),
    ),
    fc.record({ ...anyDevice, bus: fc.constant('platform'), stall: flag }),
  ),
  process: fc.record({ name, maps: orNull(path), user: orNull(name) }),
  thread: fc.record({ ...inProcess, name }),
  mmap: both(
    fc.record({ ...inProcess, region: name, size: pages(1), perms, at: orNull(address), growsDown: flag }),
    fc.oneof(
      fc.record({ file: fc.constant(null), offset: fc.constant(null) }),
      fc.record({ file: path, offset: orNull(pages(0)) }),
    ),
  ),
  munmap: fc.record({ ...place, pages: from(1, 2 ** 52) }),
  mprotect: fc.record({ ...place, pages: from(1, 2 ** 52), perms }),
  'swap-out': fc.record({ ...place, pages: from(1, 2 ** 52) }),
  'fail-alloc': fc.record({ times: from(0) }),
  migrate: fc.record({ ...place, pages: from(1, 2 ** 52) }),
  pin: fc.record({ ...place, pages: from(1, 2 ** 52) }),
  unpin: fc.record({ ...place, pages: from(1, 2 ** 52) }),
  mlock: fc.record({ ...place, pages: from(1, 2 ** 52) }),
  age: fc.record({ ...place, pages: from(1, 2 ** 52), clean: flag }),
  madvise: fc.record({ ...place, pages: from(1, 2 ** 52), advice: fc.constantFrom('dontfork', 'dofork') }),
  fork: fc.record({ ...inProcess, child: name }),
  exec: fc.record(inProcess),
  exit: fc.record(inProcess),
  load: fc.record(place),
  store: both(fc.record(place), stored),
  bind: fc.record({ ...pair, pinned: flag, by: orNull(name) }),
  unbind: fc.record({ ...pair, by: orNull(name) }),
  vfio: fc.oneof(
    fc.record({ ...inProcess, act: fc.constant('open'), container: name }),
    fc.record({ act: fc.constantFrom('add', 'remove'), container: name, device: name }),
    fc.record({ act: fc.constantFrom('bind', 'unbind'), container: name, process: orNull(name) }),
  ),
  attach: fc.record({ device: name, domain: name, wholeGroup: flag }),
  detach: fc.record({ device: name, wholeGroup: flag }),
  unplug: fc.record({ device: name }),
  'enable-pri': fc.record({ device: name }),
  request: fc.record({
    ...{ ...inGroup, ...place },
    operation: fc.constantFrom('read', 'write'),
    last: flag,
    noPasid: flag,
  }),
  dma: fc.oneof(
    fc.record({
      by: fc.constant('process'),
      ...pair,
      operation: fc.constantFrom('read', 'write', 'chase', 'execute'),
      address,
      bytes: from(1, 0xffff_ffff),
      count: orNull(from(1)),
      noPasid: flag,
      unbound: flag,
    }),
    fc.record({
      by: fc.constant('iova'),
      device: name,
      operation: fc.constantFrom('read', 'write'),
      iova: literal,
      bytes: from(1, 0xffff_ffff),
      space: orNull(name),
    }),
  ),
  'iommu-map': fc.record({ ...iovaPlace, size: pages(1), perms }),
  'iommu-unmap': fc.record({ ...iovaPlace, pages: from(1, 2 ** 52) }),
  'alloc-pasid': fc.record({ device: name, name, pasid: orNull(from(0, 2 ** 20 - 1)) }),
  'free-pasid': fc.record({ space: name }),
  'on-fault': fc.record({
    domain: title,
    reaction: fc.constantFrom('map', 'defer', 'invalid', 'failure', 'none'),
    blocking: flag,
  }),
  'on-invalidate': fc.record({ device: name, manner: fc.constantFrom('answer', 'late', 'silent') }),
  run: fc.oneof(
    fc.record({ until: fc.constant('idle') }),
    fc.record({ until: fc.constant('count'), count: from(1) }),
    fc.record({ until: fc.constant('moment'), moment: name }),
    fc.record({ until: fc.constant('alone'), actor: name, step: orNull(name), count: orNull(from(1)) }),
  ),
  step: fc.record({ move, count: orNull(from(1)) }),
  schedule: fc.record({ moves: fc.array(move, { minLength: 1, maxLength: 5 }) }),
  chapter: fc.record({ text }),
  note: fc.record({ text }),
  expect: both(fc.record({ under: orNull(name) }), claim),
  help: fc.record({ topic: orNull(name) }),
};

const POSTED: readonly Verb[] = [
  ...(['mmap', 'munmap', 'mprotect', 'fork', 'exit', 'load', 'store'] as const),
  ...(['bind', 'unbind', 'vfio', 'attach', 'detach', 'unplug', 'enable-pri', 'dma', 'request'] as const),
  ...(['migrate', 'pin', 'unpin', 'mlock', 'madvise', 'age', 'exec'] as const),
  ...(['swap-out', 'iommu-map', 'iommu-unmap', 'alloc-pasid', 'free-pasid'] as const),
];

const command: Arbitrary<Command> = fc.oneof(
  ...(Object.keys(fields) as Verb[]).map((verb) =>
    fc
      .tuple(fields[verb] as Arbitrary<object>, POSTED.includes(verb) ? flag : fc.constant(false))
      .map(([own, background]) => structuredClone({ line: 1, background, verb, ...own }) as Command),
  ),
);

/** A text near the language: lines, cut and glued. */
const scrap = fc.oneof(
  command.map(printCommand),
  fc.tuple(command.map(printCommand), fc.nat(80)).map(([line, end]) => line.slice(0, end)),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('\n', '\r', '#', '"', '\\', '&', '->', ' ', '\u2028', 'expect ', 'under '),
);

/** The live names that make the offers for this command right ones, and some that the language cannot write. */
function knownFor(one: Command) {
  const process = ('process' in one ? one.process : null) ?? 'app';
  const names = ['app', 'gpu0', 'constructor', 'Not A Name', ''];
  return {
    processes: [...names, process],
    devices: names,
    regions: { [process]: ['heap', '[stack]', 'libc.so.6', '/usr/lib/x y'] },
    domains: names,
    containers: names,
    spaces: names,
    backends: ['smmuv3'],
    policies: ['rfcv2'],
    bugs: ['none'],
    answers: ['bonds=per-device'],
    invariants: ['context-refs'],
    moments: ['fault.queued'],
    steps: ['iommu_process_bind_device.attach'],
    actors: ['gpu0', 'gpu0/1', 'irq'],
    files: ['python.maps', 'a file & "more" #1'],
  };
}

test('parsing what was printed gives the command back', () => {
  fc.assert(
    fc.property(command, (one) => {
      expect(parseLine(printCommand(one))).toStrictEqual({ command: one, diagnostic: null });
    }),
    { numRuns: 3000 },
  );
});

test('any text is read without an exception, each line as a command, a diagnostic or nothing', () => {
  fc.assert(
    fc.property(fc.array(scrap, { maxLength: 12 }), (scraps) => {
      const script = scraps.join('');
      const lines = script.split(/\r\n|\r|\n/u);

      const { commands, diagnostics } = parseScript(script);

      const isSilent = (line: string) => /^\s*(#|$)/u.test(line) && line.length <= MAX_COLUMNS;
      const spoken = lines.flatMap((line, index) => (isSilent(line) ? [] : [index + 1]));
      expect([...commands, ...diagnostics].map(({ line }) => line).sort((a, b) => a - b)).toEqual(spoken);
      expect(lines.length).toBeLessThan(MAX_LINES);
    }),
    RUNS,
  );
});

test('printing is normal: it settles after one time', () => {
  fc.assert(
    fc.property(scrap, (line) => {
      const { command: one } = parseLine(line);
      fc.pre(one !== null);

      const printed = printCommand(one);

      expect(parseLine(printed).command).toStrictEqual(one);
    }),
    RUNS,
  );
});

test('every word that completion offers may stand where it is offered', () => {
  let offered = 0;
  fc.assert(
    fc.property(command, fc.nat(), (one, anywhere) => {
      const line = printCommand(one);
      const cursor = anywhere % (line.length + 1);
      for (const { text: word, from: start } of complete(line.slice(0, cursor), cursor, knownFor(one))) {
        const { diagnostic } = parseLine(line.slice(0, start) + word);
        expect(diagnostic?.column ?? Number.POSITIVE_INFINITY).toBeGreaterThan(start + word.length);
        offered += 1;
      }
    }),
    RUNS,
  );
  expect(offered).toBeGreaterThan(500);
});
