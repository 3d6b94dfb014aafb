import { formatOf } from '../../hardware/cpus.ts';
import { IOSATP_MODE } from '../../hardware/riscv-iommu/device-directory.layout.ts';
import { riscvIommus } from '../../hardware/riscv-iommu/iommu.ts';
import { loadRegister, storeRegister } from '../../hardware/riscv-iommu/mmio.ts';
import type { Register } from '../../hardware/riscv-iommu/registers.layout.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';

/** What the driver keeps of one IOMMU (struct riscv_iommu_device): everything else it reads from registers and directories. */
export interface RiscvUnit extends Row {
  readonly iommu: number;
  /** First page of each queue in memory. */
  readonly commandQueue: number;
  readonly faultQueue: number;
  readonly pageQueue: number;
  /** log2 of the entries of each queue; one of them always stays free, for the indexes have no wrap bit. */
  readonly commandBits: number;
  readonly faultBits: number;
  readonly pageBits: number;
  /** Page of the root of the device directory. */
  readonly directory: number;
  readonly directoryLevels: number;
  /** Page of words that IOFENCE.C writes to when it is done, one for each waiter. */
  readonly fencePage: number;
  /** A page table with nothing in it: where the entry of a process leads that has exited. */
  readonly emptyTable: number;
  /** 1 while the page-request interrupt thread is at work. */
  readonly pageBusy: number;
}

export const riscvUnits = table<RiscvUnit>(
  'riscv-unit',
  {
    iommu: 'int',
    commandQueue: 'int',
    faultQueue: 'int',
    pageQueue: 'int',
    commandBits: 'int',
    faultBits: 'int',
    pageBits: 'int',
    directory: 'int',
    directoryLevels: 'int',
    fencePage: 'int',
    emptyTable: 'int',
    pageBusy: 'int',
  },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    iommu: r.iommu,
    commandQueue: r.commandQueue,
    faultQueue: r.faultQueue,
    pageQueue: r.pageQueue,
    commandBits: r.commandBits,
    faultBits: r.faultBits,
    pageBits: r.pageBits,
    directory: r.directory,
    directoryLevels: r.directoryLevels,
    fencePage: r.fencePage,
    emptyTable: r.emptyTable,
    pageBusy: r.pageBusy,
  }),
);

export function unitOf(world: World, iommu: number): RiscvUnit {
  const unit = riscvUnits.first(world, (row) => row.iommu === iommu);
  return riscvUnits.get(world, unit?.id ?? -1);
}

/** The driver's view of a register: readl() at its bus address, the lower half of one with 64 bits. */
export function readl(world: World, iommu: number, register: Register): number {
  return loadRegister(world, iommu, register.offset);
}

/** writel(): the hardware sees the store at once. */
export function writel(world: World, iommu: number, register: Register, value: number): void {
  storeRegister(world, iommu, register.offset, value);
}

/** writeq(), as two stores: the half that sets things going, the lower one, comes last. */
export function writeq(world: World, iommu: number, register: Register, words: ArrayLike<number>): void {
  storeRegister(world, iommu, register.offset + 4, words[1] ?? 0);
  storeRegister(world, iommu, register.offset, words[0] ?? 0);
}

/** Where a register stands as a word of memory: rings of the fingerprint look there. */
export function wordOf(
  world: World,
  iommu: number,
  register: Register,
): { readonly page: number; readonly offset: number } {
  return { page: riscvIommus.get(world, iommu).page, offset: register.offset };
}

/** Records between the index of who writes and that of who reads: they count modulo the size. RISC-V IOMMU 3. */
export function entriesBetween(bits: number, head: number, tail: number): number {
  return (tail - head) & (2 ** bits - 1);
}

/** iosatp.MODE of the page tables of this machine. */
export function firstStageMode(world: World): number {
  return formatOf(world).name === 'sv39' ? IOSATP_MODE.Sv39 : IOSATP_MODE.Sv48;
}
