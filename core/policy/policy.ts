import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/**
 * Which kernel design is running: one named value per decision, plain data that all above may read, each at one place.
 * A design that answers a decision differently adds its value here and its branch where the decision is read.
 */
export interface Policy {
  readonly name: string;
  readonly title: string;
  /** May a page request of a device make a stack grow (find_extend_vma), as a fault of the CPU does? */
  readonly stackGrowth: 'as-cpu' | 'never';
  /** A second bind of one device to one process: counted, or EEXIST. */
  readonly repeatBind: 'counted' | 'refused';
}

export const POLICIES: Readonly<Record<string, Policy>> = {
  rfcv2: { name: 'rfcv2', title: 'RFCv2 of 6 October 2017, repaired', stackGrowth: 'as-cpu', repeatBind: 'counted' },
};

interface PolicyRow extends Row {
  readonly name: string;
}

/** One row: the policy of this machine. */
export const policies = table<PolicyRow>('policy', { name: 'text' }, (id, r) => ({ id, h0: 0, h1: 0, name: r.name }));

export function policyOf(world: World): Policy {
  return POLICIES[policies.get(world, 0).name] as Policy;
}
