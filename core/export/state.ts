import { backEndFor } from '../hardware/back-end.ts';
import { formatOf } from '../hardware/cpus.ts';
import { at, fingerprintAt, type Machine } from '../machine/machine.ts';
import { bugName, policyName } from '../policy/policy.ts';
import { now } from '../sim/clock.ts';
import { groupViews } from './device-view.ts';
import { dmaTreeViews } from './dma-view.ts';
import { iommuViews } from './iommu-view.ts';
import { kernelView } from './kernel-view.ts';
import { memoryView } from './memory-view.ts';
import { processViews } from './process-view.ts';
import { treeViews } from './tree-view.ts';
import type { MachineView } from './view.ts';
import { dmaWalkView, walkViews } from './walk-view.ts';

/** The whole machine at the moment it stands at, decoded: what the page draws and `--format state` prints. */
export function viewOf(machine: Machine): MachineView {
  const { world, trace } = machine;
  const walks = walkViews(world, trace, at(machine));
  return {
    event: at(machine),
    time: now(world),
    fingerprint: fingerprintAt(machine),
    policy: policyName(world),
    bug: bugName(world),
    backend: backEndFor(formatOf(world).name).name,
    processes: processViews(world, walks),
    trees: treeViews(world, walks),
    dmaTrees: dmaTreeViews(world, (root) => dmaWalkView(world, trace, at(machine), root)),
    iommus: iommuViews(world),
    groups: groupViews(world),
    kernel: kernelView(world),
    memory: memoryView(world),
  };
}
