/** An SMMU as it is after reset: what it says that it can do, its registers at zero, its three units at work. */
import { assert } from '../../lib/assert.ts';
import { hex } from '../../lib/format.ts';
import { spawn } from '../../sim/actor.ts';
import { procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import { SRAM_FIRST } from '../../world/page-frame.ts';
import type { World } from '../../world/world.ts';
import { createIrq } from '../irq.ts';
import { encode } from '../layout.ts';
import { commandProcessor } from './command-queue.ts';
import { HTTU, IDR0, IDR1, IDR3, IDR5, STALL_MODEL } from './id-registers.layout.ts';
import { REGISTER, type Register } from './registers.layout.ts';
import { isEnabled, readRegister, writeRegister } from './registers.ts';
import { smmus, UNIT } from './smmu.ts';
import { endAll } from './stall-commands.ts';
import { translationUnit } from './translate.ts';

type Fields<L extends { readonly fields: object }> = Partial<Readonly<Record<keyof L['fields'], number>>>;

/** What differs from the usual SMMU, by field of the identification registers. */
export interface SmmuFeatures {
  readonly IDR0?: Fields<typeof IDR0>;
  readonly IDR1?: Fields<typeof IDR1>;
  readonly IDR3?: Fields<typeof IDR3>;
  readonly IDR5?: Fields<typeof IDR5>;
}

/** Code of IDR5.OAS for addresses of 44 bits. */
const OAS_44 = 4;

/** A stage 1 SMMU with ATS and PRI, which hears no TLB invalidation of CPUs and leaves page tables alone. */
const USUAL = {
  IDR0: {
    ...{ S1P: 1, TTF: 2, COHACC: 1, BTM: 0, HTTU: HTTU.NONE, ATS: 1, PRI: 1, ASID16: 1, MSI: 1, CD2L: 1 },
    ...{ TTENDIAN: 2, STALL_MODEL: STALL_MODEL.STALL_AND_TERMINATE, ST_LEVEL: 1 },
  },
  IDR1: { SIDSIZE: 16, SSIDSIZE: 20, PRIQS: 7, EVENTQS: 7, CMDQS: 8 },
  IDR3: { HAD: 1, RIL: 1 },
  IDR5: { OAS: OAS_44, GRAN4K: 1, STALL_MAX: 8 },
};

/** Bits of CR0 and IRQ_CTRL that this SMMU has: without stage 2, no VMW. */
const CR0_BITS = 0x1f;
const IRQ_BITS = 0x7;
const GBPA_UPDATE = 0x8000_0000;

/** Register writes that software polls for: they count when the acknowledgement shows them. SMMUv3 6.3.10. */
const registerUnit = procedure('smmuv3_registers', 'self', { wait: ['smmu'] }, (go) => ({
  wait: step(
    'takes over {register}, now {value}',
    {
      when: (w, { smmu }) => pendingWrite(w, smmu) !== null,
      awaits: 'a write to a control register',
      atomic: 'one register',
      cite: 'SMMUv3 6.3.9, 6.3.14, 6.3.16',
      transaction: true,
    },
    (w, { smmu }) => {
      const write = pendingWrite(w, smmu);
      assert(write !== null, 'the register unit moves for a register write');
      const wasOn = isEnabled(w, smmu, 'SMMUEN');
      writeRegister(w, smmu, write.into, write.value);
      if (wasOn && !isEnabled(w, smmu, 'SMMUEN')) endAll(w, smmu);
      tell(w, { register: write.from.name, value: `0x${hex(write.value)}` });
      return go.wait({ smmu });
    },
  ),
}));

interface PendingWrite {
  readonly from: Register;
  readonly into: Register;
  readonly value: number;
}

function pendingWrite(world: World, smmu: number): PendingWrite | null {
  const { CR0, CR0ACK, IRQ_CTRL, IRQ_CTRLACK, GBPA } = REGISTER;
  const control = readRegister(world, smmu, CR0) & CR0_BITS;
  if (control !== readRegister(world, smmu, CR0ACK)) return { from: CR0, into: CR0ACK, value: control };
  const irq = readRegister(world, smmu, IRQ_CTRL) & IRQ_BITS;
  if (irq !== readRegister(world, smmu, IRQ_CTRLACK)) return { from: IRQ_CTRL, into: IRQ_CTRLACK, value: irq };
  const bypass = readRegister(world, smmu, GBPA);
  return (bypass & GBPA_UPDATE) === 0 ? null : { from: GBPA, into: GBPA, value: (bypass & ~GBPA_UPDATE) >>> 0 };
}

/** Where a new SMMU lies: `page` of its registers, `sram` the first page of its own storage. */
export interface SmmuPlace {
  readonly name: string;
  readonly page: number;
  readonly sram: number;
  readonly features?: SmmuFeatures;
}

/** Adds an SMMU with its interrupt lines and units; translation is off. Returns its id. */
export function spawnSmmu(world: World, { name, page, sram, features }: SmmuPlace): number {
  assert(sram >= SRAM_FIRST, 'caches lie where no bus address reaches');
  const smmu = smmus.insert(world, {
    name,
    page,
    sram,
    eventIrq: createIrq(world, `${name} evtq`),
    priIrq: createIrq(world, `${name} priq`),
    errorIrq: createIrq(world, `${name} gerror`),
    unit: UNIT.idle,
    expired: 0,
  }).id;
  writeRegister(world, smmu, REGISTER.IDR0, word(encode(IDR0, { ...USUAL.IDR0, ...features?.IDR0 })));
  writeRegister(world, smmu, REGISTER.IDR1, word(encode(IDR1, { ...USUAL.IDR1, ...features?.IDR1 })));
  writeRegister(world, smmu, REGISTER.IDR3, word(encode(IDR3, { ...USUAL.IDR3, ...features?.IDR3 })));
  writeRegister(world, smmu, REGISTER.IDR5, word(encode(IDR5, { ...USUAL.IDR5, ...features?.IDR5 })));
  spawn(world, `${name} register unit`, name, registerUnit.at.wait({ smmu }));
  spawn(world, `${name} command processor`, name, commandProcessor.at.wait({ smmu }));
  spawn(world, `${name} translation unit`, name, translationUnit.at.wait({ smmu }));
  return smmu;
}

function word(words: Uint32Array): number {
  return words[0] ?? 0;
}
