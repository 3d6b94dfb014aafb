import type { TraceEntry } from '../machine/trace.ts';
import { machineOf } from '../play/play.ts';
import { actors } from '../sim/actor.ts';
import { allSteps } from '../sim/procedure.ts';
import { type AcrossRow, type Calls, createCalls, isKernel, stepRows, tellInOrder, toldOf } from './chart-rows.ts';
import type { Observed, Wait } from './observe.ts';
import type { Run } from './run.ts';

/** Something that an actor does; `level` is how many functions are around it. */
export interface Deed {
  readonly kind: 'deed';
  readonly event: number;
  readonly actor: number;
  readonly text: string;
  readonly level: number;
}

/** An actor that cannot go on, after an event and until its own next one; null if that never comes. */
export interface Waiting extends Omit<Deed, 'kind'> {
  readonly kind: 'wait';
  readonly until: number | null;
}

/** Below the step in which a bug of the museum goes wrong. */
export interface BugMark {
  readonly kind: 'bug';
  readonly text: string;
}

/** A row of the race chart: what one actor does or waits for, or what stands across all columns. */
export type RaceRow = Deed | Waiting | AcrossRow | BugMark;

interface Teller extends Calls {
  readonly rows: RaceRow[];
  readonly observed: Observed;
  /** How deep the last row of each actor stands, by actor. */
  readonly levels: Map<number, number>;
  /** The locks that each actor holds, by actor. */
  readonly held: Map<number, ReadonlySet<string>>;
  /** The event that breaks an invariant; null if none does. */
  readonly breaking: number | null;
  /** The bug of the museum that the machine has; null for none. */
  readonly bug: string | null;
}

/** The rows of a race chart: those of the sequence chart, by actor, with the locks and with what is waited for. */
export function raceRows(run: Run, observed: Observed): RaceRow[] {
  const told = toldOf(run);
  const breaking = told.broken?.event ?? null;
  const { bug } = run.play.hardware;
  const teller: Teller = { ...createCalls(), rows: [], observed, levels: new Map(), held: new Map(), breaking, bug };
  const waits = observed.waits.values();
  let wait = waits.next().value;
  const tell = (entry: TraceEntry): void => {
    tellEntry(teller, entry);
    for (; wait?.from === entry.event; wait = waits.next().value) teller.rows.push(waitRow(teller, wait));
  };
  const across = (row: AcrossRow): void => void teller.rows.push(row);
  tellInOrder(told, { tell, pause: () => undefined, across });
  if (observed.stuck) teller.rows.push({ kind: 'broken', event: null, text: deadlock(run, observed) });
  return withoutIdleWaits(teller.rows);
}

/** Who waits for whom in the end, and what for. */
function deadlock({ play }: Run, { waits }: Observed): string {
  const { world } = machineOf(play);
  const ever = waits.filter(({ until }) => until === null);
  return `DEADLOCK: nobody can move. ${ever.map(({ actor, text }) => `${actors.get(world, actor).name} ${text}`).join('; ')}.`;
}

function tellEntry(teller: Teller, entry: TraceEntry): void {
  const { event, actor, step } = entry;
  if (step === 'script.command') return;
  const { level, rows } = stepRows(teller, entry);
  const { takes, releases } = locksAround(teller, entry);
  const inside = isKernel(entry.lane) ? level + 1 : 0;
  const told = rows
    .filter(({ text }) => !isLockItself(text, [...takes, ...releases]))
    .map((row) => {
      const isCode = row.kind === 'mark' || row.traffic === 'call';
      return { row, deed: { kind: 'deed', event, actor, text: row.text, level: isCode ? row.level : inside } as const };
    });
  const say = (text: string): Deed => ({ kind: 'deed', event, actor, text, level: inside });
  // A function is entered before it takes a lock, and what a step calls runs after the step.
  const entered = told.filter(({ row }) => row.kind === 'mark' && row.level < inside);
  const called = told.filter(({ row }) => row.kind === 'arrow' && row.traffic === 'call');
  const rest = told.filter((each) => !entered.includes(each) && !called.includes(each));
  // What is done under a lock is told, also where a chart can do without it.
  const isSaid = rows.length > 0 || takes.length + releases.length === 0;
  // So is the step that breaks something, or in which a bug acts, whatever its function is called.
  const acts = entry.moments.includes('bug.acts');
  const matters = (event === teller.breaking && isKernel(entry.lane)) || acts;
  const breaks = matters && isSaid && !rows.some(({ text }) => text === entry.text);
  const deeds = (list: typeof told): Deed[] => list.map((each) => each.deed);
  add(teller, deeds(entered));
  add(teller, takes.map(say));
  add(teller, isSaid ? deeds(rest) : [say(entry.text)]);
  if (breaks) add(teller, [say(entry.text)]);
  add(teller, releases.map(say));
  if (acts) teller.rows.push({ kind: 'bug', text: `here the bug ${teller.bug} acts` });
  add(teller, deeds(called));
}

/** A step that cites down_read() and takes a lock by it is told once, with the lock. */
function isLockItself(text: string, moves: readonly string[]): boolean {
  return text.endsWith('()') && moves.some((move) => move.startsWith(text.slice(0, -1)));
}

/** Adds rows; a command and the CMD_SYNC that follows it at once are one, and none stands more than one deeper than the actor's last. */
function add(teller: Teller, deeds: readonly Deed[]): void {
  const { rows } = teller;
  for (const deed of deeds) {
    const before = rows.at(-1);
    if (deed.text === 'CMD_SYNC' && before?.kind === 'deed' && before.actor === deed.actor) {
      rows[rows.length - 1] = { ...before, text: `${before.text}, CMD_SYNC` };
    } else rows.push({ ...deed, level: levelFor(teller, deed.actor, deed.level) });
  }
}

/** Locks that the step takes and gives back, or that it has for itself while it lasts. */
function locksAround({ observed, held }: Teller, { event, actor, step }: TraceEntry) {
  const moves = observed.moves.get(event) ?? [];
  const own = new Set(held.get(actor));
  for (const { lock, takes } of moves) {
    if (takes) own.add(lock);
    else own.delete(lock);
  }
  const { atomic } = allSteps().find(({ name }) => name === step)?.notes ?? {};
  const around = atomic === undefined || held.get(actor)?.has(atomic) ? undefined : observed.locks.get(atomic);
  held.set(actor, own);
  if (around !== undefined && moves.length === 0) return { takes: [around.take.text], releases: [around.release.text] };
  const texts = (taking: boolean) => moves.filter(({ takes }) => takes === taking).map(({ text }) => text);
  return { takes: texts(true), releases: texts(false) };
}

/** The level of a row of an actor: frames between it and the row before are not shown, so it stands one deeper at most. */
function levelFor({ levels }: Teller, actor: number, level: number): number {
  const shown = Math.min(level, (levels.get(actor) ?? -1) + 1);
  levels.set(actor, shown);
  return shown;
}

function waitRow({ levels }: Teller, wait: Wait): RaceRow {
  const level = (levels.get(wait.actor) ?? -1) + 1;
  return { kind: 'wait', event: wait.from, actor: wait.actor, text: `... ${wait.text}`, level, until: wait.until };
}

/** A wait in which nobody else does anything is none that a race is about. */
function withoutIdleWaits(rows: readonly RaceRow[]): RaceRow[] {
  return rows.filter((row) => {
    if (row.kind !== 'wait') return true;
    const { actor, event, until } = row;
    const isWithin = (other: RaceRow): boolean =>
      other.kind === 'deed' && other.actor !== actor && other.event > event && other.event <= (until ?? Infinity);
    return until === null || rows.some(isWithin);
  });
}
