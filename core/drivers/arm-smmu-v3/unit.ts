import { getField } from '../../hardware/layout.ts';
import { STALL_MODEL } from '../../hardware/smmuv3/id-registers.layout.ts';
import { REGISTER, type Register } from '../../hardware/smmuv3/registers.layout.ts';
import { smmus } from '../../hardware/smmuv3/smmu.ts';
import { readWord, writeWord } from '../../world/memory.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';

/** What the driver keeps of one SMMU (struct arm_smmu_device): everything else it reads from registers and tables. */
export interface Unit extends Row {
  readonly smmu: number;
  /** First page of each queue in memory. */
  readonly commandQueue: number;
  readonly eventQueue: number;
  readonly priQueue: number;
  /** First page of the stream table. */
  readonly streamTable: number;
  /** log2 of the entries of each queue. */
  readonly commandBits: number;
  readonly eventBits: number;
  readonly priBits: number;
  /** log2 of the StreamIDs that the stream table covers. */
  readonly streamBits: number;
  readonly twoLevelStreams: number;
  readonly twoLevelContexts: number;
  /** Page of words that CMD_SYNC writes to when it is done, one for each waiter. */
  readonly syncPage: number;
  /** 1 while the PRI interrupt thread is at work. */
  readonly priBusy: number;
}

export const units = table<Unit>(
  'unit',
  {
    smmu: 'int',
    commandQueue: 'int',
    eventQueue: 'int',
    priQueue: 'int',
    streamTable: 'int',
    commandBits: 'int',
    eventBits: 'int',
    priBits: 'int',
    streamBits: 'int',
    twoLevelStreams: 'int',
    twoLevelContexts: 'int',
    syncPage: 'int',
    priBusy: 'int',
  },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    smmu: r.smmu,
    commandQueue: r.commandQueue,
    eventQueue: r.eventQueue,
    priQueue: r.priQueue,
    streamTable: r.streamTable,
    commandBits: r.commandBits,
    eventBits: r.eventBits,
    priBits: r.priBits,
    streamBits: r.streamBits,
    twoLevelStreams: r.twoLevelStreams,
    twoLevelContexts: r.twoLevelContexts,
    syncPage: r.syncPage,
    priBusy: r.priBusy,
  }),
);

export function unitOf(world: World, smmu: number): Unit {
  const unit = units.first(world, (row) => row.smmu === smmu);
  return units.get(world, unit?.id ?? -1);
}

/** The driver's view of a register: readl() at its bus address. */
export function readl(world: World, smmu: number, register: Register): number {
  return readWord(world, smmus.get(world, smmu).page + (register.offset >>> 12), register.offset & 0xfff);
}

/** writel(). */
export function writel(world: World, smmu: number, register: Register, value: number): void {
  writeWord(world, smmus.get(world, smmu).page + (register.offset >>> 12), register.offset & 0xfff, value);
}

/** The SMMU can stall transactions (ARM_SMMU_FEAT_STALLS). */
export function canStall(world: World, smmu: number): boolean {
  const model = getField([readl(world, smmu, REGISTER.IDR0)], REGISTER.IDR0.layout.fields.STALL_MODEL);
  return model !== STALL_MODEL.TERMINATE_ONLY;
}

/** Bits of a PASID that the SMMU can take: IDR1.SSIDSIZE. */
export function substreamBits(world: World, smmu: number): number {
  return getField([readl(world, smmu, REGISTER.IDR1)], REGISTER.IDR1.layout.fields.SSIDSIZE);
}

/** Bits of an ASID: IDR0.ASID16. */
export function asidBits(world: World, smmu: number): number {
  return getField([readl(world, smmu, REGISTER.IDR0)], REGISTER.IDR0.layout.fields.ASID16) === 1 ? 16 : 8;
}

/** Whether it takes part in the TLB maintenance that CPUs broadcast: IDR0.BTM, and not switched off by CR2.PTM. */
export function listens(world: World, smmu: number): boolean {
  const can = getField([readl(world, smmu, REGISTER.IDR0)], REGISTER.IDR0.layout.fields.BTM);
  return can === 1 && getField([readl(world, smmu, REGISTER.CR2)], REGISTER.CR2.layout.fields.PTM) === 0;
}

/** IDR5.OAS as CD.IPS takes it: both have the same code. */
export function outputSizeCode(world: World, smmu: number): number {
  return getField([readl(world, smmu, REGISTER.IDR5)], REGISTER.IDR5.layout.fields.OAS);
}
