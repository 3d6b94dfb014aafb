import { linesOf } from '../../hardware/config-cache.ts';
import { getField } from '../../hardware/layout.ts';
import { iotlb, pdtCache, riscvIommus } from '../../hardware/riscv-iommu/iommu.ts';
import { PC } from '../../hardware/riscv-iommu/process-directory.layout.ts';
import { REGISTER } from '../../hardware/riscv-iommu/registers.layout.ts';
import { translationUnit } from '../../hardware/riscv-iommu/translate.ts';
import type { FilledQueue, PasidTables, SetUp, Silicon, TagOwner } from '../../iommu/silicon.ts';
import { spaces } from '../../iommu/space.ts';
import { actors } from '../../sim/actor.ts';
import { readWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { waitersLeft } from '../waiters.ts';
import { addressSpaces, ownerOf, spaceOfMm, spaceWithPscid, tablesOf } from './address-space.ts';
import { FENCE_WAITERS } from './command-queue.ts';
import { lastDevice, MOST_DIRECTORY_PAGES } from './directory.ts';
import { contextPlace, directories, directoryOf, domainIommu, rootOf } from './domain.ts';
import { BACKEND, createDomain, createOwnTable, domainPages, freeOwnTable } from './domain-tables.ts';
import { faultThread, lostFaults, queuedFaults } from './fault-thread.ts';
import { overflowed, pageDrains, pageThread, queuedRequests, requestAt } from './page-thread.ts';
import { readl, riscvUnits } from './unit.ts';

const WORDS = PC.size / 4;

const pasidTables: PasidTables = {
  rows: directories,
  of: directoryOf,
  rootOf: (world, { id }, pasid) => rootOf(world, directories.get(world, id), pasid),
  wordsOf: (world, { id }, pasid) => {
    const place = contextPlace(world, directories.get(world, id), pasid);
    return place && readWords(world, place.page, place.offset, WORDS, new Uint32Array(WORDS));
  },
  tagIn: (words) => getField(words, PC.fields['ta.PSCID']),
  isShared: () => false,
  cached: (world, iommu) =>
    linesOf(world, pdtCache(world, iommu)).map((line) => ({ ...line, words: line.words.subarray(0, WORDS) })),
};

const setUp: SetUp = {
  lastStream: lastDevice,
  canStall: () => false,
  domainPages,
  devicePages: MOST_DIRECTORY_PAGES,
  createDomain,
  createOwnTable,
  freeOwnTable,
};

function ownerOfTag(world: World, pscid: number): TagOwner | undefined {
  const known = spaceWithPscid(world, pscid);
  if (known === undefined || known.space < 0) return known;
  return { mm: -1, domain: spaces.get(world, known.space).domain, space: known.space };
}

/** Without the stop markers, which want no answer. */
function queuedPasids(world: World): number[] {
  const pasids: number[] = [];
  for (const { iommu, pageBits } of riscvUnits.all(world)) {
    const head = readl(world, iommu, REGISTER.pqh);
    for (let i = 0; i < queuedRequests(world, iommu); i++) {
      const { PV, PID, R, W } = requestAt(world, iommu, (head + i) % 2 ** pageBits);
      if (PV === 1 && R + W > 0) pasids.push(PID);
    }
  }
  return pasids;
}

function filledQueues(world: World): FilledQueue[] {
  return riscvIommus.all(world).flatMap(({ id, name, faultIrq, pageIrq }) => {
    const hasFaults = queuedFaults(world, id) > 0 || lostFaults(world, id);
    const hasRequests = queuedRequests(world, id) > 0 || overflowed(world, id);
    return [
      {
        iommu: name,
        name: 'fault queue',
        hasWork: hasFaults,
        irq: faultIrq,
        sleeper: () => sleeperIn(world, faultThread, id),
      },
      {
        iommu: name,
        name: 'page-request queue',
        hasWork: hasRequests,
        irq: pageIrq,
        sleeper: () => sleeperIn(world, pageThread, id),
      },
    ];
  });
}

function sleeperIn(world: World, thread: Silicon['translation'], iommu: number): string | null {
  const asleep = thread.steps.find(({ label }) => label === 'wait')?.id;
  const sleeper = actors.first(world, ({ frame }) => frame?.step === asleep && frame?.locals['iommu'] === iommu);
  return sleeper?.name ?? null;
}

/** The RISC-V IOMMU behind the seam. */
export const RISCV_IOMMU: Silicon = {
  backend: BACKEND,
  driver: 'IOMMU driver',
  iommus: riscvIommus,
  iotlb,
  translation: translationUnit,
  pasidTables,
  setUp,
  iommuOfDomain: domainIommu,
  isStalling: () => false,
  ioTables: tablesOf,
  ownerOfTag,
  tags: (world) =>
    addressSpaces.all(world).map((row) => ({
      key: `${addressSpaces.name}/${row.id}`,
      tag: row.pscid,
      owner: ownerOf(world, row),
      mm: row.mm,
      isShared: false,
    })),
  tagOfMm: (world, mm) => spaceOfMm(world, mm)?.pscid ?? -1,
  queuedPasids,
  isOverflowing: overflowed,
  filledQueues,
  underWay: (world) => [
    ...waitersLeft(world, FENCE_WAITERS),
    ...[pageDrains].flatMap((table) => {
      const count = table.all(world).length;
      return count === 0 ? [] : [`${count} ${table.name}`];
    }),
    ...riscvUnits.all(world).flatMap((unit) => (unit.pageBusy === 0 ? [] : ['the page-request thread is at work'])),
  ],
  kept: (world) =>
    addressSpaces.all(world).flatMap(({ pscid, mm }) => (mm < 0 ? [] : [`PSCID ${pscid} is a process's`])),
};
