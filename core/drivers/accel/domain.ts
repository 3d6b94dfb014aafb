import { pasidUses } from '../../devices/pasid-use.ts';
import { attachDevice, detachGroup, groupOf } from '../../iommu/attach.ts';
import { detachDevice } from '../../iommu/detach.ts';
import { membersOf } from '../../iommu/group.ts';
import { decides } from '../../policy/policy.ts';
import { call, done, procedure, RESULT, step } from '../../sim/procedure.ts';
import type { World } from '../../world/world.ts';
import { isHeld, isIdle, lock, serialised, unlock } from './accel.ts';
import { sendStop } from './exit.ts';

/** The driver gives its device, or with `whole` all of its group, to a domain. Returns 0 or a negative errno. */
export const attachIoctl = procedure(
  'accel_attach',
  'device-driver',
  { attach: ['device', 'domain', 'whole'], back: ['device', 'result'] },
  (go) => ({
    attach: step(
      'has {device} attached to {domain}',
      serialised({ cite: 'iommu_attach_device()', chapter: 'Bind' }),
      (world, { device, domain, whole }) => {
        lock(world, device);
        return call(attachDevice.at.check({ device, domain, whole }), go.back({ device, result: RESULT }));
      },
    ),
    back: step('goes on with {device}', { cite: 'iommu_attach_device()' }, (world, { device, result }) => {
      unlock(world, device);
      return done(result);
    }),
  }),
);

/**
 * The driver lets its device go, or with `whole` all of its group: iommu_detach_device() ends all its bonds. No device of
 * those may be bound once more after it was stopped, so their mutexes are all held until they have gone.
 */
export const detachIoctl = procedure(
  'accel_remove',
  'device-driver',
  { remove: ['device', 'whole'], gone: ['device', 'whole', 'result'] },
  (go) => ({
    remove: step(
      'gives {device} up',
      serialised({
        when: (world, { device, whole }) => thoseThatGo(world, device, whole).every((each) => isIdle(world, each)),
        ...{ cite: 'iommu_detach_device()', chapter: 'Unbind' },
      }),
      (world, { device, whole }) => {
        for (const each of thoseThatGo(world, device, whole)) lock(world, each);
        const group = groupOf(world, device);
        const all = membersOf(world, group);
        // A part of a group is refused, and goes on working.
        const leaves = whole === 1 || all.length === 1;
        if (leaves) stopBeforeDetach(world, group);
        const detach =
          whole === 1 ? detachGroup.at.next({ group, member: -1, result: 0 }) : detachDevice.at.mark({ device, whole });
        return call(detach, go.gone({ device, whole, result: RESULT }));
      },
    ),
    gone: step('has let {device} go', { cite: 'iommu_detach_device()' }, (world, { device, whole, result }) => {
      // One that has joined the group meanwhile was not locked.
      for (const each of thoseThatGo(world, device, whole)) if (isHeld(world, each)) unlock(world, each);
      return done(result);
    }),
  }),
);

function thoseThatGo(world: World, device: number, whole: number): number[] {
  return whole === 1 ? membersOf(world, groupOf(world, device)).map((member) => member.device) : [device];
}

/**
 * Stops the devices of a group that is about to leave its domain, where detach does not call the driver back for each
 * bond (v2 05/40; mainline).
 */
export function stopBeforeDetach(world: World, group: number): void {
  for (const { device } of membersOf(world, group)) if (stopsBeforeDetach(world)) stopAll(world, device);
}

/** Where detach does not call the driver back for each bond, it stops its device before. */
export const stopsBeforeDetach = (world: World): boolean =>
  decides(world, 'exit-callback', 'sleepable') || decides(world, 'exit-callback', 'none');

/** Tells a device to stop using every PASID that it still uses. */
export function stopAll(world: World, device: number): void {
  for (const use of pasidUses.all(world)) {
    if (use.device === device && use.state === 'running') sendStop(world, device, use.pasid);
  }
}
