import { encode, getField, pageOf, pointerTo } from '../../hardware/layout.ts';
import { REGISTER, type Register, STRTAB_FMT } from '../../hardware/smmuv3/registers.layout.ts';
import { smmus } from '../../hardware/smmuv3/smmu.ts';
import { L1STD } from '../../hardware/smmuv3/stream-table.layout.ts';
import { assert } from '../../lib/assert.ts';
import { decides } from '../../policy/policy.ts';
import { allocateContiguous } from '../../process/frame.ts';
import { readWord, writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import type { Place } from './domain.ts';
import { readl, type Unit, unitOf, units } from './unit.ts';

/** How the driver sets up one SMMU; sizes are log2 of entries. */
export interface Setup {
  readonly commandBits: number;
  readonly eventBits: number;
  readonly priBits: number;
  /** What the tables may be at most: two levels only where one would be too large. */
  readonly streams: 'linear' | '2level';
  readonly contexts: 'linear' | '2level';
}

/** Linux 4.15: 2^8 commands, 2^7 events, 2^8 page requests; here smaller, so that a drawing shows them. */
export const DEFAULT_SETUP: Setup = { commandBits: 5, eventBits: 5, priBits: 5, streams: '2level', contexts: '2level' };

/** StreamIDs below one level 1 descriptor: a PCI bus (STRTAB_SPLIT of Linux). */
const SPLIT = 8;
/** A linear table covers at most so many StreamIDs: a PCI bus. */
const LINEAR_STREAM_BITS = SPLIT;
const STE_BYTES = 64;
const L1_BYTES = 8;

const bytesToPages = (bytes: number): number => Math.max(1, Math.ceil(bytes / 4096));

function allocate(world: World, pages: number): number {
  const first = allocateContiguous(world, pages, pages);
  assert(first.ok, 'memory is large enough for the tables that the driver needs at boot');
  return first.value;
}

/** arm_smmu_device_probe() and _reset(): allocates queues and stream table and writes the registers; at boot, before event 0. */
export function probeSmmu(world: World, smmu: number, setup: Setup): Unit {
  const sidSize = getField([readl(world, smmu, REGISTER.IDR1)], REGISTER.IDR1.layout.fields.SIDSIZE);
  // Fewer StreamIDs than one table of level 2 covers need no level 1 (arm_smmu_device_hw_probe).
  const twoLevel = setup.streams === '2level' && sidSize > SPLIT;
  const streamBits = twoLevel ? sidSize : Math.min(sidSize, LINEAR_STREAM_BITS);
  const streamBytes = twoLevel ? 2 ** (streamBits - SPLIT) * L1_BYTES : 2 ** streamBits * STE_BYTES;
  const unit = units.insert(world, {
    smmu,
    commandQueue: allocate(world, bytesToPages(16 * 2 ** setup.commandBits)),
    eventQueue: allocate(world, bytesToPages(32 * 2 ** setup.eventBits)),
    priQueue: allocate(world, bytesToPages(16 * 2 ** setup.priBits)),
    streamTable: allocate(world, bytesToPages(streamBytes)),
    commandBits: setup.commandBits,
    eventBits: setup.eventBits,
    priBits: setup.priBits,
    streamBits,
    twoLevelStreams: twoLevel ? 1 : 0,
    twoLevelContexts: setup.contexts === '2level' ? 1 : 0,
    syncPage: allocate(world, 1),
    priBusy: 0,
  });
  declareRings(world, unit);
  writeRegisters(world, unit);
  return unit;
}

function declareRings(world: World, unit: Unit): void {
  const { name, page } = smmus.get(world, unit.smmu);
  const ring = (what: string, first: number, entryBytes: number, log2Size: number, prod: Register, cons: Register) =>
    world.addRing({
      name: `${name} ${what}`,
      page: first,
      entryBytes,
      log2Size,
      prodPage: page + (prod.offset >>> 12),
      prodOffset: prod.offset & 0xfff,
      consPage: page + (cons.offset >>> 12),
      consOffset: cons.offset & 0xfff,
    });
  ring('cmdq', unit.commandQueue, 16, unit.commandBits, REGISTER.CMDQ_PROD, REGISTER.CMDQ_CONS);
  ring('evtq', unit.eventQueue, 32, unit.eventBits, REGISTER.EVENTQ_PROD, REGISTER.EVENTQ_CONS);
  ring('priq', unit.priQueue, 16, unit.priBits, REGISTER.PRIQ_PROD, REGISTER.PRIQ_CONS);
}

function canHear(world: World, smmu: number): boolean {
  return getField([readl(world, smmu, REGISTER.IDR0)], REGISTER.IDR0.layout.fields.BTM) === 1;
}

function write<F extends string>(
  world: World,
  smmu: number,
  register: Register<F>,
  fields: Partial<Readonly<Record<F, number>>>,
): void {
  const words = encode(register.layout, fields);
  const { page } = smmus.get(world, smmu);
  writeWords(world, page + (register.offset >>> 12), register.offset & 0xfff, words);
}

function writeRegisters(world: World, unit: Unit): void {
  const { smmu } = unit;
  const at = (page: number): number => pointerTo(page, 0, 5);
  write(world, smmu, REGISTER.STRTAB_BASE, { ADDR: pointerTo(unit.streamTable, 0, 6), RA: 1 });
  write(world, smmu, REGISTER.STRTAB_BASE_CFG, {
    FMT: unit.twoLevelStreams === 1 ? STRTAB_FMT.TWO_LEVEL : STRTAB_FMT.LINEAR,
    SPLIT: unit.twoLevelStreams === 1 ? SPLIT : 0,
    LOG2SIZE: unit.streamBits,
  });
  write(world, smmu, REGISTER.CMDQ_BASE, { LOG2SIZE: unit.commandBits, ADDR: at(unit.commandQueue) });
  write(world, smmu, REGISTER.EVENTQ_BASE, { LOG2SIZE: unit.eventBits, ADDR: at(unit.eventQueue) });
  write(world, smmu, REGISTER.PRIQ_BASE, { LOG2SIZE: unit.priBits, ADDR: at(unit.priQueue) });
  // What CPUs broadcast is of use only where the SMMU has their ASIDs. RFCv2 17/36.
  const hears = canHear(world, smmu) && decides(world, 'process-asid', 'shared');
  write(world, smmu, REGISTER.CR2, { RECINVSID: 1, PTM: hears ? 0 : 1 });
  write(world, smmu, REGISTER.IRQ_CTRL, { GERROR_IRQEN: 1, PRIQ_IRQEN: 1, EVENTQ_IRQEN: 1 });
  write(world, smmu, REGISTER.CR0, { SMMUEN: 1, PRIQEN: 1, EVENTQEN: 1, CMDQEN: 1 });
}

/** Whether the stream table has a place for a stream at all. */
export function hasStream(world: World, smmu: number, sid: number): boolean {
  return sid < 2 ** unitOf(world, smmu).streamBits;
}

/** Pages of a level 2 table of streams. */
export const STREAM_LEAF_PAGES = bytesToPages(2 ** SPLIT * STE_BYTES);

/** Where the STE of a stream stands; allocates the level 2 table of its bus on first use. arm_smmu_init_l2_strtab(). */
export function streamPlace(world: World, smmu: number, sid: number): Place {
  const unit = unitOf(world, smmu);
  const flat = (page: number, bytes: number): Place => ({ page: page + (bytes >>> 12), offset: bytes & 0xfff });
  if (unit.twoLevelStreams === 0) {
    assert(hasStream(world, smmu, sid), 'a linear stream table covers the streams of its devices');
    return flat(unit.streamTable, sid * STE_BYTES);
  }
  const level1 = flat(unit.streamTable, (sid >>> SPLIT) * L1_BYTES);
  if ((readWord(world, level1.page, level1.offset) & 0x1f) === 0) {
    const leaf = allocate(world, STREAM_LEAF_PAGES);
    writeWords(world, level1.page, level1.offset, encode(L1STD, { Span: SPLIT + 1, L2Ptr: pointerTo(leaf, 0, 6) }));
  }
  const words = [readWord(world, level1.page, level1.offset), readWord(world, level1.page, level1.offset + 4)];
  return flat(pageOf(getField(words, L1STD.fields.L2Ptr), 6), (sid % 2 ** SPLIT) * STE_BYTES);
}
