import type { Engine, StreamPlan, SweepPoint } from '../engine/contract.ts';
import type { PageStore } from './state.ts';

/** A device that streams accesses over growing working sets, and what is measured of it so far. */
export interface Sweep {
  /** What was asked; its pages are those of the largest working set. */
  readonly plan: StreamPlan;
  readonly phase: 'running' | 'over' | 'cancelled';
  readonly points: readonly SweepPoint[];
  /** Pages of each working set, each twice the one before. */
  readonly sizes: readonly number[];
  /** Why it could not be measured, '' if it could. */
  readonly problem: string;
}

const sizesOf = (largest: number): readonly number[] =>
  Array.from({ length: Math.log2(largest) + 1 }, (_none, index) => 2 ** index);

/** The actions of the sweep: one size after the other, so that each can be shown, and the rest be left. */
export function streamingOf({ streamPoint }: Pick<Engine, 'streamPoint'>, store: PageStore) {
  let serial = 0;
  const tell = (news: Partial<Sweep>) =>
    store.setState(({ sweep }) => (sweep === null ? {} : { sweep: { ...sweep, ...news } }));
  return {
    beginSweep: async (plan: StreamPlan): Promise<void> => {
      serial += 1;
      const own = serial;
      const sizes = sizesOf(plan.pages);
      let points: readonly SweepPoint[] = [];
      store.setState({ sweep: { plan, phase: 'running', points, sizes, problem: '' } });
      for (const pages of sizes) {
        const point = await streamPoint({ ...plan, pages });
        if (serial !== own) return;
        if (!point.ok) return tell({ phase: 'over', problem: point.error });
        points = [...points, point.value];
        tell({ points });
      }
      tell({ phase: 'over' });
    },
    /** Leaves the rest; what was measured stays. */
    cancelSweep: () => {
      serial += 1;
      if (store.getState().sweep?.phase === 'running') tell({ phase: 'cancelled' });
    },
  };
}
