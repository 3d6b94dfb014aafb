/** From an STE and a SubstreamID to the CD. SMMUv3 3.3.2, 5.3, 5.4. */
import { isMemory, wordsOf } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { lineField } from '../config-cache.ts';
import { getField } from '../layout.ts';
import { CD, L1CD } from './context.layout.ts';
import { EVENT } from './events.layout.ts';
import { HTTU, STALL_MODEL } from './id-registers.layout.ts';
import { REGISTER } from './registers.layout.ts';
import { outputBits, registerField } from './registers.ts';
import { cdCache } from './smmu.ts';
import { STE_CONFIG, STE_S1DSS, STE_S1FMT } from './stream-table.layout.ts';
import { descriptorPlace, type Place, steField } from './stream-table.ts';

/** Legal T0SZ and T1SZ: inputs of 48 down to 25 bits. Smaller ones need IDR3.STT. SMMUv3 5.4. */
const LARGEST_INPUT = 16;
const SMALLEST_INPUT = 39;
/** CD.TG0 and CD.TG1 have different codes for 4 KB. */
const TG0_4K = 0;
const TG1_4K = 2;

export type CdField = keyof typeof CD.fields;

/** A field of a cached CD. */
export function cdField(world: World, smmu: number, cd: number, name: CdField): number {
  return lineField(world, cdCache(world, smmu), cd, CD.fields[name]);
}

/** How an STE treats a transaction: by one of its CDs (an index), without stage 1, or not at all (an event). */
export type Treatment =
  | { readonly kind: 'context'; readonly ssid: number }
  | { readonly kind: 'bypass' }
  | { readonly kind: 'fault'; readonly event: number };

/** Which CD a transaction with this SubstreamID (-1 for none) uses under a valid STE that does not abort. SMMUv3 3.9. */
export function treatmentOf(world: World, smmu: number, ste: number, ssid: number): Treatment {
  const hasStage1 = steField(world, smmu, ste, 'Config') === STE_CONFIG.S1_TRANSLATE;
  const cdMax = hasStage1 ? steField(world, smmu, ste, 'S1CDMax') : 0;
  if (ssid >= 0) return treatmentOfSubstream(world, smmu, ste, ssid, cdMax);
  if (!hasStage1) return { kind: 'bypass' };
  if (cdMax === 0) return { kind: 'context', ssid: 0 };
  const dss = steField(world, smmu, ste, 'S1DSS');
  if (dss === STE_S1DSS.BYPASS) return { kind: 'bypass' };
  return dss === STE_S1DSS.SSID0 ? { kind: 'context', ssid: 0 } : { kind: 'fault', event: EVENT.F_STREAM_DISABLED };
}

function treatmentOfSubstream(world: World, smmu: number, ste: number, ssid: number, cdMax: number): Treatment {
  if (cdMax === 0 || ssid >= 2 ** cdMax) return { kind: 'fault', event: EVENT.C_BAD_SUBSTREAMID };
  const isShadowed = ssid === 0 && steField(world, smmu, ste, 'S1DSS') === STE_S1DSS.SSID0;
  return isShadowed ? { kind: 'fault', event: EVENT.F_STREAM_DISABLED } : { kind: 'context', ssid };
}

/** log2 of the CDs in a leaf of a two-level table: 6 or 10; 0 for a linear table. */
export function leafBits(world: World, smmu: number, ste: number): number {
  if (steField(world, smmu, ste, 'S1CDMax') === 0) return 0;
  const format = steField(world, smmu, ste, 'S1Fmt');
  if (format === STE_S1FMT.L2_4K) return 6;
  return format === STE_S1FMT.L2_64K ? 10 : 0;
}

/** Pointer to the CD in a linear table, which hardware aligns to its size. */
export function linearCd(world: World, smmu: number, ste: number, ssid: number): number {
  const base = steField(world, smmu, ste, 'S1ContextPtr');
  return base - (base % 2 ** steField(world, smmu, ste, 'S1CDMax')) + ssid;
}

/** Where the L1CD of a SubstreamID lies. */
export function level1CdPlace(world: World, smmu: number, ste: number, ssid: number): Place {
  const index = Math.floor(ssid / 2 ** leafBits(world, smmu, ste));
  return descriptorPlace(steField(world, smmu, ste, 'S1ContextPtr'), index);
}

/** What the L1CD says: a pointer to the CD, 'bad' where there is no leaf, 'abort' where no memory answers. */
export function secondLevelCd(world: World, smmu: number, ste: number, ssid: number): number | 'bad' | 'abort' {
  const { page, offset } = level1CdPlace(world, smmu, ste, ssid);
  if (!isMemory(world, page)) return 'abort';
  const words = wordsOf(world, page);
  const leaf = getField(words, L1CD.fields.L2Ptr, offset >>> 2);
  const isReachable = leaf < 2 ** (outputBits(world, smmu, 7) - 12);
  if (getField(words, L1CD.fields.V, offset >>> 2) === 0 || !isReachable) return 'bad';
  const bits = leafBits(world, smmu, ste);
  // A leaf of 64 KB is aligned to its size: bits 15:12 of the pointer are reserved.
  const first = bits === 10 ? leaf - (leaf % 16) : leaf;
  return first * 64 + (ssid % 2 ** bits);
}

/** V=0, or a combination that the specification calls ILLEGAL: both are C_BAD_CD. SMMUv3 5.4.2. */
export function isBadCd(world: World, smmu: number, ste: number, cd: number): boolean {
  const field = (name: CdField) => cdField(world, smmu, cd, name);
  if (field('V') === 0 || field('AA64') === 0 || field('ENDI') === 1) return true;
  if (isBadStall(world, smmu, ste, field) || isBadUpdate(world, smmu, field)) return true;
  if (registerField(world, smmu, REGISTER.IDR0, 'ASID16') === 0 && field('ASID') > 0xff) return true;
  const reach = 2 ** (outputBits(world, smmu, field('IPS')) - 12);
  const isLowerBad = field('TG0') !== TG0_4K || isBadRange(field('T0SZ'), field('TTB0') / 256, reach);
  const isUpperBad = field('TG1') !== TG1_4K || isBadRange(field('T1SZ'), field('TTB1') / 256, reach);
  return (field('EPD0') === 0 && isLowerBad) || (field('EPD1') === 0 && isUpperBad);
}

function isBadStall(world: World, smmu: number, ste: number, field: (name: CdField) => number): boolean {
  const model = registerField(world, smmu, REGISTER.IDR0, 'STALL_MODEL');
  if (field('S') === 1 && steField(world, smmu, ste, 'S1STALLD') === 1) return true;
  if (field('S') === 1 && model === STALL_MODEL.TERMINATE_ONLY) return true;
  if (field('S') === 0 && model === STALL_MODEL.STALL_FORCED) return true;
  return field('A') === 0 && registerField(world, smmu, REGISTER.IDR0, 'TERM_MODEL') === 1;
}

/** HA and HD need an SMMU that can write to page tables. */
function isBadUpdate(world: World, smmu: number, field: (name: CdField) => number): boolean {
  const can = registerField(world, smmu, REGISTER.IDR0, 'HTTU');
  return (field('HA') === 1 && can < HTTU.ACCESS) || (field('HD') === 1 && can < HTTU.ACCESS_DIRTY);
}

/** `root` and `reach` are in pages. */
function isBadRange(size: number, root: number, reach: number): boolean {
  return size < LARGEST_INPUT || size > SMALLEST_INPUT || root >= reach;
}
