/** What an SMMU of the machine can do, as a script says it, and as its identification registers do. SMMUv3 6.3. */
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
