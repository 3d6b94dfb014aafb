/** The IOMMU of a case: registers and memory as the case says, all of memory there, and no kernel. */

import { decode } from '../../hardware/layout.ts';
import { type AttributeKind, memoryAttributes } from '../../hardware/memory-attributes.ts';
import { createLink } from '../../hardware/pcie/link.ts';
import { SEGMENT_GIVEN } from '../../hardware/riscv-iommu/device-directory.ts';
import {
  CAPABILITIES,
  MSI_CFG,
  MSI_CFG_TABLE,
  REGISTER,
  type Register,
} from '../../hardware/riscv-iommu/registers.layout.ts';
import { spawnRiscvIommu } from '../../hardware/riscv-iommu/reset.ts';
import { SCHEMA } from '../../machine/tables.ts';
import { readWord, writeWord, writeWords } from '../../world/memory.ts';
import { SRAM_FIRST } from '../../world/page-frame.ts';
import { createWorld } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { type Case, halvesOf, placeOf, type QueueSetup } from './format.ts';

const REGISTERS = SRAM_FIRST + 64;
/** The reference model has this many Invalidate Requests outstanding at most. */
const ITAGS = 2;
const QUEUE_ON = (1 << 0) | (1 << 16);
const QUEUE_INTERRUPTS = 1 << 1;

export interface Bench {
  readonly world: World;
  readonly iommu: number;
}

/** An IOMMU in the state in which a case begins. */
export function benchOf(given: Case): Bench {
  const world = createWorld(SCHEMA, 0, SRAM_FIRST, 0);
  const { lo, hi } = halvesOf(given.caps);
  const capabilities = decode(CAPABILITIES, [lo, hi]);
  const iommu = spawnRiscvIommu(world, {
    name: 'iommu0',
    page: REGISTERS,
    sram: SRAM_FIRST,
    capabilities,
    itags: ITAGS,
  });
  const bench = { world, iommu };
  put(bench, REGISTER.fctl, given.fctl);
  putWide(bench, REGISTER.ddtp, given.ddtp);
  putQueue(bench, REGISTER.cqb, REGISTER.cqcsr, { ...given.cq, ie: 0 });
  putQueue(bench, REGISTER.fqb, REGISTER.fqcsr, given.fq);
  put(bench, REGISTER.fqh, given.fq.head);
  if (capabilities.ATS === 1) putQueue(bench, REGISTER.pqb, REGISTER.pqcsr, given.pq);
  put(bench, REGISTER.pqh, given.pq.head);
  if (given.msi !== undefined) putMessage(bench, given.msi);
  for (const [address, value] of given.mem) writeWide(world, address, value);
  for (const [address, kind] of given.att ?? []) {
    memoryAttributes.insert(world, { ...placeOf(address), kind: ATTRIBUTES[kind] });
  }
  addLinks(bench, given);
  return bench;
}

const ATTRIBUTES: Readonly<Record<'x' | 'w' | 'p', AttributeKind>> = { x: 'no-access', w: 'read-only', p: 'poisoned' };

function put({ world }: Bench, register: Register, value: number): void {
  writeWord(world, REGISTERS, register.offset, value);
}

function putWide({ world }: Bench, register: Register, hex: string): void {
  const { lo, hi } = halvesOf(hex);
  writeWords(world, REGISTERS, register.offset, [lo, hi]);
}

function putQueue(bench: Bench, base: Register, csr: Register, queue: Omit<QueueSetup, 'head'>): void {
  const { page } = placeOf(queue.base);
  const words = [((page % 2 ** 22) << 10) | (queue.log2 - 1), Math.floor(page / 2 ** 22)];
  writeWords(bench.world, REGISTERS, base.offset, words);
  put(bench, csr, (queue.on === 1 ? QUEUE_ON : 0) | (queue.ie === 1 ? QUEUE_INTERRUPTS : 0));
}

function putMessage(bench: Bench, { icvec, addr, data }: NonNullable<Case['msi']>): void {
  put(bench, REGISTER.icvec, icvec);
  const vector = (icvec >>> 4) & 0xf;
  const { lo, hi } = halvesOf(addr);
  writeWords(bench.world, REGISTERS, MSI_CFG_TABLE + vector * MSI_CFG.size, [lo, hi, data]);
}

/** A store of software. */
export function writeWide(world: World, address: string, value: string): void {
  const { page, offset } = placeOf(address);
  const { lo, hi } = halvesOf(value);
  writeWords(world, page, offset, [lo, hi]);
}

/** The lower 32 bits of a register. */
export function read({ world }: Bench, register: Register): number {
  return readWord(world, REGISTERS, register.offset);
}

/** How a device is addressed: with DSV its segment counts. */
export function sidOf(rid: number, dsv: number, dseg: number): number {
  return dsv === 1 ? SEGMENT_GIVEN + dseg * 2 ** 16 + rid : rid;
}

/** A link for each device that the case speaks of. */
function addLinks({ world, iommu }: Bench, given: Case): void {
  const sids = new Set<number>();
  for (const step of given.steps) {
    if (step.op === 'pr' || step.op === 'inv') sids.add(sidOf(step.rid, step.dsv, step.dseg));
    if (step.op === 'cmd' && (halvesOf(step.lo).lo & 0x7f) === 4) {
      const { hi } = halvesOf(step.lo);
      sids.add(sidOf((hi >>> 8) & 0xffff, (hi >>> 1) & 1, hi >>> 24));
    }
  }
  for (const step of given.steps) {
    if (step.op === 'req' && ![...sids].some((sid) => sid % SEGMENT_GIVEN === step.did)) {
      sids.add(step.did < 2 ** 16 ? step.did : SEGMENT_GIVEN + step.did);
    }
  }
  for (const sid of sids) createLink(world, `device ${sid}`, iommu, sid);
}
