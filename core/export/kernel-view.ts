import { containers, groupsIn } from '../drivers/vfio/container.ts';
import { faults, iopfGroups } from '../faults/fault.ts';
import { groups } from '../iommu/group.ts';
import { processWithPasid } from '../iommu/process.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { shortPage } from '../lib/format.ts';
import { awaited, laneOf } from '../machine/trace.ts';
import { freePages } from '../process/frame.ts';
import { mms } from '../process/mm.ts';
import { type Actor, actors, isEnabled, nextStep } from '../sim/actor.ts';
import { type Lock, locks } from '../sim/lock.ts';
import type { World } from '../world/world.ts';
import { actorView } from './actor-view.ts';
import type { KernelView } from './view.ts';

const KERNEL_LANES = ['smmu-driver', 'faults', 'iommu', 'mm reaper'];

export function kernelView(world: World): KernelView {
  const limit = world.slots.ramEnd - world.slots.ramFirst;
  const threads = actors.all(world).filter((row) => KERNEL_LANES.includes(row.lane));
  return {
    faults: faults.all(world).map((fault) => ({
      key: `fault/${fault.id}`,
      label: `${fault.write === 1 ? 'write' : 'read'} ${shortPage(fault.page)} group ${fault.prgi}`,
      mm: processWithPasid(world, fault.pasid)?.mm ?? null,
      state: fault.iopf < 0 ? 'partial' : (iopfGroups.find(world, fault.iopf)?.state ?? 'queued'),
    })),
    locks: locks.all(world).flatMap((lock) => lockView(world, lock)),
    actors: threads.map((row) => actorView(world, row.id)),
    asids: siliconOf(world)
      .tags(world)
      .map(({ key, tag, owner, mm, isShared }) => ({
        ...{ key, asid: tag, owner, mm: mm < 0 ? null : mm },
        kind: mm < 0 ? 'private' : isShared ? 'shared' : 'own',
      })),
    containers: containers.all(world).map(({ id, name, owner }) => ({
      ...{ key: `vfio-container/${id}`, name, owner: mms.get(world, owner).name, mm: owner },
      groups: groupsIn(world, id).map(({ group }) => groups.get(world, group).name),
    })),
    frames: { used: limit - freePages(world), limit },
  };
}

/** A lock is shown while somebody holds it. */
function lockView(world: World, lock: Lock): KernelView['locks'][number][] {
  if (lock.owner < 0 && lock.readers === 0) return [];
  const holder = lock.owner < 0 ? `${lock.readers} for reading` : actors.get(world, lock.owner).name;
  const waiting = waitersFor(world, lock);
  return [
    {
      key: `lock/${lock.id}`,
      name: lock.name,
      holder,
      holderLane: lock.owner < 0 ? null : columnOf(actors.get(world, lock.owner)),
      waiters: waiting.map(({ name }) => name),
      waiterLanes: waiting.map(columnOf),
    },
  ];
}

function waitersFor(world: World, lock: Lock): Actor[] {
  return actors.all(world).filter((actor) => {
    if (actor.frame === null || isEnabled(world, actor)) return false;
    return awaited(world, actor.frame).replace(' of ', ' ') === lock.name;
  });
}

/** The column of the sequence chart in which an actor stands now. */
function columnOf(actor: Actor): string {
  const step = nextStep(actor);
  return step === null ? actor.lane : laneOf(step, actor);
}
