/** What an IOMMU of the machine can do, as a script says it, and as its own registers do. SMMUv3 6.3; RISC-V IOMMU 5.3. */

import { type Capabilities, USUAL_CAPABILITIES } from '../hardware/riscv-iommu/reset.ts';
import { HTTU, STALL_MODEL } from '../hardware/smmuv3/id-registers.layout.ts';
import type { SmmuFeatures } from '../hardware/smmuv3/reset.ts';

/** Sizes of physical addresses by the code of IDR5.OAS. SMMUv3 6.3.6. */
export const OUTPUT_SIZES: readonly number[] = [32, 36, 40, 42, 44, 48];

export interface Abilities {
  /** Bits of the physical addresses that it can give: of OUTPUT_SIZES. */
  readonly outputBits: number;
  /** It sees memory as the CPUs do, without cache maintenance. */
  readonly coherent: boolean;
  /** Bits of its ASIDs. */
  readonly asidBits: 8 | 16;
  /** Bits of the StreamIDs and of the SubstreamIDs (PASIDs) that it takes; 0: no substreams. */
  readonly streamBits: number;
  readonly substreamBits: number;
  /** It hears the TLB invalidations that CPUs broadcast. */
  readonly broadcast: boolean;
  /** Which flags it sets in page tables by itself. */
  readonly updates: keyof typeof UPDATES;
  /** Transactions that it can stall at a time; 0: it only terminates them. */
  readonly stallMax: number;
}

/** IDR0.HTTU as a script says it. */
const UPDATES = { off: HTTU.NONE, access: HTTU.ACCESS, dirty: HTTU.ACCESS_DIRTY } as const;

export const USUAL_ABILITIES: Abilities = {
  ...{ outputBits: 44, coherent: true, asidBits: 16, streamBits: 16, substreamBits: 20 },
  ...{ broadcast: false, updates: 'off', stallMax: 8 },
};

/** The identification registers that say so. */
export function featuresOf(abilities: Abilities): SmmuFeatures {
  return {
    IDR0: {
      COHACC: abilities.coherent ? 1 : 0,
      BTM: abilities.broadcast ? 1 : 0,
      HTTU: UPDATES[abilities.updates],
      ASID16: abilities.asidBits === 16 ? 1 : 0,
      STALL_MODEL: abilities.stallMax > 0 ? STALL_MODEL.STALL_AND_TERMINATE : STALL_MODEL.TERMINATE_ONLY,
    },
    IDR1: { SIDSIZE: abilities.streamBits, SSIDSIZE: abilities.substreamBits },
    IDR5: { OAS: OUTPUT_SIZES.indexOf(abilities.outputBits), STALL_MAX: abilities.stallMax },
  };
}

/** What a RISC-V IOMMU can have that an SMMU has not. */
export interface RiscvShape {
  /** Levels of the device directory that the driver sets up. */
  readonly directoryLevels: 1 | 2 | 3;
  /** Device contexts of 64 bytes, with a table for interrupt files (MSI_FLAT), instead of 32. */
  readonly extended: boolean;
}

/** Linux takes the deepest directory that there is. */
export const USUAL_RISCV: RiscvShape = { directoryLevels: 3, extended: false };

/** The capabilities of a RISC-V IOMMU that say so. RISC-V IOMMU 5.3. */
export function capabilitiesOf(abilities: Abilities, extended: boolean): Capabilities {
  const { outputBits, substreamBits, updates } = abilities;
  return {
    ...USUAL_CAPABILITIES,
    PAS: outputBits,
    AMO_HWAD: updates === 'off' ? 0 : 1,
    MSI_FLAT: extended ? 1 : 0,
    PD8: substreamBits >= 8 ? 1 : 0,
    PD17: substreamBits >= 17 ? 1 : 0,
    PD20: substreamBits >= 20 ? 1 : 0,
  };
}

/** Why a RISC-V IOMMU cannot be as a script wants it, null if it can: what it has no words for. */
export function whyNotRiscv(abilities: Abilities): string | null {
  const { coherent, asidBits, broadcast, updates, stallMax, streamBits, substreamBits } = abilities;
  const usual = USUAL_ABILITIES;
  if (!coherent) return 'a RISC-V IOMMU sees memory as the harts do: none is without coherence';
  if (asidBits !== usual.asidBits) return 'the tags of a RISC-V IOMMU are PSCIDs, which always have 20 bits';
  if (broadcast) return 'no RISC-V IOMMU hears the TLB maintenance of harts: its driver invalidates by command';
  if (updates === 'access') return 'a RISC-V IOMMU sets both A and D (AMO_HWAD), or neither';
  if (stallMax !== usual.stallMax) return 'a RISC-V IOMMU stalls nothing: a transaction that faults is over';
  if (streamBits !== usual.streamBits) return 'a device directory resolves 7, 16 or 24 bits, by its levels: say ddt';
  const hasDirectory = [8, 17, 20].includes(substreamBits);
  return hasDirectory ? null : 'a process directory resolves 8, 17 or 20 bits';
}
