/** A small machine for tests: one SMMU, one device's link, tables and queues written word by word as a driver would. */
import { assert, present } from '../../lib/assert.ts';
import { actors, enabled, perform } from '../../sim/actor.ts';
import { readWords, writeWords } from '../../world/memory.ts';
import { SRAM_FIRST } from '../../world/page-frame.ts';
import { createWorld, schemaOf } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { PTE_LEAF, PTE_TABLE } from '../arm64/descriptor.layout.ts';
import { levelIndex } from '../arm64/walk.ts';
import { geometries } from '../geometry.ts';
import { irqs } from '../irq.ts';
import { decode, encode, type Layout, pointerTo } from '../layout.ts';
import {
  type Bus,
  createLink,
  headDown,
  links,
  type Message,
  messages,
  popDown,
  type Sent,
  sendUp,
  type UpKind,
} from '../pcie/link.ts';
import { PAGE_REQUEST_BODY } from '../pcie/messages.layout.ts';
import { CD } from './context.layout.ts';
import { eventLayout } from './events.layout.ts';
import { PRIQ_ENTRY } from './pri-queue.layout.ts';
import { advance, indexOf, isEmpty } from './queue.ts';
import { REGISTER, type Register } from './registers.layout.ts';
import { readRegister, writeRegister } from './registers.ts';
import { type SmmuFeatures, spawnSmmu } from './reset.ts';
import { smmus } from './smmu.ts';
import { stalls } from './stall.ts';
import { STE, STE_CONFIG, STE_EATS, STE_S1DSS } from './stream-table.layout.ts';

const schema = schemaOf([actors, irqs, smmus, stalls, links, messages, geometries]);

/** Memory: pages 0x40 to 0x13f. Everything else is a hole. */
export const RAM = { first: 0x40, pages: 0x100 };
export const STREAM_TABLE = 0x50;
export const CMDQ = 0x60;
const EVENTQ = 0x62;
const PRIQ = 0x64;
export const CD_TABLE = 0x80;
export const ROOT = 0x84;
/** Tables of levels 1, 2 and 3 under the root. */
export const TABLES = [0x85, 0x86, 0x87] as const;
export const FRAME = 0x9a;
export const SID = 0x100;
export const SSID = 5;
/** Page number of 0x7f1234567000, whose indices are 254, 72, 418 and 359. */
export const PAGE = 0x7f1234567;
export const ASID = 0x11;
/** Queues have eight entries. */
const LOG2 = 3;
const STREAMS_LOG2 = 9;

export const ENABLES = { SMMUEN: 1, PRIQEN: 1, EVENTQEN: 1, CMDQEN: 1 };

type Values<L extends Layout> = Partial<Record<keyof L['fields'], number>>;

export interface Bench {
  readonly world: World;
  readonly smmu: number;
  readonly link: number;
}

/** The base configuration of the conformance list: golden STE and CD in linear tables, one page mapped read-write. */
export function bench(features: SmmuFeatures = {}, bus: Bus = 'pci'): Bench {
  const world = createWorld(schema, RAM.first, RAM.pages);
  const smmu = spawnSmmu(world, { name: 'smmu0', page: 0x2b400, sram: SRAM_FIRST, features });
  const link = createLink(world, 'gpu0', smmu, SID, bus);
  const made = { world, smmu, link };
  addQueues(made);
  setRegister(made, REGISTER.STRTAB_BASE, { ADDR: pointerTo(STREAM_TABLE, 0, 6) });
  setRegister(made, REGISTER.STRTAB_BASE_CFG, { LOG2SIZE: STREAMS_LOG2 });
  setRegister(made, REGISTER.CMDQ_BASE, { ADDR: pointerTo(CMDQ, 0, 5), LOG2SIZE: LOG2 });
  setRegister(made, REGISTER.EVENTQ_BASE, { ADDR: pointerTo(EVENTQ, 0, 5), LOG2SIZE: LOG2 });
  setRegister(made, REGISTER.PRIQ_BASE, { ADDR: pointerTo(PRIQ, 0, 5), LOG2SIZE: LOG2 });
  setRegister(made, REGISTER.IRQ_CTRL, { GERROR_IRQEN: 1, PRIQ_IRQEN: 1, EVENTQ_IRQEN: 1 });
  setRegister(made, REGISTER.CR2, { RECINVSID: 1 });
  setRegister(made, REGISTER.CR0, ENABLES);
  setSte(made, {});
  setCd(made, SSID, {});
  TABLES.forEach((next, level) => {
    setTable(made, level, next);
  });
  setLeaf(made, {});
  settle(made);
  return made;
}

/** A platform device whose faults stall. */
export function stallBench(features: SmmuFeatures = {}): Bench {
  const made = bench(features, 'platform');
  setSte(made, { S1STALLD: 0 });
  setCd(made, SSID, { S: 1 });
  return made;
}

function addQueues({ world, smmu }: Bench): void {
  const { page } = smmus.get(world, smmu);
  const queues = [
    { name: 'CMDQ', page: CMDQ, entryBytes: 16 },
    { name: 'EVENTQ', page: EVENTQ, entryBytes: 32 },
    { name: 'PRIQ', page: PRIQ, entryBytes: 16 },
  ] as const;
  for (const queue of queues) {
    const prod = REGISTER[`${queue.name}_PROD`].offset;
    const cons = REGISTER[`${queue.name}_CONS`].offset;
    const registers = { prodPage: page + (prod >>> 12), consPage: page + (cons >>> 12) };
    world.addRing({ ...queue, ...registers, log2Size: LOG2, prodOffset: prod & 0xfff, consOffset: cons & 0xfff });
  }
}

/** Writes a register as a driver would: its fields as given, all others 0. */
export function setRegister<F extends string>(
  { world, smmu }: Bench,
  register: Register<F>,
  values: Partial<Record<F, number>>,
) {
  const words = encode(register.layout, values);
  const page = smmus.get(world, smmu).page + (register.offset >>> 12);
  writeWords(world, page, register.offset & 0xfff, words);
}

const USUAL_STE = {
  ...{ V: 1, Config: STE_CONFIG.S1_TRANSLATE, S1ContextPtr: pointerTo(CD_TABLE, 0, 6), S1CDMax: 4 },
  ...{ S1DSS: STE_S1DSS.SSID0, S1CIR: 1, S1COR: 1, S1CSH: 3, S1STALLD: 1, EATS: STE_EATS.FULL, SHCFG: 1 },
};

/** The STE of the device, with these fields changed. */
export function setSte({ world }: Bench, values: Values<typeof STE>): void {
  const offset = SID * STE.size;
  writeWords(world, STREAM_TABLE + (offset >>> 12), offset & 0xfff, encode(STE, { ...USUAL_STE, ...values }));
}

const USUAL_CD = {
  ...{ T0SZ: 16, IR0: 1, OR0: 1, SH0: 3, EPD1: 1, V: 1, IPS: 5, AA64: 1, R: 1, A: 1, ASID },
  ...{ TTB0: pointerTo(ROOT, 0, 4), MAIR_LO: 0xff },
};

/** A CD of the linear table, with these fields changed. */
export function setCd({ world }: Bench, ssid: number, values: Values<typeof CD>): void {
  writeWords(world, CD_TABLE, ssid * CD.size, encode(CD, { ...USUAL_CD, ...values }));
}

/** The descriptor of PAGE at levels 0 to 2; `next` is the table that it leads to. */
export function setTable({ world }: Bench, level: number, next: number): void {
  const table = level === 0 ? ROOT : present(TABLES[level - 1], 'levels 0 to 2 have table descriptors');
  writeWords(world, table, levelIndex(PAGE, level) * 8, encode(PTE_TABLE, { valid: 1, type: 1, NextTable: next }));
}

const USUAL_LEAF = { valid: 1, type: 1, AP1: 1, SH: 3, AF: 1, nG: 1, PXN: 1, UXN: 1, OA: FRAME };

/** The leaf descriptor of PAGE, by default user read-write, with these fields changed. */
export function setLeaf({ world }: Bench, values: Values<typeof PTE_LEAF>): void {
  writeWords(world, TABLES[2], levelIndex(PAGE, 3) * 8, encode(PTE_LEAF, { ...USUAL_LEAF, ...values }));
}

/** The leaf descriptor of PAGE as it is in memory. */
export function leafOf({ world }: Bench) {
  return decode(PTE_LEAF, readWords(world, TABLES[2], levelIndex(PAGE, 3) * 8, 2, new Uint32Array(2)));
}

/** Performs steps until nobody can move. */
export function settle({ world }: Bench): void {
  for (let steps = 0; ; steps++) {
    assert(steps < 10_000, 'a small machine comes to rest');
    const [move] = enabled(world);
    if (move === undefined) return;
    perform(world, move.actor, move.choice);
  }
}

/** Sends a message up, with PASID 5 unless it says otherwise, and lets the machine come to rest. */
export function send(made: Bench, message: Sent<UpKind>): void {
  sendUp(made.world, made.link, { pasid: SSID, ...message });
  settle(made);
}

/** Address words of a byte of PAGE. */
export function addressOf(page: number, offset = 0): { readonly hi: number; readonly lo: number } {
  return { hi: Math.floor(page / 2 ** 20), lo: (page % 2 ** 20) * 4096 + offset };
}

/** A read or write of four bytes in PAGE. */
export function dma(made: Bench, kind: 'read' | 'write', message: Partial<Sent<UpKind>> = {}): void {
  send(made, { ...addressOf(PAGE), bytes: 4, data: 0xd0d0, ...message, kind });
}

/** A Translation Request for PAGE. */
export function askTranslation(made: Bench, message: Partial<Sent<UpKind>> = {}): void {
  send(made, { ...addressOf(PAGE), ...message, kind: 'translation-request' });
}

/** A Page Request for PAGE: by default the last of group 7, to read and write. */
export function askPage(
  made: Bench,
  body: Values<typeof PAGE_REQUEST_BODY> = {},
  message: Partial<Sent<UpKind>> = {},
): void {
  const [lo = 0, hi = 0] = encode(PAGE_REQUEST_BODY, { R: 1, W: 1, L: 1, PRGI: 7, PageAddr: PAGE, ...body });
  send(made, { ...message, kind: 'page-request', hi, lo });
}

/** What came down to the device, oldest first; it is taken off. */
export function received({ world, link }: Bench): Message[] {
  const all: Message[] = [];
  while (headDown(world, link) !== null) all.push(popDown(world, link));
  return all;
}

/** Puts commands into the queue, moves PROD once for all, and lets the machine come to rest. */
export function command(made: Bench, ...commands: readonly ArrayLike<number>[]): void {
  const { world, smmu } = made;
  for (const words of commands) {
    const prod = readRegister(world, smmu, REGISTER.CMDQ_PROD);
    writeWords(world, CMDQ, indexOf(prod, LOG2) * 16, words);
    writeRegister(world, smmu, REGISTER.CMDQ_PROD, advance(prod, LOG2));
  }
  settle(made);
}

/** Takes the event records, each decoded by its layout. */
export function events(made: Bench): Record<string, number>[] {
  return drain(made, 'EVENTQ').map((words) => {
    const layout = present(eventLayout((words[0] ?? 0) & 0xff), 'the SMMU writes records that have a layout');
    return decode(layout, words);
  });
}

/** Takes the entries of the PRI queue. */
export function pageRequests(made: Bench): Record<keyof typeof PRIQ_ENTRY.fields, number>[] {
  return drain(made, 'PRIQ').map((words) => decode(PRIQ_ENTRY, words));
}

function drain({ world, smmu }: Bench, queue: 'EVENTQ' | 'PRIQ'): Uint32Array[] {
  const [page, bytes] = queue === 'EVENTQ' ? [EVENTQ, 32] : [PRIQ, 16];
  const [prod, cons] = [REGISTER[`${queue}_PROD`], REGISTER[`${queue}_CONS`]];
  const taken: Uint32Array[] = [];
  for (;;) {
    const at = readRegister(world, smmu, cons);
    if (isEmpty(readRegister(world, smmu, prod), at, LOG2)) return taken;
    taken.push(readWords(world, page, indexOf(at, LOG2) * bytes, bytes / 4, new Uint32Array(bytes / 4)));
    writeRegister(world, smmu, cons, advance(at, LOG2));
  }
}

/** Acknowledges an overflow of an output queue. */
export function acknowledge({ world, smmu }: Bench, queue: 'EVENTQ' | 'PRIQ'): void {
  const flag = readRegister(world, smmu, REGISTER[`${queue}_PROD`]) & 0x8000_0000;
  const cons = readRegister(world, smmu, REGISTER[`${queue}_CONS`]) & 0x7fff_ffff;
  writeRegister(world, smmu, REGISTER[`${queue}_CONS`], cons | flag);
}
