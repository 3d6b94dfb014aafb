import { type Alignment, align } from '../export/align.ts';
import { type BesideRow, rowsBeside } from '../export/beside.ts';
import { diffOf, type ThingDiff } from '../export/diff.ts';
import { present } from '../lib/assert.ts';
import type { Machine } from '../machine/machine.ts';

/** A second run, and how its events lie beside those of the run that is shown. */
interface Second {
  readonly machine: Machine;
  readonly rows: Alignment;
}

/** The run beside the one that is shown, kept until another one takes its place. */
export function createBeside() {
  let second: Second | null = null;
  const known = (): Second => present(second, 'a run was laid beside before it is asked about');
  return {
    lay: (shown: Machine, machine: Machine): Alignment => {
      second = { machine, rows: align(shown, machine) };
      return second.rows;
    },
    rows: (shown: Machine, first: number, last: number): BesideRow[] => {
      const { machine, rows } = known();
      return rowsBeside({ left: shown, right: machine }, rows, [first, last]);
    },
    /** How two moments differ; the second one is of the run beside, or of the run shown too. */
    differences: (shown: Machine, left: number, right: number, of: 'shown' | 'beside'): ThingDiff[] => {
      const machine = of === 'shown' ? shown : known().machine;
      return diffOf({ machine: shown, event: left }, { machine, event: right });
    },
  };
}
