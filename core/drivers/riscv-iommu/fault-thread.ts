import { clear, isPending } from '../../hardware/irq.ts';
import { decode, encode } from '../../hardware/layout.ts';
import { causeName } from '../../hardware/riscv-iommu/fault-queue.ts';
import { riscvIommus } from '../../hardware/riscv-iommu/iommu.ts';
import { FQ_RECORD } from '../../hardware/riscv-iommu/queues.layout.ts';
import { FQCSR, IPSR, REGISTER } from '../../hardware/riscv-iommu/registers.layout.ts';
import { registerField } from '../../hardware/riscv-iommu/registers.ts';
import { hex } from '../../lib/format.ts';
import { procedure, step } from '../../sim/procedure.ts';
import { reach, tell } from '../../sim/telling.ts';
import { readWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { entriesBetween, readl, unitOf, writel } from './unit.ts';

const RECORD_BYTES = FQ_RECORD.size;
const scratch = new Uint32Array(RECORD_BYTES / 4);
const PENDING = encode(IPSR, { fip: 1 })[0] ?? 0;
/** fqen and fie stay; writing 1 to an error clears it. */
const ACKNOWLEDGED = encode(FQCSR, { fqen: 1, fie: 1, fqmf: 1, fqof: 1 })[0] ?? 0;

/** Records that wait in the fault queue. */
export function queuedFaults(world: World, iommu: number): number {
  const { faultBits } = unitOf(world, iommu);
  return entriesBetween(faultBits, readl(world, iommu, REGISTER.fqh), readl(world, iommu, REGISTER.fqt));
}

/** Faults were lost: the queue was full, or memory refused one. */
export const lostFaults = (world: World, iommu: number): boolean =>
  registerField(world, iommu, REGISTER.fqcsr, 'fqof') === 1 ||
  registerField(world, iommu, REGISTER.fqcsr, 'fqmf') === 1;

/** The interrupt thread of the fault queue, riscv_iommu_fltq_process(): nothing there can be mended, so it is printed. */
export const faultThread = procedure(
  'riscv_iommu_fltq_process',
  'smmu-driver',
  { wait: ['iommu'], read: ['iommu'] },
  (go) => ({
    wait: step(
      'is woken by the interrupt of the fault queue, and clears ipsr.fip',
      {
        when: (world, { iommu }) => isPending(world, riscvIommus.get(world, iommu).faultIrq),
        wait: 'sleep',
        awaits: 'a fault interrupt',
        cost: 'interrupt',
        cite: 'RISC-V IOMMU 5.18; riscv_iommu_fltq_irq_check()',
      },
      (world, { iommu }) => {
        clear(world, riscvIommus.get(world, iommu).faultIrq);
        writel(world, iommu, REGISTER.ipsr, PENDING);
        return go.read({ iommu });
      },
    ),
    read: step(
      '{does}',
      { atomic: 'one write of fqh', cite: 'RISC-V IOMMU 3.2; riscv_iommu_fault()', transaction: true },
      (world, { iommu }) => {
        if (queuedFaults(world, iommu) > 0) {
          tell(world, { does: `prints ${takeFault(world, iommu)}`, fault: 1 });
          reach(world, 'event.printed');
          return go.read({ iommu });
        }
        const isLost = lostFaults(world, iommu);
        tell(world, { does: `finds the fault queue empty${isLost ? ', and clears fqof: faults were lost' : ''}` });
        if (isLost) writel(world, iommu, REGISTER.fqcsr, ACKNOWLEDGED);
        return go.wait({ iommu });
      },
    ),
  }),
);

/** The next record, taken off the queue, in words. */
function takeFault(world: World, iommu: number): string {
  const { faultBits, faultQueue } = unitOf(world, iommu);
  const head = readl(world, iommu, REGISTER.fqh);
  const at = head * RECORD_BYTES;
  const record = decode(FQ_RECORD, readWords(world, faultQueue + (at >>> 12), at & 0xfff, scratch.length, scratch));
  writel(world, iommu, REGISTER.fqh, (head + 1) % 2 ** faultBits);
  const { CAUSE, DID, PV, PID } = record;
  return `fault ${causeName(CAUSE)} of device 0x${hex(DID)}${PV === 1 ? `, process ${PID}` : ''}`;
}
