/** A RISC-V IOMMU as it is after reset: what it says that it can do, its registers at zero, its three units at work. */
import { assert, present } from '../../lib/assert.ts';
import { hex } from '../../lib/format.ts';
import { spawn } from '../../sim/actor.ts';
import { procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import { writeWords } from '../../world/memory.ts';
import { SRAM_FIRST } from '../../world/page-frame.ts';
import type { World } from '../../world/world.ts';
import { createIrq } from '../irq.ts';
import { encode } from '../layout.ts';
import { ITAGS } from '../pcie/link.ts';
import { commandProcessor } from './command-queue.ts';
import { riscvIommus, UNIT } from './iommu.ts';
import { pendingChange, takeOver } from './mmio.ts';
import { CAPABILITIES, IGS, REGISTER } from './registers.layout.ts';
import { type Capability, readRegister } from './registers.ts';
import { translationUnit } from './translate.ts';

/** What an IOMMU can do, by field of `capabilities`; a field that is not given is 0. */
export type Capabilities = Partial<Readonly<Record<Capability, number>>>;

/** A first stage for all of Sv39, Sv48 and Sv57 with ATS, PRI and hardware A/D, and no second stage. */
export const USUAL_CAPABILITIES: Capabilities = {
  ...{ version: 0x10, Sv39: 1, Sv48: 1, Sv57: 1, Svpbmt: 1, AMO_HWAD: 1, ATS: 1, IGS: IGS.BOTH, PAS: 44 },
  ...{ PD8: 1, PD17: 1, PD20: 1 },
};

/** The usual IOTLB: 64 translations. */
const USUAL_IOTLB = { sets: 16, ways: 4 };

/** Register writes that software polls for: they count when busy is gone. RISC-V IOMMU 5.5, 5.15. */
const registerUnit = procedure('riscv_iommu_registers', 'self', { wait: ['iommu'] }, (go) => ({
  wait: step(
    'takes over {register}, now {value}',
    {
      when: (w, { iommu }) => pendingChange(w, iommu) !== null,
      awaits: 'a write to a control register',
      atomic: 'one register',
      cite: 'RISC-V IOMMU 5.5, 5.15 to 5.17',
      transaction: true,
    },
    (w, { iommu }) => {
      const register = present(pendingChange(w, iommu), 'the register unit moves for a register write');
      takeOver(w, iommu, register);
      tell(w, { register: register.name, value: `0x${hex(readRegister(w, iommu, register))}` });
      return go.wait({ iommu });
    },
  ),
}));

/** Where a new IOMMU lies: `page` of its registers, `sram` the first page of its own storage. */
export interface IommuPlace {
  readonly name: string;
  readonly page: number;
  readonly sram: number;
  readonly capabilities?: Capabilities;
  readonly iotlb?: { readonly sets: number; readonly ways: number };
  /** Invalidate Requests that it can have outstanding at a time. */
  readonly itags?: number;
}

/** Adds an IOMMU with its interrupt lines and units; it lets nothing through (ddtp Off). Returns its id. */
export function spawnRiscvIommu(world: World, place: IommuPlace): number {
  const { name, page, sram, capabilities = USUAL_CAPABILITIES, iotlb = USUAL_IOTLB, itags = ITAGS } = place;
  assert(sram >= SRAM_FIRST, 'caches lie where no bus address reaches');
  const iommu = riscvIommus.insert(world, {
    name,
    page,
    sram,
    commandIrq: createIrq(world, `${name} cq`),
    faultIrq: createIrq(world, `${name} fq`),
    pageIrq: createIrq(world, `${name} pq`),
    unit: UNIT.idle,
    expired: 0,
    itags,
    iotlbSets: iotlb.sets,
    iotlbWays: iotlb.ways,
  }).id;
  writeWords(world, page, REGISTER.capabilities.offset, encode(CAPABILITIES, capabilities));
  spawn(world, `${name} register unit`, name, registerUnit.at.wait({ iommu }));
  spawn(world, `${name} command processor`, name, commandProcessor.at.wait({ iommu }));
  spawn(world, `${name} translation unit`, name, translationUnit.at.wait({ iommu }));
  return iommu;
}
