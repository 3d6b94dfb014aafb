/** From a StreamID to its STE. SMMUv3 3.3.1, 5.1, 5.2. */
import { isMemory, wordsOf } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { lineField } from '../config-cache.ts';
import { getField } from '../layout.ts';
import { STALL_MODEL } from './id-registers.layout.ts';
import { REGISTER, STRTAB_FMT } from './registers.layout.ts';
import { registerField } from './registers.ts';
import { steCache } from './smmu.ts';
import { L1STD, STE, STE_CONFIG, STE_EATS, STE_S1FMT } from './stream-table.layout.ts';

/** STEs and CDs are 64 bytes and aligned: a pointer to one is its address >> 6, which a number holds exactly. */
const POINTER_SHIFT = 6;
/** The most that L1STD.Span can say; larger values behave as 0. */
const MAX_SPAN = 11;

export type SteField = keyof typeof STE.fields;

/** A field of a cached STE. */
export function steField(world: World, smmu: number, ste: number, name: SteField): number {
  return lineField(world, steCache(world, smmu), ste, STE.fields[name]);
}

/** A place in memory: page number and byte offset. */
export interface Place {
  readonly page: number;
  readonly offset: number;
}

/** Where the structure lies that a pointer leads to. */
export function placeOf(pointer: number): Place {
  return { page: Math.floor(pointer / 64), offset: (pointer % 64) * 64 };
}

/** Whether STRTAB_BASE_CFG reaches the StreamID. */
export function isInTable(world: World, smmu: number, sid: number): boolean {
  return sid < 2 ** registerField(world, smmu, REGISTER.STRTAB_BASE_CFG, 'LOG2SIZE');
}

export function isTwoLevel(world: World, smmu: number): boolean {
  return registerField(world, smmu, REGISTER.STRTAB_BASE_CFG, 'FMT') === STRTAB_FMT.TWO_LEVEL;
}

/** Pointer to the STE in a linear table, which hardware aligns to its size. SMMUv3 6.3.24. */
export function linearSte(world: World, smmu: number, sid: number): number {
  const base = registerField(world, smmu, REGISTER.STRTAB_BASE, 'ADDR');
  return alignDown(base, 2 ** registerField(world, smmu, REGISTER.STRTAB_BASE_CFG, 'LOG2SIZE')) + sid;
}

/** Where the L1STD of a StreamID lies; hardware aligns the table to its size. */
export function level1Place(world: World, smmu: number, sid: number): Place {
  const split = registerField(world, smmu, REGISTER.STRTAB_BASE_CFG, 'SPLIT');
  const log2Bytes = registerField(world, smmu, REGISTER.STRTAB_BASE_CFG, 'LOG2SIZE') - split + 3;
  const table = registerField(world, smmu, REGISTER.STRTAB_BASE, 'ADDR');
  const base = alignDown(table, 2 ** Math.max(0, log2Bytes - POINTER_SHIFT));
  return descriptorPlace(base, Math.floor(sid / 2 ** split));
}

/** Where a descriptor of 8 bytes lies in the array that a pointer leads to. */
export function descriptorPlace(array: number, index: number): Place {
  const { page, offset } = placeOf(array + Math.floor(index / 8));
  return { page, offset: offset + (index % 8) * 8 };
}

/** What the L1STD says: a pointer to the STE, 'bad' where it covers no such StreamID, 'abort' where no memory answers. */
export function secondLevelSte(world: World, smmu: number, sid: number): number | 'bad' | 'abort' {
  const { page, offset } = level1Place(world, smmu, sid);
  if (!isMemory(world, page)) return 'abort';
  const words = wordsOf(world, page);
  const split = registerField(world, smmu, REGISTER.STRTAB_BASE_CFG, 'SPLIT');
  const span = getField(words, L1STD.fields.Span, offset >>> 2);
  const index = sid % 2 ** split;
  if (span === 0 || span > MAX_SPAN || span > split + 1 || index >= 2 ** (span - 1)) return 'bad';
  return alignDown(getField(words, L1STD.fields.L2Ptr, offset >>> 2), 2 ** (span - 1)) + index;
}

/** V=0, or a combination that the specification calls ILLEGAL: both are C_BAD_STE. SMMUv3 5.2.2. */
export function isBadSte(world: World, smmu: number, ste: number): boolean {
  const field = (name: SteField) => steField(world, smmu, ste, name);
  if (field('V') === 0) return true;
  const config = field('Config');
  if (config < STE_CONFIG.BYPASS) return false;
  const stage1 = (config & 1) !== 0;
  if (stage1 && (idr0(world, smmu, 'S1P') === 0 || isBadStage1(world, smmu, field))) return true;
  // Stage 2 is not built: IDR0.S2P is 0.
  return (config & 2) !== 0 || isBadAts(world, smmu, field);
}

function isBadStage1(world: World, smmu: number, field: (name: SteField) => number): boolean {
  const cdMax = field('S1CDMax');
  if (cdMax > registerField(world, smmu, REGISTER.IDR1, 'SSIDSIZE')) return true;
  const isLinear = field('S1Fmt') !== STE_S1FMT.L2_4K && field('S1Fmt') !== STE_S1FMT.L2_64K;
  if (cdMax > 0 && !isLinear && idr0(world, smmu, 'CD2L') === 0) return true;
  // EL2 needs IDR0.HYP, the odd codes are for Secure streams.
  if (field('STRW') !== 0) return true;
  return field('S1STALLD') === 1 && idr0(world, smmu, 'STALL_MODEL') !== STALL_MODEL.STALL_AND_TERMINATE;
}

/** Split-stage ATS needs both stages, full ATS with DPT needs a DPT. */
function isBadAts(world: World, smmu: number, field: (name: SteField) => number): boolean {
  if (idr0(world, smmu, 'ATS') === 0) return false;
  return field('EATS') === STE_EATS.SPLIT_STAGE || field('EATS') === STE_EATS.FULL_DPT;
}

/** EATS as it counts: without ATS in the SMMU it is off. */
export function effectiveEats(world: World, smmu: number, ste: number): number {
  return idr0(world, smmu, 'ATS') === 0 ? STE_EATS.DISABLED : steField(world, smmu, ste, 'EATS');
}

type Idr0Field = keyof typeof REGISTER.IDR0.layout.fields;

function idr0(world: World, smmu: number, name: Idr0Field): number {
  return registerField(world, smmu, REGISTER.IDR0, name);
}

function alignDown(pointer: number, count: number): number {
  return pointer - (pointer % count);
}
