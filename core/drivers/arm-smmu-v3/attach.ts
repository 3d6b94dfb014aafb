import { devices } from '../../devices/device.ts';
import { encode, pointerTo } from '../../hardware/layout.ts';
import { links } from '../../hardware/pcie/link.ts';
import { CMD_CFGI_STE, OPCODE } from '../../hardware/smmuv3/commands.layout.ts';
import { STE, STE_CONFIG, STE_EATS, STE_S1DSS, STE_S1FMT } from '../../hardware/smmuv3/stream-table.layout.ts';
import { domains } from '../../iommu/domain.ts';
import { assert, present } from '../../lib/assert.ts';
import { decides } from '../../policy/policy.ts';
import { allocateContiguous, allocateFrame, putFrame } from '../../process/frame.ts';
import { call, fail, procedure, step } from '../../sim/procedure.ts';
import { writeWord, writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { type DetachingDriver, leavingAtcOf, thenAtc } from '../leaving-atc.ts';
import { takePrivateAsid } from './asid-map.ts';
import { issue, issueSync } from './command-queue.ts';
import {
  type CdTable,
  cdTableOf,
  cdTables,
  contextPlace,
  entryZeroWords,
  LEAF_BITS,
  LEAF_PAGES,
  level1Words,
  smmuDomainOf,
  smmuDomains,
  streamOf,
} from './domain.ts';
import { CACHES, invalidateEveryPasid } from './invalidate.ts';
import { streamPlace } from './probe.ts';
import { canStall, substreamBits, unitOf } from './unit.ts';

/** A linear CD table has at most 2^10 entries (64 KiB); more PASIDs want two levels. RFCv2 15/36. */
const LINEAR_BITS = 10;
const BACKEND = 'smmuv3';

/** How the CD table of a domain is laid out for PASIDs of so many bits. */
function layoutFor(
  world: World,
  smmu: number,
  pasidBits: number,
): { contextBits: number; twoLevel: boolean; pages: number } {
  const bits = Math.min(substreamBits(world, smmu), Math.max(pasidBits, 1));
  const twoLevel = unitOf(world, smmu).twoLevelContexts === 1 && bits > LINEAR_BITS;
  const contextBits = twoLevel ? bits : Math.min(bits, LINEAR_BITS);
  const pages = twoLevel ? 2 ** (contextBits - LEAF_BITS) / 512 : (2 ** contextBits * 64) / 4096;
  return { contextBits, twoLevel, pages: Math.max(1, Math.ceil(pages)) };
}

/** Pages side by side that surely hold all tables of a domain for PASIDs of so many bits, wherever they begin. */
export function domainPages(world: World, smmu: number, pasidBits: number): number {
  const { twoLevel, pages } = layoutFor(world, smmu, pasidBits);
  return 2 * pages + 1 + (twoLevel ? 2 * LEAF_PAGES : 0);
}

/** A domain: entry 0 of its PASID tables maps DMA addresses, none yet. At boot. arm_smmu_domain_finalise(). */
export function createDomain(world: World, name: string, smmu: number, pasidBits: number, stalls: boolean): number {
  const { contextBits } = layoutFor(world, smmu, pasidBits);
  const domain = domains.insert(world, { name, backend: BACKEND, minPasid: 1, maxPasid: 2 ** contextBits - 1 });
  const pgd = mustHave(allocateFrame(world, 'kernel'));
  const asid = takePrivateAsid(world, smmu, domain.id);
  assert(asid > 0, 'an SMMU has an ASID for each of its domains');
  smmuDomains.insert(world, { domain: domain.id, smmu, stall: stalls ? 1 : 0, asid, pgd });
  if (decides(world, 'pasid-table', 'domain')) createCdTable(world, domain.id, -1, pasidBits);
  return domain.id;
}

/** Gives a device that joins a domain a PASID table of its own, where the design wants it so. arm_smmu_alloc_cd_tables(). */
export function createOwnTable(world: World, domain: number, device: number): void {
  if (!decides(world, 'pasid-table', 'device')) return;
  const { contextBits } = createCdTable(world, domain, device, devices.get(world, device).pasidBits);
  domains.edit(world, domain, (row) => {
    row.maxPasid = Math.max(row.maxPasid, 2 ** contextBits - 1);
  });
}

/** Gives back the PASID table that a device had of its own: it was part of its master. arm_smmu_free_cd_tables(). */
export function freeOwnTable(world: World, device: number): void {
  const row = cdTables.first(world, (each) => each.device === device);
  if (row === undefined) return;
  const { contextTable, contextBits, twoLevel } = row;
  const leaves = twoLevel === 1 ? 2 ** (contextBits - LEAF_BITS) : 0;
  for (let leaf = 0; leaf < leaves; leaf++) {
    const place = contextPlace(world, row, leaf * 2 ** LEAF_BITS);
    if (place !== null) freePages(world, place.page, LEAF_PAGES);
  }
  freePages(world, contextTable, twoLevel === 1 ? Math.ceil(leaves / 512) : Math.ceil((2 ** contextBits * 64) / 4096));
  cdTables.remove(world, row.id);
}

function freePages(world: World, first: number, pages: number): void {
  for (let page = first; page < first + pages; page++) putFrame(world, page);
}

function createCdTable(world: World, domain: number, device: number, pasidBits: number): CdTable {
  const { contextBits, twoLevel, pages } = layoutFor(world, smmuDomainOf(world, domain).smmu, pasidBits);
  const contextTable = mustHave(allocateContiguous(world, pages, pages));
  const row = cdTables.insert(world, { domain, device, contextTable, contextBits, twoLevel: twoLevel ? 1 : 0 });
  writeEntryZero(world, row);
  return row;
}

function mustHave(result: { readonly ok: true; readonly value: number } | { readonly ok: false }): number {
  assert(result.ok, 'memory is large enough for the tables of a domain');
  return result.value;
}

function writeEntryZero(world: World, table: CdTable): void {
  const { contextTable } = table;
  const words = entryZeroWords(world, table);
  if (table.twoLevel === 0) {
    writeWords(world, contextTable, 0, words);
    return;
  }
  const leaf = mustHave(allocateContiguous(world, LEAF_PAGES, LEAF_PAGES));
  writeWords(world, contextTable, 0, level1Words(leaf));
  writeWords(world, leaf, 0, words);
}

/** A PASID table that belongs to a device goes with it: its entry 0 becomes that of the domain which the device joins. */
function bringOwnTable(world: World, domain: number, device: number): void {
  const own = cdTables.first(world, (row) => row.device === device);
  if (own === undefined || own.domain === domain) return;
  const row = cdTables.edit(world, own.id, (draft) => {
    draft.domain = domain;
  });
  const { page, offset } = present(contextPlace(world, row, 0), 'entry 0 is always there');
  writeWords(world, page, offset, entryZeroWords(world, row));
}

/** The stream table entry that sends the traffic of a device through its PASID table. SMMUv3 5.2. */
export function streamWords(world: World, domain: number, device: number): Uint32Array {
  const row = cdTableOf(world, device, domain);
  const { smmu, stall } = smmuDomainOf(world, domain);
  return encode(STE, {
    V: 1,
    Config: STE_CONFIG.S1_TRANSLATE,
    S1Fmt: row.twoLevel === 1 ? STE_S1FMT.L2_64K : STE_S1FMT.LINEAR,
    S1ContextPtr: pointerTo(row.contextTable, 0, 6),
    S1CDMax: row.contextBits,
    S1DSS: STE_S1DSS.SSID0,
    S1CIR: 1,
    S1COR: 1,
    S1CSH: 3,
    PPAR: 1,
    S1STALLD: canStall(world, smmu) && stall === 0 ? 1 : 0,
    EATS: devices.get(world, device).ats === 1 ? STE_EATS.FULL : STE_EATS.DISABLED,
    SHCFG: 1,
  });
}

/** Why a device cannot be attached to a domain: it is another SMMU's, or CD.S is not what the device needs. */
function whyNot(world: World, domain: number, device: number): 'ENXIO' | 'EINVAL' | null {
  const { smmu, stall } = smmuDomainOf(world, domain);
  const row = devices.get(world, device);
  if (links.get(world, row.link).smmu !== smmu) return 'ENXIO';
  return (row.stall === 1 && canStall(world, smmu)) === (stall === 1) ? null : 'EINVAL';
}

/** arm_smmu_install_ste_for_dev(): all but word 0 first, then word 0 with V; the cached entry invalidated after each. */
export const attachStream = procedure(
  'arm_smmu_attach_dev',
  'smmu-driver',
  { body: ['domain', 'device'], valid: ['domain', 'device'], sync: ['domain'] },
  (go) => ({
    body: step(
      'writes the stream table entry of {device}, all but the word that makes it valid',
      { cite: 'SMMUv3 5.2; RFCv2 11/36' },
      (world, { domain, device }) => {
        const errno = whyNot(world, domain, device);
        if (errno !== null) return fail(errno);
        bringOwnTable(world, domain, device);
        const place = streamPlace(world, smmuDomainOf(world, domain).smmu, streamOf(world, device));
        writeWords(world, place.page, place.offset + 8, streamWords(world, domain, device).subarray(2));
        return call(invalidateStream(world, device), go.valid({ domain, device }));
      },
    ),
    valid: step(
      'makes the stream table entry of {device} valid',
      { atomic: 'one 64-bit store of word 0', cite: 'SMMUv3 5.2', transaction: true },
      (world, { domain, device }) => {
        const place = streamPlace(world, smmuDomainOf(world, domain).smmu, streamOf(world, device));
        writeWords(world, place.page, place.offset, streamWords(world, domain, device).subarray(0, 2));
        return call(invalidateStream(world, device), go.sync({ domain }));
      },
    ),
    sync: step('waits for the invalidations', { cite: 'SMMUv3 4.7.3' }, (world, { domain }) =>
      issueSync.at.insert({ smmu: smmuDomainOf(world, domain).smmu }),
    ),
  }),
);

const DETACHING: DetachingDriver = {
  ...CACHES,
  forgetEveryPasid: invalidateEveryPasid,
  atcCite: 'arm_smmu_disable_ats(); SMMUv3 4.5.1',
  pasidsCite: 'arm_smmu_disable_ats(); SMMUv3 4.5.1',
};

/** arm_smmu_detach_dev(): the traffic of the device is aborted from here on. */
export const detachStream = procedure(
  'arm_smmu_detach_dev',
  'smmu-driver',
  { abort: ['device'], sync: ['device'], atc: ['device'], pasids: ['device'], wait: ['device'] },
  (go) => ({
    abort: step(
      'sets the stream table entry of {device} to abort',
      { atomic: 'one 64-bit store of word 0', cite: 'SMMUv3 5.2: Config 0b000', transaction: true },
      (world, { device }) => {
        const { link } = devices.get(world, device);
        const { smmu, sid } = links.get(world, link);
        const place = streamPlace(world, smmu, sid);
        const [low = 0, high = 0] = encode(STE, { V: 1, Config: STE_CONFIG.ABORT });
        writeWord(world, place.page, place.offset, low);
        writeWord(world, place.page, place.offset + 4, high);
        return call(invalidateStream(world, device), go.sync({ device }));
      },
    ),
    sync: step('waits for the invalidation', { cite: 'SMMUv3 4.7.3' }, (world, of) => thenAtc(world, CACHES, of, go)),
    ...leavingAtcOf(DETACHING, go),
  }),
);

function invalidateStream(world: World, device: number) {
  const { smmu } = links.get(world, devices.get(world, device).link);
  return issue(smmu, CMD_CFGI_STE, OPCODE.CFGI_STE, { StreamID: streamOf(world, device), Leaf: 1 });
}
