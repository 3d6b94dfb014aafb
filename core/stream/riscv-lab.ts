/**
 * A RISC-V IOMMU with a device directory of three levels and a process directory of 20 bits, written word by word: a
 * machine without a kernel.
 */
import { atcOf, devices } from '../devices/device.ts';
import { dmaEngine } from '../devices/dma-engine.ts';
import { devicePort } from '../devices/port.ts';
import { geometries } from '../hardware/geometry.ts';
import { encode } from '../hardware/layout.ts';
import { createLink } from '../hardware/pcie/link.ts';
import type { Geometry } from '../hardware/replacement.ts';
import { LEVELS, levelIndex } from '../hardware/riscv/walk.ts';
import { bulkRiscv } from '../hardware/riscv-iommu/bulk.ts';
import {
  DC_BASE,
  DDTE_NONLEAF,
  DDTP_MODE,
  IOSATP_MODE,
  PDTP_MODE,
} from '../hardware/riscv-iommu/device-directory.layout.ts';
import { iotlb } from '../hardware/riscv-iommu/iommu.ts';
import { PC, PDTE_NONLEAF } from '../hardware/riscv-iommu/process-directory.layout.ts';
import { DDTP, REGISTER } from '../hardware/riscv-iommu/registers.layout.ts';
import { spawnRiscvIommu } from '../hardware/riscv-iommu/reset.ts';
import type { TlbShape } from '../hardware/tlb.ts';
import { SCHEMA } from '../machine/tables.ts';
import { spawn } from '../sim/actor.ts';
import { readWord, writeWord, writeWords } from '../world/memory.ts';
import { SRAM_FIRST } from '../world/page-frame.ts';
import { createWorld } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { FIRST_PAGE, type Lab, type StreamPlan } from './plan.ts';

const REGISTERS = 0x10;
const RAM_FIRST = 0x8_0000;
/** A device whose number uses all three levels of the directory. */
const DEVICE = 0x1_0203;
/** The first process_id; it uses all three levels of its directory. */
const FIRST_PROCESS = 0x2_0101;
const FIRST_PSCID = 16;
const FIRST_OUTPUT = 2 ** 20;
/** V, R, W, U, A and D of a leaf; V of a pointer. */
const LEAF = 0xd7;
const POINTER = 1;

export function riscvLab(plan: StreamPlan): Lab {
  const frames = 64 + plan.pasids * (Math.ceil(plan.pages / 512) + 16);
  const world = createWorld(SCHEMA, RAM_FIRST, frames);
  const iommu = spawnRiscvIommu(world, { name: 'iommu0', page: REGISTERS, sram: SRAM_FIRST });
  geometries.insert(world, { page: iotlb(world, iommu).page, ...plan.iotlb });
  const link = createLink(world, 'dev0', iommu, DEVICE);
  let free = RAM_FIRST;
  const take = (): number => free++;
  const directory = take();
  const processes = take();
  const ddtp = encode(DDTP, { iommu_mode: DDTP_MODE['3LVL'], PPN: directory });
  writeWords(world, REGISTERS, REGISTER.ddtp.offset, ddtp);
  const leaf = descend(world, directory, [DEVICE >>> 16, (DEVICE >>> 7) & 511], encode(DDTE_NONLEAF, { V: 1 }), take);
  const tc = { 'tc.V': 1, 'tc.EN_ATS': 1, 'tc.PDTV': 1 };
  const dc = encode(DC_BASE, { ...tc, 'fsc.MODE': PDTP_MODE.PD20, 'fsc.PPN': processes });
  writeWords(world, leaf, (DEVICE & 127) * DC_BASE.size, dc);
  const pasids = Array.from({ length: plan.pasids }, (_none, index) => FIRST_PROCESS + index);
  for (const [index, pasid] of pasids.entries()) {
    const contexts = descend(
      world,
      processes,
      [pasid >>> 17, (pasid >>> 8) & 511],
      encode(PDTE_NONLEAF, { V: 1 }),
      take,
    );
    const mode = plan.paging === 'sv39' ? IOSATP_MODE.Sv39 : IOSATP_MODE.Sv48;
    const root = take();
    const pc = { 'ta.V': 1, 'ta.PSCID': FIRST_PSCID + index, 'fsc.MODE': mode, 'fsc.PPN': root };
    writeWords(world, contexts, (pasid & 255) * PC.size, encode(PC, pc));
    mapAll(world, root, plan, take);
  }
  return {
    ...{ world, pasids },
    atc: plan.atc === null ? null : plugIn(world, link, plan.atc),
    open: () => bulkRiscv(world, iommu, link, pasids, { write: plan.write, isAsking: plan.atc !== null }),
  };
}

/** An endpoint with an ATC and without PRI, which no driver knows. */
function plugIn(world: World, link: number, atc: Geometry): TlbShape {
  const abilities = { ...{ pasidBits: 20, ats: 1, pri: 0, stall: 0, credits: 0 }, stop: 'wait' as const };
  const state = { atcEntries: atc.sets * atc.ways, failed: 0, unexpected: 0 };
  const device = devices.insert(world, { name: 'dev0', link, ...abilities, ...state }).id;
  geometries.insert(world, { page: atcOf(world, device).page, ...atc });
  spawn(world, 'dev0', 'dev0', dmaEngine.at.idle({ device }));
  spawn(world, 'dev0 port', 'dev0', devicePort.at.wait({ device }));
  return atcOf(world, device);
}

/** The table at the end of a path of indexes, each missing pointer on it made; `valid` is V of a pointer, PPN 53:10. */
function descend(world: World, from: number, path: readonly number[], valid: Uint32Array, take: () => number): number {
  let table = from;
  for (const index of path) {
    const known = readWord(world, table, index * 8);
    const next = known === 0 ? take() : known >>> 10;
    if (known === 0) writeWords(world, table, index * 8, [(valid[0] ?? 0) | (next << 10), 0]);
    table = next;
  }
  return table;
}

function mapAll(world: World, root: number, { paging, pages }: StreamPlan, take: () => number): void {
  const levels = paging === 'sv39' ? LEVELS.Sv39 : LEVELS.Sv48;
  const valid = Uint32Array.of(POINTER);
  let table = -1;
  for (let offset = 0; offset < pages; offset++) {
    const page = FIRST_PAGE + offset;
    if (offset % 512 === 0) {
      const path = Array.from({ length: levels - 1 }, (_none, above) => levelIndex(page, levels - 1 - above));
      table = descend(world, root, path, valid, take);
    }
    const output = FIRST_OUTPUT + offset;
    writeWord(world, table, levelIndex(page, 0) * 8, (output << 10) | LEAF);
    writeWord(world, table, levelIndex(page, 0) * 8 + 4, Math.floor(output / 2 ** 22));
  }
}
