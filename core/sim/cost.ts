/**
 * The cost model: how long a step takes on the simulated clock, in nanoseconds. Each constant carries its source or
 * the word assumption; they order events plausibly and are never shown as measurements.
 */
export const COSTS = {
  code: { ns: 20, source: 'assumption: a few dozen instructions of kernel code' },
  access: { ns: 20, source: 'assumption: one table read that hits the last-level cache' },
  memory: { ns: 90, source: 'assumption: one read from DRAM' },
  cached: { ns: 5, source: 'assumption: a hit in the IOTLB or a configuration cache' },
  atc: { ns: 2, source: 'assumption: a hit in the ATC of the device' },
  link: { ns: 275, source: 'assumption: half of a PCIe round trip of 550 ns (pcie-bench, SIGCOMM 2018)' },
  command: { ns: 30, source: 'assumption: fetch and start one queue entry' },
  sync: { ns: 200, source: 'assumption: CMD_SYNC until its MSI is visible, lower end of 200 to 2,000 ns' },
  interrupt: { ns: 1500, source: 'assumption: from the queue write to the interrupt thread' },
  wakeup: { ns: 2000, source: 'assumption: scheduling a workqueue item' },
  fault: { ns: 500, source: 'assumption: allocate and clear a page, of a minor fault of 700 ns' },
  disk: { ns: 80_000, source: 'assumption: read a page that is not in the page cache' },
  syscall: { ns: 100, source: 'assumption: enter the kernel' },
  poll: { ns: 1e9, source: 'Linux v4.15, 2018, arm-smmu-v3.c: ARM_SMMU_CMDQ_SYNC_TIMEOUT_US, a second' },
  completion: {
    ns: 60e9,
    source: 'PCIe 5.0, 2019, 10.3.1: a device should complete an invalidation within a minute (+50 %)',
  },
  inval: { ns: 90e9, source: 'Linux v6.13, 2025, riscv/iommu.c: RISCV_IOMMU_IOTINVAL_TIMEOUT, 90 seconds' },
  grace: { ns: 10_000, source: 'assumption: an SRCU grace period without readers' },
} as const;

export type Cost = keyof typeof COSTS;

/** Nanoseconds that a step of this kind takes. */
export function delayOf(cost: Cost): number {
  return COSTS[cost].ns;
}
