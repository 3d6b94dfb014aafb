import { underWay } from '../machine/quiet.ts';
import { bringWorld } from './columns.ts';
import type { Ground } from './ground.ts';

/** What was found wrong in a state. */
export interface Flaw {
  /** invariant: one of the machine's; deadlock: nobody can move and not all is done; bug: the emulator broke a rule of its own. */
  readonly kind: 'invariant' | 'deadlock' | 'hang' | 'bug';
  /** Id of the invariant, else the kind. */
  readonly id: string;
  readonly claim: string;
  readonly detail: string;
  /** The state it was found in; for a bug the state before. */
  readonly state: number;
  /** The move that could not be made, for a bug. */
  readonly move: number | null;
}

/** What a rule of the emulator itself forbids is a finding like any other. */
export function bugAt(state: number, move: number, claim: string): Flaw {
  return { kind: 'bug', id: 'bug', claim, detail: 'the emulator itself is at fault', state, move };
}

/** Nobody can move in the state that is looked at: null if all is done, else something was left behind for ever. */
export function standstillAt({ columns, start }: Ground, state: number): Flaw | null {
  bringWorld(columns);
  const left = underWay(start.machine.world);
  if (left.length === 0) return null;
  const claim = 'Where nobody can move any more, everything that was begun has come to its end.';
  return { kind: 'deadlock', id: 'standstill', claim, detail: left.join(', '), state, move: null };
}
