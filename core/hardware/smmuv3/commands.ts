/** What each command does. Those that wait or send are only named here: the command processor carries them out. SMMUv3 4. */
import type { World } from '../../world/world.ts';
import { dropLines } from '../config-cache.ts';
import { getField } from '../layout.ts';
import { ALL_PAGES, type PageRun } from '../pcie/address-range.ts';
import { type Link, linkTo } from '../pcie/link.ts';
import { PRG_RESPONSE_CODE } from '../pcie/messages.layout.ts';
import { invalidate, type TlbMatch } from '../tlb.ts';
import {
  ATC_INV_ALL,
  CFGI_ALL_RANGE,
  CMD_ATC_INV,
  CMD_CFGI_CD,
  CMD_CFGI_STE_RANGE,
  CMD_PRI_RESP,
  CMD_SYNC,
  CMD_TLBI_NH_VA,
  OPCODE,
  PRI_RESP,
  SYNC_SIGNAL,
} from './commands.layout.ts';
import { REGISTER } from './registers.layout.ts';
import { isEnabled, registerField } from './registers.ts';
import { cdCache, iotlb, overtakeUnit, steCache } from './smmu.ts';
import { answerToStalls } from './stall-commands.ts';

/** The four words of a command. */
export type CommandWords = Readonly<Uint32Array>;

/** What is left to do after a command was read: nothing, an error, or a step that may have to wait. */
export type Effect =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'illegal' }
  | { readonly kind: 'invalidate'; readonly link: number }
  | { readonly kind: 'respond'; readonly link: number }
  | { readonly kind: 'resume' }
  | { readonly kind: 'terminate' }
  | { readonly kind: 'sync' };

const NAMES = new Map<number, string>(Object.entries(OPCODE).map(([name, code]) => [code, `CMD_${name}`]));
const ILLEGAL: Effect = { kind: 'illegal' };
/** CMD_TLBI.TG for pages of 4 KB, the only ones that this SMMU walks. */
const TG_4K = 1;

function opcodeOf(words: CommandWords): number {
  return getField(words, CMD_SYNC.fields.opcode);
}

/** The specification's name of a command. */
export function commandName(words: CommandWords): string {
  const isAll = opcodeOf(words) === OPCODE.CFGI_STE_RANGE && range(words, 'Range') === CFGI_ALL_RANGE;
  return isAll ? 'CMD_CFGI_ALL' : (NAMES.get(opcodeOf(words)) ?? `command 0x${opcodeOf(words).toString(16)}`);
}

/** Does what a command asks for at once, or says what remains to be done. */
export function execute(world: World, smmu: number, words: CommandWords): Effect {
  const opcode = opcodeOf(words);
  switch (opcode) {
    case OPCODE.PREFETCH_CONFIG:
    case OPCODE.PREFETCH_ADDR:
      return { kind: 'done', text: 'a hint that is not taken' };
    case OPCODE.CFGI_STE:
    case OPCODE.CFGI_STE_RANGE:
    case OPCODE.CFGI_CD:
    case OPCODE.CFGI_CD_ALL:
      return isSecure(words) ? ILLEGAL : invalidateConfiguration(world, smmu, words);
    case OPCODE.TLBI_NH_ALL:
    case OPCODE.TLBI_NH_ASID:
    case OPCODE.TLBI_NH_VA:
    case OPCODE.TLBI_NH_VAA:
    case OPCODE.TLBI_NSNH_ALL:
      return invalidateTranslations(world, smmu, words);
    case OPCODE.ATC_INV:
      return sending(world, smmu, words, 'ATS', 'invalidate');
    case OPCODE.PRI_RESP:
      return pageResponseCode(words) === null ? ILLEGAL : sending(world, smmu, words, 'PRI', 'respond');
    case OPCODE.RESUME:
    case OPCODE.STALL_TERM:
      return isSecure(words) ? ILLEGAL : (answerToStalls(world, smmu, words) ?? ILLEGAL);
    case OPCODE.SYNC:
      return getField(words, CMD_SYNC.fields.CS) > SYNC_SIGNAL.SEV ? ILLEGAL : { kind: 'sync' };
    default:
      // Among them stage 2 and EL2: this SMMU has neither.
      return ILLEGAL;
  }
}

function isSecure(words: CommandWords): boolean {
  return getField(words, CMD_CFGI_CD.fields.SSec) === 1;
}

function sending(
  world: World,
  smmu: number,
  words: CommandWords,
  feature: 'ATS' | 'PRI',
  kind: 'invalidate' | 'respond',
): Effect {
  if (registerField(world, smmu, REGISTER.IDR0, feature) === 0) return ILLEGAL;
  const link = targetOf(world, smmu, words);
  if (!isEnabled(world, smmu, 'SMMUEN') || link === null) return { kind: 'done', text: 'ignored' };
  return { kind, link: link.id };
}

function targetOf(world: World, smmu: number, words: CommandWords): Link | null {
  return linkTo(world, smmu, getField(words, CMD_ATC_INV.fields.StreamID));
}

/** Drops STEs with every CD found through them, or CDs. Descriptors of level 1 are not cached: Leaf changes nothing. */
function invalidateConfiguration(world: World, smmu: number, words: CommandWords): Effect {
  const opcode = opcodeOf(words);
  const sid = range(words, 'StreamID');
  const ssid = getField(words, CMD_CFGI_CD.fields.SubstreamID);
  const span = opcode === OPCODE.CFGI_STE_RANGE ? 2 ** (range(words, 'Range') + 1) : 1;
  const isStream = (each: number) => Math.floor(each / span) === Math.floor(sid / span);
  const isOne = opcode === OPCODE.CFGI_CD;
  const dropsStes = opcode === OPCODE.CFGI_STE || opcode === OPCODE.CFGI_STE_RANGE;
  const stes = dropsStes ? dropLines(world, steCache(world, smmu), isStream) : 0;
  const cds = dropLines(world, cdCache(world, smmu), (each, index) => isStream(each) && (!isOne || index === ssid));
  overtakeUnit(world, smmu);
  const descriptors = `${cds} cached context ${cds === 1 ? 'descriptor' : 'descriptors'}`;
  const entries = `${stes} cached stream table ${stes === 1 ? 'entry' : 'entries'} and `;
  return { kind: 'done', text: `${dropsStes ? entries : ''}${descriptors} dropped` };
}

function range(words: CommandWords, name: 'StreamID' | 'Range'): number {
  return getField(words, CMD_CFGI_STE_RANGE.fields[name]);
}

function invalidateTranslations(world: World, smmu: number, words: CommandWords): Effect {
  const matches = matchesOf(world, smmu, words);
  if (matches === null) return ILLEGAL;
  const tlb = iotlb(world, smmu);
  const dropped = matches.reduce((sum, match) => sum + invalidate(world, tlb, match), 0);
  overtakeUnit(world, smmu);
  return { kind: 'done', text: `${dropped} ${dropped === 1 ? 'translation' : 'translations'} dropped` };
}

/** What a TLB invalidation fits, run by run; null for an illegal one. SMMUv3 4.4. */
function matchesOf(world: World, smmu: number, words: CommandWords): TlbMatch[] | null {
  const field = (name: keyof typeof CMD_TLBI_NH_VA.fields) => getField(words, CMD_TLBI_NH_VA.fields[name]);
  // Without stage 2 there are no virtual machines: the VMID is ignored.
  const hasStage2 = registerField(world, smmu, REGISTER.IDR0, 'S2P') === 1;
  const vmid = hasStage2 && opcodeOf(words) !== OPCODE.TLBI_NSNH_ALL ? { vmid: field('VMID') } : {};
  const asid = { asid: field('ASID') };
  switch (opcodeOf(words)) {
    case OPCODE.TLBI_NH_ASID:
      return [{ ...vmid, ...asid, keepGlobal: true }];
    case OPCODE.TLBI_NH_VA:
      return runsOf(world, smmu, field)?.map((run) => ({ ...vmid, ...asid, ...run })) ?? null;
    case OPCODE.TLBI_NH_VAA:
      return runsOf(world, smmu, field)?.map((run) => ({ ...vmid, ...run })) ?? null;
    default:
      return [vmid];
  }
}

/** The pages of an invalidation by address: one, or (NUM+1) runs of 2^SCALE where ranges exist. SMMUv3 4.4.1.1. */
function runsOf(
  world: World,
  smmu: number,
  field: (name: keyof typeof CMD_TLBI_NH_VA.fields) => number,
): PageRun[] | null {
  const first = field('Address');
  const granule = registerField(world, smmu, REGISTER.IDR3, 'RIL') === 1 ? field('TG') : 0;
  if (granule === 0) return [{ page: first, span: 0 }];
  if (field('NUM') === 0 && field('SCALE') === 0 && field('TTL') === 0) return null;
  if (granule !== TG_4K) return [];
  const span = field('SCALE');
  return Array.from({ length: field('NUM') + 1 }, (_, i) => ({ page: first + i * 2 ** span, span }));
}

/** SubstreamID of an ATC_INV or PRI_RESP, -1 for none. */
export function pasidOf(words: CommandWords): number {
  return getField(words, CMD_ATC_INV.fields.SSV) === 0 ? -1 : getField(words, CMD_ATC_INV.fields.SubstreamID);
}

/** What a CMD_ATC_INV invalidates; a Size beyond the address space means all of it. */
export function invalidatedPages(words: CommandWords): PageRun {
  const span = getField(words, CMD_ATC_INV.fields.Size);
  if (span >= ATC_INV_ALL) return ALL_PAGES;
  const page = getField(words, CMD_ATC_INV.fields.Address);
  return { page: page - (page % 2 ** span), span };
}

/** Whether a CMD_ATC_INV is for every PASID. */
export function isGlobal(words: CommandWords): number {
  return getField(words, CMD_ATC_INV.fields.G);
}

export function responseGroup(words: CommandWords): number {
  return getField(words, CMD_PRI_RESP.fields.PRGIndex);
}

/** The code on the wire for a CMD_PRI_RESP, which has codes of its own; null for the reserved one. SMMUv3 4.5.2. */
export function pageResponseCode(words: CommandWords): number | null {
  switch (getField(words, CMD_PRI_RESP.fields.Resp)) {
    case PRI_RESP.FAILURE:
      return PRG_RESPONSE_CODE.RESPONSE_FAILURE;
    case PRI_RESP.INVALID:
      return PRG_RESPONSE_CODE.INVALID_REQUEST;
    case PRI_RESP.SUCCESS:
      return PRG_RESPONSE_CODE.SUCCESS;
    default:
      return null;
  }
}
