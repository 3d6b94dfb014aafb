import { takeWrites, type Writes } from '../../sim/guards.ts';
import type { World } from '../../world/world.ts';
import { type Broken, exceptionOf, INVARIANTS } from './index.ts';
import type { Invariant, Verdict } from './invariant.ts';

/** What an invariant said when it was asked last, and the tables and frames of memory that it looked at. */
interface Answer {
  verdict: Verdict;
  tables: number;
  frames: number;
}

/**
 * The watch over a machine: what each invariant says of it, and after which events its premise was met. It is no part
 * of the world: without it the same invariants say the same again.
 */
export interface Audit {
  /** By invariant; null where the policy of this machine makes an exception. Empty until the first event. */
  readonly answers: (Answer | null)[];
  /** By word of bits, then by event: a bit for each invariant whose premise was met after the event. */
  readonly met: readonly number[][];
}

/** Bits of a small integer. */
const WORD = 30;
const WORDS = Math.ceil(INVARIANTS.length / WORD);

export function createAudit(): Audit {
  return { answers: [], met: Array.from({ length: WORDS }, () => []) };
}

/** Asks every invariant after an event, 0 while the machine is being set up; the answer is what broke. */
export function auditEvent(world: World, audit: Audit, event: number): Broken[] {
  if (audit.answers.length === 0) begin(world, audit);
  const writes = takeWrites(world);
  const broken: Broken[] = [];
  for (const words of audit.met) words[event] = 0;
  for (let index = 0; index < INVARIANTS.length; index++) {
    const { id, claim, check } = INVARIANTS[index] as Invariant;
    const answer = audit.answers[index] as Answer | null;
    if (answer === null) continue;
    if (isStale(answer, writes)) ask(world, answer, check);
    const { verdict } = answer;
    if (typeof verdict === 'string') broken.push({ id, claim, detail: verdict });
    else if (verdict > 0) note(audit, index, event);
  }
  return broken;
}

function note({ met }: Audit, index: number, event: number): void {
  const words = met[Math.floor(index / WORD)] as number[];
  words[event] = (words[event] as number) | (1 << (index % WORD));
}

function begin(world: World, audit: Audit): void {
  for (const invariant of INVARIANTS) {
    const applies = exceptionOf(world, invariant) === undefined;
    audit.answers.push(applies ? { verdict: 0, tables: ~0, frames: ~0 } : null);
  }
}

/** An invariant reads rows and words and nothing else: one that looked at nothing that was written says the same. */
const isStale = (answer: Answer, { tables, frames }: Writes): boolean =>
  (answer.tables & tables) !== 0 || (answer.frames & frames) !== 0;

function ask(world: World, answer: Answer, check: (world: World) => Verdict): void {
  world.readTables = 0;
  world.readFrames = 0;
  answer.verdict = check(world);
  answer.tables = world.readTables;
  answer.frames = world.readFrames;
}

/** How an invariant stands at a moment of a run. */
export interface Standing {
  readonly id: string;
  readonly stands: readonly string[];
  readonly claim: string;
  readonly cases: string;
  /** untried: its premise was not met up to this moment; excepted: the policy of the machine makes an exception. */
  readonly state: 'holds' | 'broken' | 'untried' | 'excepted';
  /** What is wrong where, or why it does not apply; empty for what holds. */
  readonly detail: string;
  /** Places that it looks at now. */
  readonly places: number;
  /** Events up to this moment after which its premise was met. */
  readonly events: number;
}

/** How every invariant stands after `event` events: each looked at anew, its premise counted over the run so far. */
export function standings(world: World, audit: Audit, event: number): Standing[] {
  return INVARIANTS.map((invariant, index) => {
    const { id, stands, claim, cases, check } = invariant;
    const known = { id, stands, claim, cases };
    const exception = exceptionOf(world, invariant);
    if (exception !== undefined) {
      return { ...known, state: 'excepted', detail: exception.because, places: 0, events: 0 };
    }
    const verdict = check(world);
    const events = timesMet(audit, index, event);
    if (typeof verdict === 'string') return { ...known, state: 'broken', detail: verdict, places: 0, events };
    return { ...known, state: events > 0 ? 'holds' : 'untried', detail: '', places: verdict, events };
  });
}

/** Events from the first to `event` after which the premise of an invariant was met. */
function timesMet({ met }: Audit, index: number, event: number): number {
  const words = met[Math.floor(index / WORD)] as number[];
  let times = 0;
  for (let at = 1; at <= event; at++) if ((((words[at] ?? 0) >>> (index % WORD)) & 1) === 1) times++;
  return times;
}
