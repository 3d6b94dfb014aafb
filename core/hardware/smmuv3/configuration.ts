/** The steps from a StreamID to a CD in the pinned lines of the configuration caches: where each leads. SMMUv3 3.3. */
import { isMemory } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { fillLine, findLine, pinLine, unpinLine } from '../config-cache.ts';
import { links, type Message } from '../pcie/link.ts';
import { isBadCd, leafBits, level1CdPlace, linearCd, secondLevelCd, treatmentOf } from './context.ts';
import { FETCH_SHIFT } from './event-queue.ts';
import { EVENT } from './events.layout.ts';
import { REGISTER } from './registers.layout.ts';
import { registerField } from './registers.ts';
import { cdCache, setUnit, smmus, steCache, UNIT } from './smmu.ts';
import { STE_CONFIG, STE_EATS } from './stream-table.layout.ts';
import {
  effectiveEats,
  isBadSte,
  isInTable,
  isTwoLevel,
  level1Place,
  linearSte,
  type Place,
  placeOf,
  secondLevelSte,
  steField,
} from './stream-table.ts';

/** No event: the STE aborts in silence, or translation is off. */
export const SILENT = 0;

/** A fault; `fetch` is the address >> 3 that could not be read, 0 for none. */
export interface Fault {
  readonly to: 'fault';
  readonly event: number;
  readonly fetch: number;
}

/** Where a lookup goes on: a pinned line, a descriptor of level 1, a structure at a pointer, or without stage 1. */
export type Lookup =
  | { readonly to: 'line'; readonly line: number }
  | { readonly to: 'level 1' }
  | { readonly to: 'structure'; readonly at: number }
  | { readonly to: 'bypass' }
  | Fault;

/** A fault without an address that could not be read. */
export function faultOf(event: number): Fault {
  return { to: 'fault', event, fetch: 0 };
}

function unreadable(event: number, { page, offset }: Place): Fault {
  return { to: 'fault', event, fetch: page * 2 ** (12 - FETCH_SHIFT) + offset / 2 ** FETCH_SHIFT };
}

function streamOf(world: World, message: Message): number {
  return links.get(world, message.link).sid;
}

/** Looks for the STE in its cache, else says where in memory to begin. */
export function findStream(world: World, smmu: number, message: Message): Lookup {
  const sid = streamOf(world, message);
  const cache = steCache(world, smmu);
  const line = findLine(world, cache, sid, 0);
  if (line >= 0) {
    pinLine(world, cache, line);
    return { to: 'line', line };
  }
  if (!isInTable(world, smmu, sid)) return faultOf(EVENT.C_BAD_STREAMID);
  return isTwoLevel(world, smmu) ? { to: 'level 1' } : { to: 'structure', at: linearSte(world, smmu, sid) };
}

/** Reads the L1STD. */
export function readStreamArray(world: World, smmu: number, message: Message): Lookup {
  const sid = streamOf(world, message);
  const at = secondLevelSte(world, smmu, sid);
  if (at === 'abort') return unreadable(EVENT.F_STE_FETCH, level1Place(world, smmu, sid));
  return at === 'bad' ? faultOf(EVENT.C_BAD_STREAMID) : { to: 'structure', at };
}

/** Reads the STE into its cache. */
export function readSte(world: World, smmu: number, message: Message, at: number): Lookup {
  const place = placeOf(at);
  if (!isMemory(world, place.page)) return unreadable(EVENT.F_STE_FETCH, place);
  const tag = { sid: streamOf(world, message), ssid: 0 };
  return { to: 'line', line: fillLine(world, steCache(world, smmu), tag, place, mayCache(world, smmu)) };
}

/** What an STE lets a message do, before any CD: nothing (a fault), go untranslated, be answered, or be translated. */
export type Permit =
  | { readonly to: 'answer'; readonly pasid: number }
  | { readonly to: 'memory' }
  | { readonly to: 'context' }
  | Fault;

/** Applies the STE to each kind of message. SMMUv3 5.2, 3.9.1, 8.2. */
export function permitOf(world: World, smmu: number, message: Message, ste: number): Permit {
  if (isBadSte(world, smmu, ste)) return faultOf(EVENT.C_BAD_STE);
  if (message.kind === 'page-request') {
    return { to: 'answer', pasid: steField(world, smmu, ste, 'PPAR') === 1 ? message.pasid : -1 };
  }
  const config = steField(world, smmu, ste, 'Config');
  if (config < STE_CONFIG.BYPASS) return faultOf(SILENT);
  const mayUseAts = config !== STE_CONFIG.BYPASS && effectiveEats(world, smmu, ste) !== STE_EATS.DISABLED;
  if (message.at === 'translated') return mayUseAts ? { to: 'memory' } : faultOf(EVENT.F_TRANSL_FORBIDDEN);
  if (message.kind === 'translation-request' && !mayUseAts) return faultOf(EVENT.F_BAD_ATS_TREQ);
  return { to: 'context' };
}

/** What a read, a write or a Translation Request may do while CR0.SMMUEN is 0. SMMUv3 6.3.14, 3.9.1. */
export function permitWhileOff(world: World, smmu: number, message: Message): Permit {
  if (message.kind === 'translation-request') return faultOf(EVENT.F_BAD_ATS_TREQ);
  if (message.at === 'translated') return faultOf(EVENT.F_TRANSL_FORBIDDEN);
  return registerField(world, smmu, REGISTER.GBPA, 'ABORT') === 0 ? { to: 'memory' } : faultOf(SILENT);
}

/** Looks for the CD that the STE gives to this transaction. */
export function findContext(world: World, smmu: number, message: Message, ste: number): Lookup {
  const treatment = treatmentOf(world, smmu, ste, message.pasid);
  if (treatment.kind === 'bypass') return { to: 'bypass' };
  if (treatment.kind === 'fault') return faultOf(treatment.event);
  const cache = cdCache(world, smmu);
  const line = findLine(world, cache, streamOf(world, message), treatment.ssid);
  if (line >= 0) {
    pinLine(world, cache, line);
    return usableCd(world, smmu, ste, line);
  }
  if (leafBits(world, smmu, ste) > 0) return { to: 'level 1' };
  return { to: 'structure', at: linearCd(world, smmu, ste, treatment.ssid) };
}

/** Reads the L1CD. */
export function readContextLeaf(world: World, smmu: number, message: Message, ste: number): Lookup {
  const ssid = indexOf(message);
  const at = secondLevelCd(world, smmu, ste, ssid);
  if (at === 'abort') return unreadable(EVENT.F_CD_FETCH, level1CdPlace(world, smmu, ste, ssid));
  return at === 'bad' ? faultOf(EVENT.C_BAD_SUBSTREAMID) : { to: 'structure', at };
}

/** Reads the CD into its cache. */
export function readCd(world: World, smmu: number, message: Message, ste: number, at: number): Lookup {
  const place = placeOf(at);
  if (!isMemory(world, place.page)) return unreadable(EVENT.F_CD_FETCH, place);
  const tag = { sid: streamOf(world, message), ssid: indexOf(message) };
  return usableCd(world, smmu, ste, fillLine(world, cdCache(world, smmu), tag, place, mayCache(world, smmu)));
}

/** The pinned line, unless what it holds is not valid: it stays cached like all others, but nobody holds it. */
function usableCd(world: World, smmu: number, ste: number, line: number): Lookup {
  if (!isBadCd(world, smmu, ste, line)) return { to: 'line', line };
  unpinLine(world, cdCache(world, smmu), line);
  return faultOf(EVENT.C_BAD_CD);
}

/** Traffic without a PASID that uses a CD uses the first one. */
function indexOf(message: Message): number {
  return Math.max(0, message.pasid);
}

/** What is read after an invalidation has overtaken the unit may come from stale pointers: it is not kept. */
function mayCache(world: World, smmu: number): boolean {
  return smmus.get(world, smmu).unit !== UNIT.overtaken;
}

/** The transaction is over: its lines may go, and the unit is free. */
export function release(world: World, smmu: number, ste: number, cd: number): void {
  unpinLine(world, steCache(world, smmu), ste);
  unpinLine(world, cdCache(world, smmu), cd);
  setUnit(world, smmu, UNIT.idle);
}
