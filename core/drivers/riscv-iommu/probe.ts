import { encode } from '../../hardware/layout.ts';
import { DDTP_MODE } from '../../hardware/riscv-iommu/device-directory.layout.ts';
import { INTERRUPT_FILE } from '../../hardware/riscv-iommu/interrupts.ts';
import { riscvIommus } from '../../hardware/riscv-iommu/iommu.ts';
import { pendingChange, storeRegister, takeOver } from '../../hardware/riscv-iommu/mmio.ts';
import {
  CQCSR,
  DDTP,
  FQCSR,
  ICVEC,
  MSI_CFG,
  MSI_CFG_TABLE,
  PQCSR,
  REGISTER,
  type Register,
} from '../../hardware/riscv-iommu/registers.layout.ts';
import { assert } from '../../lib/assert.ts';
import { allocateContiguous } from '../../process/frame.ts';
import type { World } from '../../world/world.ts';
import { type RiscvUnit, riscvUnits, wordOf, writel, writeq } from './unit.ts';

/** How the driver sets up one IOMMU. */
export interface RiscvSetup {
  /** log2 of the entries of the queues for commands, faults and page requests; at least 2 entries. */
  readonly commandBits: number;
  readonly eventBits: number;
  readonly priBits: number;
  /** Levels of the device directory: 1 to 3. Linux takes the most that the IOMMU has. */
  readonly directoryLevels: 1 | 2 | 3;
}

const bytesToPages = (bytes: number): number => Math.max(1, Math.ceil(bytes / 4096));
const COMMAND_BYTES = 16;
const FAULT_BYTES = 32;
const REQUEST_BYTES = 16;

/** A queue is aligned to its size. RISC-V IOMMU 5.6. */
function allocate(world: World, pages: number): number {
  const first = allocateContiguous(world, pages, pages);
  assert(first.ok, 'memory is large enough for the tables that the driver needs at boot');
  return first.value;
}

/** LOG2SZ_1 has no value for a queue of one. */
const atLeastTwo = (bits: number): number => Math.max(bits, 1);

/** riscv_iommu_init(): allocates queues and directory and writes the registers; at boot, before event 0. */
export function probeIommu(world: World, iommu: number, setup: RiscvSetup): RiscvUnit {
  const [commandBits, faultBits, pageBits] = [setup.commandBits, setup.eventBits, setup.priBits].map(atLeastTwo);
  assert(commandBits !== undefined && faultBits !== undefined && pageBits !== undefined, 'there are three queues');
  const unit = riscvUnits.insert(world, {
    iommu,
    commandQueue: allocate(world, bytesToPages(COMMAND_BYTES * 2 ** commandBits)),
    faultQueue: allocate(world, bytesToPages(FAULT_BYTES * 2 ** faultBits)),
    pageQueue: allocate(world, bytesToPages(REQUEST_BYTES * 2 ** pageBits)),
    commandBits,
    faultBits,
    pageBits,
    directory: allocate(world, 1),
    directoryLevels: setup.directoryLevels,
    fencePage: allocate(world, 1),
    emptyTable: allocate(world, 1),
    pageBusy: 0,
  });
  declareRings(world, unit);
  writeRegisters(world, unit);
  return unit;
}

function declareRings(world: World, unit: RiscvUnit): void {
  const { name } = riscvIommus.get(world, unit.iommu);
  const { iommu } = unit;
  const ring = (what: string, page: number, entryBytes: number, log2Size: number, tail: Register, head: Register) => {
    const [prod, cons] = [wordOf(world, iommu, tail), wordOf(world, iommu, head)];
    const at = { prodPage: prod.page, prodOffset: prod.offset, consPage: cons.page, consOffset: cons.offset };
    world.addRing({ name: `${name} ${what}`, page, entryBytes, log2Size, hasWrapBit: false, ...at });
  };
  ring('cq', unit.commandQueue, COMMAND_BYTES, unit.commandBits, REGISTER.cqt, REGISTER.cqh);
  ring('fq', unit.faultQueue, FAULT_BYTES, unit.faultBits, REGISTER.fqt, REGISTER.fqh);
  ring('pq', unit.pageQueue, REQUEST_BYTES, unit.pageBits, REGISTER.pqt, REGISTER.pqh);
}

const MODES = { 1: DDTP_MODE['1LVL'], 2: DDTP_MODE['2LVL'], 3: DDTP_MODE['3LVL'] } as const;
/** One vector for each queue, in the order of ipsr. */
const VECTORS = { civ: 0, fiv: 1, piv: 2 } as const;

function writeRegisters(world: World, unit: RiscvUnit): void {
  const { iommu } = unit;
  const { commandIrq, faultIrq, pageIrq } = riscvIommus.get(world, iommu);
  writeq(world, iommu, REGISTER.icvec, encode(ICVEC, VECTORS));
  for (const [vector, irq] of [commandIrq, faultIrq, pageIrq].entries()) writeMessage(world, iommu, vector, irq);
  const base = (register: Register<'LOG2SZ_1' | 'PPN'>, page: number, bits: number): void =>
    writeq(world, iommu, register, encode(register.layout, { LOG2SZ_1: bits - 1, PPN: page }));
  base(REGISTER.cqb, unit.commandQueue, unit.commandBits);
  base(REGISTER.fqb, unit.faultQueue, unit.faultBits);
  base(REGISTER.pqb, unit.pageQueue, unit.pageBits);
  const on = (register: Register, [value = 0]: ArrayLike<number> & Iterable<number>): void => {
    writel(world, iommu, register, value);
    awaitTakeOver(world, iommu);
  };
  on(REGISTER.cqcsr, encode(CQCSR, { cqen: 1, cie: 1 }));
  on(REGISTER.fqcsr, encode(FQCSR, { fqen: 1, fie: 1 }));
  on(REGISTER.pqcsr, encode(PQCSR, { pqen: 1, pie: 1 }));
  const mode = MODES[unit.directoryLevels as keyof typeof MODES];
  writeq(world, iommu, REGISTER.ddtp, encode(DDTP, { iommu_mode: mode, PPN: unit.directory }));
  awaitTakeOver(world, iommu);
}

/** Which address the message of a vector goes to, and what it says: the number of a line. RISC-V IOMMU 5.28. */
function writeMessage(world: World, iommu: number, vector: number, irq: number): void {
  const words = encode(MSI_CFG, {
    addr_LO: (INTERRUPT_FILE % 2 ** 20) * 4096,
    addr_HI: Math.floor(INTERRUPT_FILE / 2 ** 20),
    data: irq,
  });
  for (const [index, word] of words.entries())
    storeRegister(world, iommu, MSI_CFG_TABLE + vector * MSI_CFG.size + index * 4, word);
}

/** Polls until busy is gone, as riscv_iommu_queue_enable() does; nothing else moves yet. */
function awaitTakeOver(world: World, iommu: number): void {
  for (let change = pendingChange(world, iommu); change !== null; change = pendingChange(world, iommu))
    takeOver(world, iommu, change);
}
