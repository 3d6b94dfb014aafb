import fc from 'fast-check';
import { expect, test } from 'vitest';
import { errnoName, isError } from '../lib/errno.ts';
import { createAudit, standings } from '../machine/invariants/audit.ts';
import { brokenClaims, INVARIANTS } from '../machine/invariants/index.ts';
import { eventsOf, type Machine } from '../machine/machine.ts';
import { leftOver, underWay } from '../machine/quiet.ts';
import type { TraceEntry } from '../machine/trace.ts';
import type { Command } from '../script/index.ts';
import { type Actor, actors } from '../sim/actor.ts';
import { now } from '../sim/clock.ts';
import { allSteps } from '../sim/procedure.ts';
import { seeded } from '../sim/random.ts';
import { recount } from '../world/recount.ts';
import { freezeRows } from '../world/table.ts';
import { branch } from '../world/world.ts';
import { eventNow, machineOf, type Outcome, type Play, runUntil } from './play.ts';
import { REFUSALS } from './rules.ts';
import { replayFlaw } from './testing/replay.ts';
import { comeToRest, endAll, type Listener, type Plan, playPlan } from './testing/sequence.ts';
import { difference, snapshot } from './testing/snapshot.ts';
import { BY_LUCK, UNREACHABLE } from './testing/unmet.ts';

/** Random sequences that are played; `npm run check` plays fewer, `npm run prove` many more. */
const RUNS = Number(process.env['SVM_RUNS'] ?? 400);
/** The same with a RISC-V IOMMU: with fewer, whole functions of its driver are left out. */
const RISCV_RUNS = Math.ceil(Number(process.env['SVM_RUNS'] ?? 1000) / 4);
const SEED = Number(process.env['SVM_SEED'] ?? 20171006);
/** The first sequence that is played: a flaw at path 3523 is found again by SVM_FROM=3523 SVM_RUNS=1. */
const FROM = process.env['SVM_FROM'] ?? '0';
/** Events of a sequence on average: 1,000 sequences have 200,000, and those of `npm run prove` five million. */
const LEAST_EVENTS = 250;
/** Runs of a sequence that are tried on a branch first. */
const MOST_BRANCHES = 2;
const PATIENCE_MS = Math.max(600_000, RUNS * 500);

const number = fc.noShrink(fc.nat());
const plansFor = (backend: Plan['backend']): fc.Arbitrary<Plan> =>
  fc.record({
    backend: fc.constant(backend),
    scheduler: fc.constantFrom('clock' as const, 'chance' as const),
    stage: number,
    lines: fc.array(number, { minLength: 4, maxLength: 28, size: 'max' }),
  });

/** What was seen over all sequences. */
const seen = {
  sequences: 0,
  events: 0,
  lines: 0,
  accepted: 0,
  labels: new Set<string>(),
  messages: new Set<string>(),
  errnos: new Set<string>(),
  /** Invariants whose premise was met. */
  tried: new Set<string>(),
};

test(
  `a machine keeps its promises over ${RUNS} random sequences, whoever decides who moves`,
  () => {
    freezeRows(true);
    fc.assert(fc.property(plansFor('smmuv3'), keepsPromises), { numRuns: RUNS, seed: SEED, path: FROM });
  },
  PATIENCE_MS,
);

test(
  `so does one with a RISC-V IOMMU, over ${RISCV_RUNS} random sequences`,
  () => {
    fc.assert(fc.property(plansFor('riscv'), keepsPromises), { numRuns: RISCV_RUNS, seed: SEED, path: FROM });
  },
  PATIENCE_MS,
);

/** Everything that holds for one sequence; a flaw is told with the script that leads to it. */
function keepsPromises(plan: Plan): void {
  const script: string[] = [];
  try {
    const sequence = playPlan(plan, watcher(), script);
    const { world } = machineOf(sequence.play);
    comeToRest(sequence);
    expect(underWay(world)).toEqual([]);
    endAll(sequence);
    expect([...underWay(world), ...leftOver(world)]).toEqual([]);
    expect(recount(world)).toEqual(world.fingerprint());
    expect(replayFlaw(machineOf(sequence.play), seeded(plan.stage), see)).toBeNull();
    noteTried(machineOf(sequence.play));
    seen.events += eventNow(sequence.play);
    seen.sequences++;
  } catch (error) {
    throw new Error(`${error}\n${script.join('\n')}`, { cause: error });
  }
}

function noteTried(machine: Machine): void {
  const { world, audit } = machine;
  for (const { id, events } of standings(world, audit, eventsOf(machine))) if (events > 0) seen.tried.add(id);
}

function see(entry: TraceEntry): void {
  seen.labels.add(entry.step);
  for (const { traffic, text } of entry.messages) seen.messages.add(traffic === 'call' ? traffic : kindOf(text));
}

/** The words that a text begins with: CMD_CFGI_CD, page request. */
function kindOf(text: string): string {
  return /^[A-Za-z_]+(?:[.-][A-Za-z_]+)?(?: [a-zA-Z]+)*(?![\w.])/.exec(text)?.[0] ?? text;
}

/** Checks what became of each line. */
function watcher(): Listener {
  const answers = answerWatcher();
  let before = '';
  let compare: (() => void) | null = null;
  let branched = 0;
  return {
    before: (play, command) => {
      answers.before(play);
      before = fingerprintOf(play);
      compare = isRun(command) && play.recording && branched++ < MOST_BRANCHES ? ranOnABranch(play) : null;
    },
    after: (play, outcome) => {
      seen.lines++;
      if (outcome.state !== 'refused') seen.accepted++;
      answers.after(play, outcome);
      expect(play.machine?.broken?.claims ?? []).toEqual([]);
      if (play.machine !== null) expect(brokenClaims(play.machine.world)).toEqual([]);
      if (outcome.state === 'refused' && before !== '') expect(fingerprintOf(play)).toBe(before);
      if (outcome.state === 'failed') expect(mayFail(outcome)).toBe(true);
      compare?.();
    },
  };
}

/** Notes what the kernel answered to each line, also to those that were posted: when their thread has come to an end. */
function answerWatcher(): { before(play: Play): void; after(play: Play, outcome: Outcome): void } {
  const posted = new Map<number, string>();
  let idle = new Set<number>();
  const collect = (rows: readonly Actor[]): void => {
    for (const { id, frame, result } of rows) {
      const verb = frame === null ? posted.get(id) : undefined;
      if (verb !== undefined && isError(result)) seen.errnos.add(`${verb} ${errnoName(-result)}`);
      if (verb !== undefined) posted.delete(id);
    }
  };
  return {
    before: (play) => {
      const rows = play.machine === null ? [] : actors.all(play.machine.world);
      collect(rows);
      idle = new Set(rows.flatMap(({ id, frame }) => (frame === null ? [id] : [])));
    },
    after: (play, { command, state, errno }) => {
      if (play.machine === null || state !== 'done') return;
      if (errno !== null) seen.errnos.add(`${command.verb} ${errno}`);
      const rows = actors.all(play.machine.world);
      const begun = 'background' in command && command.background ? rows.find(isBusyOf(idle)) : undefined;
      if (begun !== undefined) posted.set(begun.id, command.verb);
      collect(rows);
    },
  };
}

const isBusyOf =
  (idle: ReadonlySet<number>) =>
  ({ id, frame }: Actor): boolean =>
    frame !== null && idle.has(id);

const fingerprintOf = (play: Play): string => play.machine?.world.fingerprint().join(' ') ?? '';
const isRun = (command: Command): boolean => command.verb === 'run' && command.until === 'idle';
/** Only to wait for a moment that does not come is no failure of the machine. */
const mayFail = ({ command }: Outcome): boolean => command.verb === 'run' && command.until === 'moment';

/** Runs a copy of the world to its rest; the answer compares the world itself with it. */
function ranOnABranch(play: Play): () => void {
  const { world } = machineOf(play);
  const copy = branch(world);
  runUntil({ world: copy, trace: [], watched: false, timed: true, audit: createAudit(), broken: null }, () => false);
  const kept = snapshot(copy);
  return () => {
    expect(difference(world, kept, 'another world')).toBeNull();
    expect(now(world)).toBe(now(copy));
  };
}

/** Fewer sequences than this leave some rare things out, and the fewer they are, the more. */
const THOROUGH = 1000;
const LEFT_OUT = [
  { runs: THOROUGH, steps: 0, messages: 0, answers: 0, premises: 0 },
  { runs: 400, steps: 2, messages: 0, answers: 2, premises: 0 },
  { runs: 0, steps: 60, messages: 6, answers: 40, premises: 3 },
];
const RARE = LEFT_OUT.find(({ runs }) => RUNS >= runs) ?? { steps: 0, messages: 0, answers: 0, premises: 0 };

test('every step of every procedure was done in some sequence, but for those that cannot be', () => {
  const missing = allSteps().flatMap(({ name }) => (seen.labels.has(name) ? [] : [name]));

  expect(missing).toEqual(expect.arrayContaining(Object.keys(UNREACHABLE)));
  const unexpected = missing.filter((name) => !(name in UNREACHABLE || name in BY_LUCK));
  expect(unexpected.slice(RARE.steps)).toEqual([]);
});

/** What units and layers say to each other. Only the global error interrupt is not there: the driver makes no error. */
const MESSAGES = [
  ...['call', 'return', 'submit', 'use PASID', 'stop PASID', 'stop marker', 'ask', 'page request', 'queue_work'],
  ...['ATS translation request', 'ATS completion', 'read completion', 'Completer Abort', 'Unsupported Request'],
  ...['translated read', 'translated write', 'translated fetch', 'untranslated read', 'untranslated write'],
  ...['untranslated fetch', 'write completion', 'abort', 'CMD_RESUME sid', 'PRI off'],
  ...[
    'CMD_CFGI_STE sid',
    'CMD_CFGI_CD sid',
    'CMD_TLBI_NH_VA asid',
    'CMD_TLBI_NH_ASID asid',
    'broadcast TLBI asid',
    'CMD_ATC_INV sid',
  ],
  ...['CMD_PRI_RESP group', 'CMD_SYNC', 'CMD_SYNC complete', 'PRG response'],
  ...['PRI record', 'PRI stop marker', 'PRI queue interrupt', 'event', 'event queue interrupt'],
  ...['invalidate', 'invalidate all pages', 'invalidation done'],
  ...['IODIR.INVAL_DDT did', 'IODIR.INVAL_PDT did', 'IOTINVAL.VMA in PSCID', 'IOTINVAL.VMA of', 'IOFENCE.C'],
  ...['IOFENCE.C complete', 'ATS.INVAL rid', 'ATS.PRGR group'],
  ...['fault record', 'fault queue interrupt', 'page-request queue interrupt'],
];

/** Few devices are told FAILURE, and fewer are allowed to ask again. */
const RARE_MESSAGE = 'PRI reset and on';

test('every kind of message was sent in some sequence', () => {
  const sent = [...seen.messages].filter((kind) => kind !== RARE_MESSAGE);
  expect(sent.filter((kind) => !MESSAGES.includes(kind))).toEqual([]);
  expect(MESSAGES.filter((kind) => !sent.includes(kind)).slice(RARE.messages)).toEqual([]);
  if (RUNS >= THOROUGH) expect(seen.messages).toContain(RARE_MESSAGE);
});

/** Answers that no sequence gets, and why; the last are those that 1,000 sequences get by luck only. */
const NEVER_ANSWERED: Readonly<Record<string, string>> = {
  'mmap EINVAL': 'a script names no empty range and nothing shared without a file',
  'mmap ENOMEM': 'what ends beyond the addresses is refused before the call, and nobody has so many mappings',
  'attach ENOMEM': 'memory for a new domain is asked for before the attach begins',
  'bind ESRCH': 'who exits is bound only in the few steps between the call and the lock: core/iommu/bind.test.ts',
  'unbind EINVAL': 'the device left its domain after unbind had begun',
  'vfio ENOSPC': 'a container with two processes and a device of one PASID',
  'vfio EEXIST': 'a process that another container has bound, where that is refused',
  'mprotect EINVAL': 'only the last page of all has nothing behind it',
  'madvise EINVAL': 'only the last page of all has nothing behind it',
  'request EIO': 'a device that was told FAILURE, and is asked again: core/faults/faults.test.ts',
  'iommu-map ENODEV': 'the PASID goes while the mapping waits for the mutex: core/iommu/private-pasid.test.ts',
  'iommu-unmap ENODEV': 'the PASID goes while the unmapping waits for the mutex: core/iommu/private-pasid.test.ts',
};

test('at least six of ten lines are accepted, and the kernel gives every answer that its rules name, but for few', () => {
  const missing = REFUSALS.filter((answer) => !seen.errnos.has(answer));

  expect(seen.accepted / seen.lines).toBeGreaterThan(0.6);
  const unexpected = missing.filter((answer) => !(answer in NEVER_ANSWERED));
  expect(unexpected.slice(RARE.answers)).toEqual([]);
});

test('the sequences are as long in all as was promised', () => {
  const share = Math.round((100 * seen.accepted) / seen.lines);
  process.stdout.write(
    `seed ${SEED}: ${seen.sequences} sequences, ${seen.events} events, ${share} % of lines accepted\n`,
  );
  expect(seen.sequences).toBe(RUNS + RISCV_RUNS);
  expect(seen.events / seen.sequences).toBeGreaterThan(LEAST_EVENTS);
});

test('the premise of every invariant was met in some sequence', () => {
  const missing = INVARIANTS.flatMap(({ id }) => (seen.tried.has(id) ? [] : [id]));

  expect(missing.slice(RARE.premises)).toEqual([]);
});
