import { at, foretell, type Machine } from '../machine/machine.ts';
import { actorName } from '../play/resolve.ts';
import { type Actor, actors, choicesOf, nextStep } from '../sim/actor.ts';
import { earliest } from '../sim/clock.ts';
import { actorView } from './actor-view.ts';
import { sentenceOf } from './story.ts';

/** One way in which somebody can move now. */
export interface WayView {
  /** The line of a script that does it. */
  readonly line: string;
  /** What it would do and find, as a sentence. */
  readonly sentence: string;
  readonly fault: boolean;
}

/** Somebody who can move now. */
export interface TurnView {
  /** Key of the actor. */
  readonly key: string;
  readonly name: string;
  readonly mm: number | null;
  /** The step that comes next, `procedure.label`, and where it comes from. */
  readonly step: string;
  readonly cite: string;
  readonly ways: readonly WayView[];
  /** The clock would let this one move. */
  readonly due: boolean;
}

/** Somebody who has begun something and cannot go on now. */
export interface WaitView {
  readonly key: string;
  readonly name: string;
  /** "waits for" and what. */
  readonly why: string;
}

/** Who can move at the moment shown, and who waits. */
export interface TurnsView {
  /** Events performed. */
  readonly at: number;
  readonly turns: readonly TurnView[];
  readonly waits: readonly WaitView[];
  /** An invariant is broken: nobody moves any more. */
  readonly halted: boolean;
}

/** Everybody who can move, in the order of their making, so that a list of them is steady. */
export function turnsOf(machine: Machine): TurnsView {
  const { world, broken } = machine;
  const event = at(machine);
  if (broken !== null && event >= broken.event) return { at: event, turns: [], waits: [], halted: true };
  const all = actors.all(world);
  const due = earliest(world)?.actor ?? -1;
  const turns = all.flatMap((actor) => turnOf(machine, actor, due));
  const waits = all
    .map(({ id }) => actorView(world, id))
    .flatMap(({ key, name, doing, waiting }) => (waiting ? [{ key, name, why: doing ?? '' }] : []));
  return { at: event, turns, waits, halted: false };
}

function turnOf(machine: Machine, actor: Actor, due: number): TurnView[] {
  const { id, name } = actor;
  const count = choicesOf(machine.world, actor);
  const next = nextStep(actor);
  if (count === 0 || next === null) return [];
  const told = Array.from({ length: count }, (_, choice) => foretell(machine, { actor: id, choice }));
  const ways = told.map((entry, choice) => ({
    line: `step ${actorName(actor)}${choice === 0 ? '' : `/${choice}`}`,
    sentence: sentenceOf(entry),
    fault: entry.fault,
  }));
  const { cite = '', mm = null } = told[0] ?? {};
  return [{ key: `actor/${id}`, name, mm, step: next.name, cite, ways, due: id === due }];
}
