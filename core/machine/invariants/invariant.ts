import type { Silicon } from '../../iommu/silicon.ts';
import { present } from '../../lib/assert.ts';
import type { Answer, DecisionName } from '../../policy/decisions.ts';
import { decides } from '../../policy/policy.ts';
import { type Actor, actors } from '../../sim/actor.ts';
import type { World } from '../../world/world.ts';

/** In words, what is wrong where; or, if all is well, in how many places that was looked at: 0 for nowhere. */
export type Verdict = string | number;

/** A truth about the machine that must hold in every state. */
export interface Invariant {
  /** The word in `expect broken context-refs`. */
  readonly id: string;
  /** The statements of the references that it stands for: I1 to I36, P1 to P17. */
  readonly stands: readonly string[];
  readonly claim: string;
  /** What it looks at, in the plural: its premise is met while there is one. */
  readonly cases: string;
  /** The answers of policies under which it says nothing. */
  readonly exceptions?: readonly Exception[];
  /** Reads rows and words of memory, and nothing else: no clock, no trace. */
  readonly check: (world: World) => Verdict;
  /** It holds wherever somebody can move: a search asks it only where nobody can. */
  readonly ofStandstills?: true;
  /** The same in parts, where it is about what each actor is doing: a search asks anew only for those that have moved. */
  readonly parts?: Parts;
}

export interface Parts {
  /** What is no actor's. */
  readonly rest: (world: World) => Verdict;
  /** What is wrong with an actor, null for nothing. */
  readonly flawOf: (world: World, actor: Actor) => string | null;
}

/** An answer to a decision under which an invariant does not apply, and why. */
export interface Exception {
  readonly decision: DecisionName;
  readonly answer: string;
  readonly because: string;
  readonly isMet: (world: World) => boolean;
}

export function except<D extends DecisionName>(decision: D, answer: Answer<D>, because: string): Exception {
  return { decision, answer, because, isMet: (world) => decides(world, decision, answer) };
}

/** Looks at each case: the first flaw, or the number of cases. */
export function every<T>(cases: readonly (T | undefined)[], flawOf: (each: T) => string | null): Verdict {
  return everySuch(cases, always, flawOf);
}

const always = (): boolean => true;

/** Looks at those rows that are cases. */
export function everySuch<T>(
  rows: readonly (T | undefined)[],
  isCase: (each: T) => boolean,
  flawOf: (each: T) => string | null,
): Verdict {
  let looked = 0;
  for (const row of rows) {
    if (row === undefined || !isCase(row)) continue;
    const flaw = flawOf(row);
    if (flaw !== null) return flaw;
    looked++;
  }
  return looked;
}

/** An invariant about what each actor is doing that is a case, after what `rest` says. */
export function ofActors(
  isCase: (actor: Actor) => boolean,
  flawOf: Parts['flawOf'],
  rest: Parts['rest'] = () => 0,
): Required<Pick<Invariant, 'check' | 'parts'>> {
  return {
    check: (world) => {
      const before = rest(world);
      if (typeof before === 'string') return before;
      const verdict = everySuch(actors.slots(world), isCase, (actor) => flawOf(world, actor));
      return typeof verdict === 'string' ? verdict : before + verdict;
    },
    parts: { rest, flawOf: (world, actor) => (isCase(actor) ? flawOf(world, actor) : null) },
  };
}

type Steps = Silicon['translation'];

/** The number of a step in the frame of an actor that does it next. */
export function stepIn({ name, steps }: Steps, label: string): number {
  return present(
    steps.find((step) => step.label === label),
    `${name} has a step ${label}`,
  ).id;
}
