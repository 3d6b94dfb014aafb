import { linesOf } from '../../hardware/config-cache.ts';
import { decode, getField } from '../../hardware/layout.ts';
import { CD } from '../../hardware/smmuv3/context.layout.ts';
import { isOverflowing, type OutputQueue } from '../../hardware/smmuv3/output-queue.ts';
import { PRIQ_ENTRY } from '../../hardware/smmuv3/pri-queue.layout.ts';
import { REGISTER } from '../../hardware/smmuv3/registers.layout.ts';
import { cdCache, iotlb, smmus } from '../../hardware/smmuv3/smmu.ts';
import { stalls } from '../../hardware/smmuv3/stall.ts';
import { translationUnit } from '../../hardware/smmuv3/translate.ts';
import type { FilledQueue, PasidTables, SetUp, Silicon, TagOwner } from '../../iommu/silicon.ts';
import { spaces } from '../../iommu/space.ts';
import { actors } from '../../sim/actor.ts';
import { readWords } from '../../world/memory.ts';
import { ringLength } from '../../world/ring.ts';
import type { World } from '../../world/world.ts';
import { waitersLeft } from '../waiters.ts';
import { asidEntries, ownerOf } from './asid-map.ts';
import { createDomain, createOwnTable, domainPages, freeOwnTable } from './attach.ts';
import { SYNC_WAITERS } from './command-queue.ts';
import { cdTableOf, cdTables, contextPlace, rootOf, smmuDomainOf } from './domain.ts';
import { eventThread } from './event-thread.ts';
import { privateTables, tablesOf } from './io-pgtable.ts';
import { drains, priThread } from './pri-thread.ts';
import { STREAM_LEAF_PAGES } from './probe.ts';
import { canStall, readl, unitOf, units } from './unit.ts';

const WORDS = CD.size / 4;

const pasidTables: PasidTables = {
  rows: cdTables,
  of: cdTableOf,
  rootOf: (world, { id }, pasid) => rootOf(world, cdTables.get(world, id), pasid),
  wordsOf: (world, { id }, pasid) => {
    const place = contextPlace(world, cdTables.get(world, id), pasid);
    return place && readWords(world, place.page, place.offset, WORDS, new Uint32Array(WORDS));
  },
  tagIn: (words) => getField(words, CD.fields.ASID),
  isShared: (words) => getField(words, CD.fields.ASET) === 0,
  cached: (world, smmu) => linesOf(world, cdCache(world, smmu)),
};

const setUp: SetUp = {
  lastStream: (world, smmu) => 2 ** unitOf(world, smmu).streamBits - 1,
  canStall,
  domainPages,
  devicePages: 2 * STREAM_LEAF_PAGES,
  createDomain,
  createOwnTable,
  freeOwnTable,
};

/** ASIDs of processes and domains are in one map, those of private PASIDs beside it. */
function ownerOfTag(world: World, asid: number): TagOwner | undefined {
  const { mm, domain } = asidEntries.first(world, (row) => row.asid === asid) ?? { mm: -1, domain: -1 };
  if (mm >= 0 || domain >= 0) return { mm, domain, space: -1 };
  const space = privateTables.first(world, (row) => row.asid === asid)?.space;
  return space === undefined ? undefined : { mm: -1, domain: spaces.get(world, space).domain, space };
}

const ENTRY_BYTES = 16;
const scratch = new Uint32Array(ENTRY_BYTES / 4);

/** Without the stop markers, which want no answer. */
function queuedPasids(world: World): number[] {
  const pasids: number[] = [];
  for (const { smmu, priQueue, priBits } of units.all(world)) {
    const [prod, cons] = [readl(world, smmu, REGISTER.PRIQ_PROD), readl(world, smmu, REGISTER.PRIQ_CONS)];
    for (let left = ringLength({ log2Size: priBits }, prod, cons); left > 0; left--) {
      const at = ((prod - left) & (2 ** priBits - 1)) * ENTRY_BYTES;
      const entry = decode(PRIQ_ENTRY, readWords(world, priQueue + (at >>> 12), at & 0xfff, scratch.length, scratch));
      if (entry.SSV === 1 && entry.R + entry.W > 0) pasids.push(entry.SubstreamID);
    }
  }
  return pasids;
}

function filledQueues(world: World): FilledQueue[] {
  return smmus
    .all(world)
    .flatMap((smmu) => [
      filledQueue(world, smmu, 'EVENTQ', smmu.eventIrq, eventThread),
      filledQueue(world, smmu, 'PRIQ', smmu.priIrq, priThread),
    ]);
}

function filledQueue(
  world: World,
  { id, name }: { readonly id: number; readonly name: string },
  queue: OutputQueue,
  irq: number,
  thread: Silicon['translation'],
): FilledQueue {
  const asleep = thread.steps.find(({ label }) => label === 'wait')?.id;
  const sleeper = () =>
    actors.first(world, ({ frame }) => frame?.step === asleep && frame?.locals['smmu'] === id)?.name ?? null;
  const hasWork = hasEntries(world, id, queue) || isOverflowing(world, id, queue);
  return { iommu: name, name: queue, hasWork, irq, sleeper };
}

function hasEntries(world: World, smmu: number, queue: OutputQueue): boolean {
  const { eventBits, priBits } = unitOf(world, smmu);
  const log2Size = queue === 'EVENTQ' ? eventBits : priBits;
  const prod = readl(world, smmu, REGISTER[`${queue}_PROD`]);
  return ringLength({ log2Size }, prod, readl(world, smmu, REGISTER[`${queue}_CONS`])) > 0;
}

/** SMMUv3 behind the seam. */
export const SMMUV3: Silicon = {
  backend: 'smmuv3',
  driver: 'SMMU driver',
  iommus: smmus,
  iotlb,
  translation: translationUnit,
  pasidTables,
  setUp,
  iommuOfDomain: (world, domain) => smmuDomainOf(world, domain).smmu,
  isStalling: (world, domain) => smmuDomainOf(world, domain).stall === 1,
  ioTables: tablesOf,
  ownerOfTag,
  tags: (world) =>
    asidEntries.all(world).map((entry) => ({
      key: `${asidEntries.name}/${entry.id}`,
      tag: entry.asid,
      owner: ownerOf(world, entry),
      mm: entry.mm,
      isShared: entry.shared === 1,
    })),
  tagOfMm: (world, mm) => asidEntries.first(world, (row) => row.mm === mm)?.asid ?? -1,
  queuedPasids,
  isOverflowing: (world, smmu) => isOverflowing(world, smmu, 'PRIQ'),
  filledQueues,
  underWay: (world) => [
    ...waitersLeft(world, SYNC_WAITERS),
    ...[drains, stalls].flatMap((table) => {
      const count = table.all(world).length;
      return count === 0 ? [] : [`${count} ${table.name}`];
    }),
    ...units.all(world).flatMap((unit) => (unit.priBusy === 0 ? [] : ['the PRI thread is at work'])),
  ],
  kept: (world) => asidEntries.all(world).flatMap(({ asid, mm }) => (mm < 0 ? [] : [`ASID ${asid} is a process's`])),
};
