import { usesNoPasid } from '../devices/pasid-use.ts';
import { decides } from '../policy/policy.ts';
import { free, isFree, release, take } from '../sim/lock.ts';
import { call, done, fail, procedure, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { bondsOfDevice, contextsOfDevice, dropDevice } from './context.ts';
import { lockedHandlerOf } from './exit-handler.ts';
import { backendOf, domainOf, groups, memberOf, members, membersOf } from './group.ts';
import { detachDev, exitHandler, faultQueueFlush, processDetach } from './ops.ts';
import { processes, processLock } from './process.ts';
import { spacesOf } from './space.ts';
import { endContext } from './unbind.ts';

const LOCKED = { wait: 'spin', awaits: 'iommu_process_lock', atomic: 'iommu_process_lock' } as const;

/**
 * iommu_detach_device() and __iommu_process_unbind_dev_all(), RFCv2 05/36. Repaired, the device is marked as leaving
 * first, and only its own bonds are ended; as posted every context of the domain loses a bind. `whole`: 1 where the
 * rest of its group leaves as well.
 */
export const detachDevice = procedure(
  'iommu_detach_device',
  'iommu',
  {
    mark: ['device', 'whole'],
    handlers: ['device', 'next'],
    stopped: ['device'],
    lock: ['device'],
    bonds: ['device', 'next'],
    drop: ['device', 'context', 'process', 'last'],
    stop: ['device'],
    detached: ['device', 'domain'],
  },
  (go) => ({
    mark: step(
      'begins to take {device} out of its domain{mark}',
      { ...LOCKED, when: free(processLock), cite: 'RFCv2 05/36', chapter: 'Unbind' },
      (world, { device, whole }) => {
        tell(world, { mark: isHeeded(world) ? ', marked as leaving: no new bond from here on' : '' });
        const errno = whyNotDetach(world, device, whole === 1);
        if (errno !== null) return fail(errno);
        take(world, processLock.id);
        const member = memberOf(world, device);
        if (member !== undefined) {
          members.edit(world, member.id, (row) => {
            row.leaving = 1;
          });
        }
        return go.handlers({ device, next: 0 });
      },
    ),
    handlers: step(
      'calls the exit handler of {device} for the next process: {found}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 02/36' },
      (world, { device, next }) => {
        const handler = lockedHandlerOf(world, device);
        const context = handler && contextsOfDevice(world, domainOf(world, device), device)[next];
        tell(world, { found: context === undefined ? 'there is none, so it releases the lock' : 'there is one' });
        if (handler === undefined || context === undefined) {
          release(world, processLock.id);
          return go.stopped({ device });
        }
        const { pasid } = processes.get(world, context.process);
        const then = go.handlers({ device, next: next + 1 });
        return call(exitHandler.begin({ device, pasid, token: handler.token }), then);
      },
    ),
    stopped: step(
      '{waits} flushes the faults of {device}',
      {
        when: (world, { device }) => usesNoPasid(world, device) || decides(world, 'pasid-lifetime', 'flushed'),
        wait: 'sleep',
        awaits: 'the device to stop',
        cite: 'RFCv2 05/36, repaired',
      },
      (world, { device }) => {
        tell(world, {
          waits: usesNoPasid(world, device) ? 'sees that the device has stopped, and' : 'does not wait, and',
        });
        return call(faultQueueFlush.begin({ device }), go.lock({ device }));
      },
    ),
    lock: step(
      'takes the lock again',
      { ...LOCKED, when: (world, { device }) => canEndBonds(world, device), cite: 'RFCv2 05/36' },
      (world, { device }) => {
        take(world, processLock.id);
        return go.bonds({ device, next: 0 });
      },
    ),
    bonds: step(
      'ends the next bond of {device}: {found}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 05/36' },
      (world, { device, next }) => {
        const context = contextsOfDevice(world, domainOf(world, device), device).find(({ id }) => id >= next);
        tell(world, { found: context === undefined ? 'none is left' : 'there is one' });
        if (context === undefined) return go.stop({ device });
        const { id, process, domain } = context;
        const last = dropDevice(world, id, device) ? 1 : 0;
        const detach = processDetach.begin({ domain, device, process, last }, backendOf(world, device));
        return call(detach, go.drop({ device, context: id, process, last }));
      },
    ),
    drop: step(
      'lets go of the context if {device} was its last',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 05/36' },
      (world, { device, context, process, last }) => {
        endContext(world, context, process, last);
        return go.bonds({ device, next: context + 1 });
      },
    ),
    stop: step('releases the lock', { atomic: 'iommu_process_lock', cite: 'RFCv2 05/36' }, (world, { device }) => {
      release(world, processLock.id);
      const domain = domainOf(world, device);
      return call(detachDev.begin({ domain, device }, backendOf(world, device)), go.detached({ device, domain }));
    }),
    detached: step('leaves {domain}', { cite: 'iommu_detach_device()' }, (world, { device }) => {
      const member = memberOf(world, device);
      if (member !== undefined) leaveDomain(world, member.group);
      return done();
    }),
  }),
);

/** The lock is free, and no mm_exit() runs for a bond of the device: its release ends that bond. */
const canEndBonds = (world: World, device: number): boolean =>
  isFree(world, processLock.id) && bondsOfDevice(world, device).every(({ exiting }) => exiting === 0);

/** Whether a bind heeds the mark of a device that leaves. */
export const isHeeded = (world: World): boolean => decides(world, 'leaving-device', 'refused');

/** The last device of a group to leave takes the group out of its domain; those that left before stay marked till then. */
function leaveDomain(world: World, group: number): void {
  const all = membersOf(world, group);
  if (all.some((row) => row.leaving === 0)) return;
  groups.edit(world, group, (row) => {
    row.domain = -1;
  });
  for (const { id } of all) {
    members.edit(world, id, (row) => {
      row.leaving = 0;
    });
  }
}

/** A device alone in its group can be detached; a group of several leaves as a whole or not at all. */
export function whyNotDetach(world: World, device: number, isWhole: boolean): 'ENODEV' | 'EINVAL' | 'EBUSY' | null {
  const member = memberOf(world, device);
  if (member === undefined || domainOf(world, device) < 0) return 'ENODEV';
  if (member.leaving === 1 || spacesOf(world, device).length > 0) return 'EBUSY';
  return !isWhole && membersOf(world, member.group).length > 1 ? 'EINVAL' : null;
}
