import { atcOf, devices } from '../devices/device.ts';
import { pendingInvalidations } from '../devices/invalidation.ts';
import { jobs } from '../devices/job.ts';
import { requestGroups, sentRequests } from '../devices/page-request.ts';
import { pasidUses } from '../devices/pasid-use.ts';
import { deferredFaults } from '../drivers/accel/fault.ts';
import { faults, iopfGroups } from '../faults/fault.ts';
import { CPU_TLB } from '../hardware/cpu-mmu.ts';
import { irqs } from '../hardware/irq.ts';
import { links, messages } from '../hardware/pcie/link.ts';
import { entriesOf, type TlbShape } from '../hardware/tlb.ts';
import { bonds, contexts } from '../iommu/context.ts';
import { unmapped } from '../iommu/map.ts';
import type { PasidTable } from '../iommu/pasid-table.ts';
import { processes } from '../iommu/process.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { spaceWithPasid } from '../iommu/space.ts';
import { type Frame, frames, zeroPage } from '../process/frame.ts';
import { gathered } from '../process/gather.ts';
import { mms } from '../process/mm.ts';
import { pendingPuts } from '../process/mmput.ts';
import { pins } from '../process/pins.ts';
import { swapSlots } from '../process/swap.ts';
import { tasks } from '../process/task.ts';
import { vmas } from '../process/vma.ts';
import { actors } from '../sim/actor.ts';
import { locks } from '../sim/lock.ts';
import { readWord } from '../world/memory.ts';
import { ringLength } from '../world/ring.ts';
import type { World } from '../world/world.ts';

/** What is still under way although nobody moves any more: nothing, in a machine without bugs. */
export function underWay(world: World): string[] {
  return [
    ...rowsLeft(world, [faults, iopfGroups, requestGroups, sentRequests, messages, pendingPuts, gathered]),
    ...rowsLeft(world, [pendingInvalidations, unmapped, deferredFaults]),
    ...siliconOf(world).underWay(world),
    ...locks.all(world).flatMap((lock) => (lock.owner >= 0 || lock.readers > 0 ? [`${lock.name} is held`] : [])),
    ...tasks.all(world).flatMap((task) => (isIdle(world, task.actor) ? [] : [`${task.name} is busy`])),
    ...jobs.all(world).flatMap((job) => (isOver(job.state) ? [] : [`job ${job.id} is ${job.state}`])),
    ...pasidUses.all(world).flatMap((use) => (use.state === 'running' ? [] : [`PASID ${use.pasid} is ${use.state}`])),
    ...links.all(world).flatMap((link) => (link.held === 0 ? [] : [`${link.name} is held back`])),
    ...links.all(world).flatMap((link) => (link.itags === 0 ? [] : [`${link.name} owes a completion`])),
    ...irqs.all(world).flatMap((irq) => (irq.pending === 0 ? [] : [`${irq.name} is pending`])),
    ...siliconOf(world)
      .iommus.all(world)
      .flatMap(({ name, unit }) => (unit === 0 ? [] : [`${name} translates`])),
    ...world.rings.flatMap((ring) => ringLeft(world, ring)),
  ];
}

const isOver = (state: string): boolean => state === 'done' || state === 'failed';
const isIdle = (world: World, actor: number): boolean => actors.get(world, actor).frame === null;

interface Rows {
  readonly name: string;
  all(world: World): readonly unknown[];
}

function rowsLeft(world: World, tables: readonly Rows[]): string[] {
  return tables.flatMap((table) => (table.all(world).length === 0 ? [] : [`${table.all(world).length} ${table.name}`]));
}

function ringLeft(world: World, ring: World['rings'][number]): string[] {
  const prod = readWord(world, ring.prodPage, ring.prodOffset);
  const cons = readWord(world, ring.consPage, ring.consOffset);
  if (ringLength(ring, prod, cons) > 0) return [`${ring.name} is not empty`];
  return ((prod ^ cons) & 0x8000_0000) === 0 ? [] : [`the overflow of ${ring.name} was not acknowledged`];
}

/** What is left of processes after all of them exited: nothing, in a machine without bugs. */
export function leftOver(world: World): string[] {
  const { iommus, iotlb, pasidTables, kept } = siliconOf(world);
  return [
    ...usesLeft(world),
    ...rowsLeft(world, [processes, contexts, bonds, mms, vmas, swapSlots, pins]),
    ...kept(world),
    ...tasks.all(world).flatMap((task) => (task.state === 'dead' ? [] : [`${task.name} is ${task.state}`])),
    ...frames.all(world).flatMap((frame) => (isKept(world, frame) ? [] : [`frame ${frame.pfn} is ${frame.use}`])),
    ...entriesOf(world, CPU_TLB).map((entry) => `the TLB has page ${entry.page}`),
    ...iommus
      .all(world)
      .flatMap(({ id }) => cachedFor(world, iotlb(world, id), isIoTag).map((page) => `IOTLB: ${page}`)),
    ...devices
      .all(world)
      .flatMap(({ id }) => cachedFor(world, atcOf(world, id), isIoPasid).map((page) => `ATC: ${page}`)),
    ...pasidTables.rows.all(world).flatMap((table) => contextsLeft(world, table)),
  ];
}

/** Pages that a cache translates for somebody else than DMA addresses, which stay mapped. */
function cachedFor(world: World, cache: TlbShape, isIo: (world: World, tag: number) => boolean): number[] {
  return entriesOf(world, cache).flatMap(({ asid, page }) => (isIo(world, asid) ? [] : [page]));
}

const isIoPasid = (world: World, pasid: number): boolean => pasid < 0 || spaceWithPasid(world, pasid) !== undefined;

const isIoTag = (world: World, tag: number): boolean => (siliconOf(world).ownerOfTag(world, tag)?.mm ?? 0) < 0;

/** PASIDs of processes that devices still use; private ones stay with their device. */
const usesLeft = (world: World): string[] =>
  pasidUses.all(world).flatMap(({ pasid }) => (isIoPasid(world, pasid) ? [] : [`PASID ${pasid} is in use`]));

/** The kernel's own pages, those of DMA addresses, and files that stay in the page cache, which is their only user then. */
function isKept(world: World, { use, owner, pfn, refs }: Frame): boolean {
  if (use === 'dma' || use === 'private' || (use === 'table' && owner < 0)) return true;
  return use === 'kernel' || pfn === zeroPage(world) || (use === 'file' && refs === 1);
}

const PASIDS = 64;

function contextsLeft(world: World, table: PasidTable): string[] {
  const left: string[] = [];
  for (let pasid = 1; pasid < Math.min(PASIDS, 2 ** table.contextBits); pasid++) {
    const isValid = siliconOf(world).pasidTables.rootOf(world, table, pasid) !== -1;
    if (isValid && !isIoPasid(world, pasid)) left.push(`the entry of PASID ${pasid} is valid`);
  }
  return left;
}
