import { copyTlb } from '../hardware/bulk-tlb.ts';
import { ok, type Result } from '../lib/result.ts';
import { walkerOf } from './pattern.ts';
import { FIRST_PAGE, type StreamPlan } from './plan.ts';
import { riscvLab } from './riscv-lab.ts';
import { smmuLab } from './smmu-lab.ts';
import { BATCH, type Stream } from './stream.ts';

/** Builds the machine and a stream that has not begun. The error says what is in the way. */
export function startStream(plan: StreamPlan): Result<Stream, string> {
  const lab = plan.paging === 'arm64' ? smmuLab(plan) : riscvLab(plan);
  const unit = lab.open();
  if (!unit.ok) return unit;
  return ok({
    world: lab.world,
    unit: unit.value,
    walker: walkerOf(plan.pattern, plan.pages, plan.stride, plan.seed),
    write: plan.write,
    atc: lab.atc === null ? null : copyTlb(lab.world, lab.atc),
    pasids: Int32Array.from(lab.pasids),
    firsts: new Int32Array(lab.pasids.length).fill(FIRST_PAGE),
    counts: { accesses: 0, atcHits: 0, atcMisses: 0, faults: 0, check: 0 },
    ...{ turn: 0, batch: new Int32Array(BATCH) },
  });
}
