import { atcOf, devices } from '../../devices/device.ts';
import { entriesOf } from '../../hardware/tlb.ts';
import { bondsOf, contexts, type IommuContext } from '../../iommu/context.ts';
import { domainOf, members } from '../../iommu/group.ts';
import { type PasidTable, QUIET } from '../../iommu/pasid-table.ts';
import { processes, processLock } from '../../iommu/process.ts';
import { siliconOf } from '../../iommu/silicon.ts';
import { mms } from '../../process/mm.ts';
import { isFree } from '../../sim/lock.ts';
import type { World } from '../../world/world.ts';
import { lastPasid, tagIn } from './descriptors.ts';
import { every, everySuch, except, type Invariant, type Verdict } from './invariant.ts';

export const PASID_TABLE_INVARIANTS: readonly Invariant[] = [
  {
    id: 'quiet-entries',
    stands: ['I11', 'I12'],
    claim: 'After the release of an mm its entries are quiet until its bonds end, and no ATC or IOTLB knows its pages.',
    cases: 'contexts of an mm that was released',
    exceptions: [except('exited-entry', 'cleared', 'No entry is left that could be quiet: exit removes it.')],
    check: (world) => everySuch(contexts.slots(world), isReleased(world), (context) => loudEntry(world, context)),
  },
  {
    id: 'group-table',
    stands: ['I32'],
    claim:
      'While nobody holds iommu_process_lock, the devices of a group with PASIDs reach the same page tables by each.',
    cases: 'attached devices with PASIDs',
    check: differingGroup,
  },
];

/** Nobody hears of the mm any more, and its bonds have not ended. */
const isReleased =
  (world: World) =>
  ({ process }: IommuContext): boolean =>
    mms.get(world, processes.get(world, process).mm).notifiers === 0;

function loudEntry(world: World, context: IommuContext): string | null {
  const { pasidTables } = siliconOf(world);
  const { pasid } = processes.get(world, context.process);
  for (const { device } of bondsOf(world, context.id)) {
    if (domainOf(world, device) < 0) continue;
    const { name } = devices.get(world, device);
    const table = pasidTables.of(world, device);
    if (pasidTables.rootOf(world, table, pasid) !== QUIET)
      return `the entry of PASID ${pasid} for ${name} is not quiet`;
    if (isKnown(world, table, device, pasid)) return `a page of PASID ${pasid} is still cached for ${name}`;
  }
  return null;
}

function isKnown(world: World, table: PasidTable, device: number, pasid: number): boolean {
  if (entriesOf(world, atcOf(world, device)).some((entry) => entry.asid === pasid)) return true;
  const { iommus, iotlb, pasidTables } = siliconOf(world);
  const tag = tagIn(world, pasidTables, table, pasid);
  return iommus.all(world).some(({ id }) => entriesOf(world, iotlb(world, id)).some(({ asid }) => asid === tag));
}

function differingGroup(world: World): Verdict {
  if (!isFree(world, processLock.id)) return 0;
  const takers = members.all(world).filter(({ device }) => usesTable(world, device));
  return every(
    takers.map((member) => ({ device: member.device, before: takers.find(({ group }) => group === member.group) })),
    ({ device, before }) => (before === undefined ? null : difference(world, before.device, device)),
  );
}

const usesTable = (world: World, device: number): boolean =>
  domainOf(world, device) >= 0 && devices.get(world, device).pasidBits > 0;

function difference(world: World, one: number, other: number): string | null {
  const { pasidTables } = siliconOf(world);
  const [table, second] = [pasidTables.of(world, one), pasidTables.of(world, other)];
  for (let pasid = Math.min(lastPasid(world, table), lastPasid(world, second)) - 1; pasid > 0; pasid--) {
    if (pasidTables.rootOf(world, table, pasid) === pasidTables.rootOf(world, second, pasid)) continue;
    return `${devices.get(world, one).name} and ${devices.get(world, other).name} differ in what PASID ${pasid} reaches`;
  }
  return null;
}
