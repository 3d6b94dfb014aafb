import { present } from '../lib/assert.ts';
import { fingerprintText } from '../lib/format.ts';
import { type Actor, actors, type Move, perform, post, spawn } from '../sim/actor.ts';
import { advanceTo, causeOf, earliest, now, refreshClock } from '../sim/clock.ts';
import type { Next } from '../sim/procedure.ts';
import { branch, startJournal, type World } from '../world/world.ts';
import { type Audit, auditEvent, createAudit } from './invariants/audit.ts';
import type { Broken } from './invariants/index.ts';
import { entryOf, listen, localsInWords, ownerOf, type TraceEntry } from './trace.ts';

/** A machine that runs: its world, and what has happened in it. */
export interface Machine {
  readonly world: World;
  /** One entry per event; entries beyond `at` can be gone to again. */
  readonly trace: TraceEntry[];
  /** Whether each event is told and each state checked: off where only speed counts. */
  readonly watched: boolean;
  /** Whether the clock takes note of who can move: off where somebody else decides who does. */
  readonly timed: boolean;
  /** What the invariants say of it, where it is watched. */
  readonly audit: Audit;
  /** What broke, and at which event; the machine does not move on then. */
  broken: { readonly event: number; readonly claims: readonly Broken[] } | null;
}

/** The actor in whose name commands are given. */
const SCRIPT = 'script';

export function createMachine(world: World, watched: boolean): Machine {
  spawn(world, SCRIPT, SCRIPT, null);
  refreshClock(world, 0, -1);
  return { world, trace: [], watched, timed: true, audit: createAudit(), broken: null };
}

/** The same machine for a search, from this moment on: neither told, checked nor timed, and with nothing behind it to go back to. */
export function forSearch({ world }: Machine): Machine {
  startJournal(world);
  return { world, trace: [], watched: false, timed: false, audit: createAudit(), broken: null };
}

/** Number of events performed; 0 until recording has begun. */
export function at(machine: Machine): number {
  return machine.world.journal?.at ?? 0;
}

/** Declares what has been set up so far to be event 0: from here on everything is recorded. */
export function startRecording(machine: Machine): void {
  refreshClock(machine.world, 0, -1);
  startJournal(machine.world);
}

export function fingerprintAt(machine: Machine): string {
  return fingerprintText(machine.world.fingerprint());
}

/** Events that a person or a script causes: `change` is one event, told with these words in a column of the chart. */
export function act(machine: Machine, text: string, change: (world: World) => void, lane = SCRIPT): void {
  const { world } = machine;
  forgetFuture(machine);
  world.openStep();
  if (!machine.watched) {
    change(world);
    if (machine.timed) refreshClock(world, at(machine), -1);
    return;
  }
  const telling = listen(world);
  change(world);
  world.listener = null;
  refreshClock(world, at(machine), -1);
  if (world.journal !== null) {
    const mm = ownerOf(world, telling.facts);
    machine.trace.push({
      event: at(machine),
      time: now(world),
      cause: at(machine) - 1,
      actor: scriptActor(world).id,
      who: SCRIPT,
      lane,
      step: 'script.command',
      text,
      cite: '',
      chapter: null,
      transaction: true,
      depth: 0,
      depthAfter: 0,
      blocked: true,
      mm,
      fault: false,
      messages: [],
      moments: telling.moments,
      facts: telling.facts,
    });
  }
  check(machine);
}

function scriptActor(world: World): Actor {
  return present(
    actors.first(world, (row) => row.name === SCRIPT),
    'every machine has an actor for its script',
  );
}

/** Gives an idle thread a procedure to run, as one event told with these words. */
export function begin(machine: Machine, actor: number, text: string, first: (world: World) => Next): void {
  act(machine, text, (world) => post(world, actor, first(world)), actors.get(machine.world, actor).lane);
}

/** Moves one actor by one step, and the clock to when that step was due. */
export function move(machine: Machine, { actor, choice }: Move): void {
  const { world } = machine;
  forgetFuture(machine);
  if (!machine.watched) {
    perform(world, actor, choice);
    advanceTo(world, actor);
    refreshClock(world, at(machine), actor);
    return;
  }
  const before = beforeMove(world, actor);
  const cause = causeOf(world, actor);
  const telling = listen(world);
  perform(world, actor, choice);
  world.listener = null;
  advanceTo(world, actor);
  refreshClock(world, at(machine), actor);
  if (world.journal !== null) {
    machine.trace.push(entryOf(world, { event: at(machine), time: now(world), cause }, before, telling));
  }
  check(machine);
}

/** How a move would be told if it were made now. The machine stays as it is: it is made in a world of its own. */
export function foretell(machine: Machine, { actor, choice }: Move): TraceEntry {
  const world = branch(machine.world);
  const before = beforeMove(world, actor);
  const telling = listen(world);
  perform(world, actor, choice);
  world.listener = null;
  return entryOf(world, { event: at(machine) + 1, time: now(world), cause: causeOf(world, actor) }, before, telling);
}

/** What has to be known of an actor before it moves, to tell of it afterwards. */
function beforeMove(world: World, id: number) {
  const actor = actors.get(world, id);
  const frame = present(actor.frame, 'an actor that moves has a step to do');
  return { actor, frame, words: localsInWords(world, frame), mm: ownerOf(world, frame.locals) };
}

/** Lets the clock make the next move; false if everyone waits. */
export function tick(machine: Machine): boolean {
  if (machine.broken !== null && at(machine) >= machine.broken.event) return false;
  const next = earliest(machine.world);
  if (next === null) return false;
  move(machine, next);
  return true;
}

/** Forgets what had been undone: it cannot be gone to any more. */
export function forgetFuture(machine: Machine): void {
  const done = at(machine);
  machine.world.journal?.forgetFuture();
  if (machine.trace.length > done) machine.trace.length = done;
  if (machine.broken !== null && machine.broken.event > done) machine.broken = null;
}

function check(machine: Machine): void {
  if (!machine.watched || machine.broken !== null) return;
  const claims = auditEvent(machine.world, machine.audit, at(machine));
  if (claims.length > 0) machine.broken = { event: at(machine), claims };
}

/** Goes back or forward to the moment after `event` events, exactly. */
export function seek(machine: Machine, event: number): void {
  const { world } = machine;
  if (world.journal !== null) world.goTo(Math.max(0, Math.min(event, world.journal.steps)));
}

/** Number of events that can be gone to. */
export function eventsOf(machine: Machine): number {
  return machine.world.journal?.steps ?? 0;
}
