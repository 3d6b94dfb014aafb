import { devices } from '../../devices/device.ts';
import { isInHand, isQuiet, isSilent, powerOff, removeDevice } from '../../devices/removal.ts';
import { faults, iopfGroups, matchesResponses } from '../../faults/fault.ts';
import { commitHardwareQueues } from '../../faults/flush.ts';
import { removeFromQueue } from '../../faults/remove.ts';
import { links } from '../../hardware/pcie/link.ts';
import { detachDevice } from '../../iommu/detach.ts';
import { exitHandlers } from '../../iommu/exit-handler.ts';
import { domainOf, leaveGroup, membersOf } from '../../iommu/group.ts';
import { releaseDev } from '../../iommu/ops.ts';
import { siliconOf } from '../../iommu/silicon.ts';
import { isError } from '../../lib/errno.ts';
import { hasBug, tellBug } from '../../policy/policy.ts';
import { openFiles } from '../../process/open-file.ts';
import { dropPins } from '../../process/pin.ts';
import { pins } from '../../process/pins.ts';
import { actors } from '../../sim/actor.ts';
import { call, done, framesOf, procedure, RESULT, type StackFrame, step, stepOf } from '../../sim/procedure.ts';
import { reach, send, tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { forgetAccel, lock, serialised, unlock } from './accel.ts';
import { stopAll, stopsBeforeDetach } from './domain.ts';
import { deferredFaults } from './fault.ts';

/**
 * An orderly removal, as by the attention button: the driver lets go of its device, the IOMMU side forgets it in the
 * order of arm_smmu_remove_device(), and the last reference to it frees it. A part of a group leaves alone: the others
 * keep their domain. Returns 0, or what the detach was refused with: then nothing has changed.
 */
export const unplugDevice = procedure(
  'accel_unplug',
  'device-driver',
  {
    remove: ['device'],
    left: ['device', 'result'],
    disable: ['device'],
    drain: ['device'],
    sync: ['device'],
    free: ['device'],
    early: ['device'],
  },
  (go) => ({
    remove: step(
      'is told to remove {device}: someone wants to take it out',
      serialised({ cite: 'pciehp_unconfigure_device(), pci_driver.remove', chapter: 'Unbind' }),
      (world, { device }) => {
        lock(world, device);
        if (domainOf(world, device) < 0) return go.left({ device, result: 0 });
        if (stopsBeforeDetach(world)) stopAll(world, device);
        return call(detachDevice.at.mark({ device, whole: 1 }), go.left({ device, result: RESULT }));
      },
    ),
    left: step(
      'has had {device} detached, and sees to what it still waits for',
      { cite: 'iommu_release_device(); iopf_queue_remove_device()' },
      (world, { device, result }) => {
        unlock(world, device);
        if (isError(result)) return done(result);
        stopAll(world, device);
        return call(removeFromQueue.at.begin({ device }), go.disable({ device }));
      },
    ),
    disable: step(
      'disables PRI of {device}, then ATS: its ATC is empty from here on',
      { cite: 'pci_disable_pri(), pci_disable_ats(); PCIe 10.5.2.2', cost: 'link', transaction: true },
      (world, { device }) => {
        powerOff(world, device);
        send(world, 'message', 'device-driver', devices.get(world, device).name, 'PRI off, ATS off');
        return go.drain({ device });
      },
    ),
    drain: step(
      'sees that the link of {device} is quiet, and {does}',
      {
        when: (world, { device }) => isSilent(world, device),
        ...{ wait: 'sleep', awaits: 'the link of the device to fall quiet', cite: 'RFCv2 27/36' },
      },
      (world, { device }) => {
        tell(world, { does: 'has the PRI queue emptied of its requests' });
        if (!hasBug(world, 'device-released-early'))
          return call(commitHardwareQueues.begin({ device }, siliconOf(world).backend), go.sync({ device }));
        tellBug(world, { does: 'leaves its requests in the PRI queue' });
        return go.early({ device });
      },
    ),
    sync: step(
      'waits until the commands that name its stream are consumed',
      {
        when: (world, { device }) => isLastReference(world, device),
        ...{
          wait: 'sleep',
          awaits: 'whoever still holds a reference to the device',
          cite: 'SMMUv3 4.7.3; RISC-V IOMMU 3.1.2',
        },
      },
      (world, { device }) => {
        const { smmu } = links.get(world, devices.get(world, device).link);
        return call(releaseDev.begin({ iommu: smmu }, siliconOf(world).backend), go.free({ device }));
      },
    ),
    free: step(
      'drops the last reference to {device}: it is gone',
      {
        when: (world, { device }) => isLastReference(world, device),
        ...{ wait: 'sleep', awaits: 'whoever still holds a reference to the device', cite: 'put_device()' },
        transaction: true,
      },
      (world, { device }) => {
        forget(world, device);
        reach(world, 'device.removed');
        return done();
      },
    ),
    early: step(
      'frees {device}, whoever has just found it',
      { cite: 'Linux before def054b01a86: intel_iommu_release_device', transaction: true },
      (world, { device }) => {
        forget(world, device);
        reach(world, 'device.removed');
        return done();
      },
    ),
  }),
);

const UNPLUG = 'accel_unplug';

/** Nothing is under way for the device: on its link, in the fault queue, or in a call to the kernel. */
function isLastReference(world: World, device: number): boolean {
  if (!isQuiet(world, device) || isInHand(world, device, UNPLUG)) return false;
  if (iopfGroups.first(world, (row) => row.device === device && row.state !== 'taken')) return false;
  if (faults.first(world, (row) => row.device === device && row.iopf >= 0)) return false;
  // Where responses are not matched, who took a fault over keeps a bare pointer to the device.
  return !matchesResponses(world) || deferredFaults.first(world, (row) => row.device === device) === undefined;
}

/** A device of the group is being taken out. */
export function isLosingDevice(world: World, group: number): boolean {
  return membersOf(world, group).some(({ device }) => isUnplugging(world, device));
}

function isUnplugging(world: World, device: number): boolean {
  const isIn = (frame: StackFrame): boolean => frame.locals['device'] === device && stepOf(frame).procedure === UNPLUG;
  return actors.first(world, ({ frame }) => framesOf(frame).some(isIn)) !== undefined;
}

/** An attach or a detach of the group as a whole is under way. */
export function isMoving(world: World, group: number): boolean {
  const isIn = ({ locals }: StackFrame): boolean => locals['group'] === group;
  return actors.first(world, ({ frame }) => framesOf(frame).some(isIn)) !== undefined;
}

/** device_del(), bottom up: what the kernel kept of it, then the device itself. */
function forget(world: World, device: number): void {
  for (const row of iopfGroups.all(world)) if (row.device === device) iopfGroups.remove(world, row.id);
  for (const row of exitHandlers.all(world)) if (row.token === device) exitHandlers.remove(world, row.id);
  for (const row of openFiles.all(world))
    if (row.driver === 'accel' && row.minor === device) openFiles.remove(world, row.id);
  const held = pins.all(world).filter((pin) => pin.device === device);
  dropPins(world, held);
  forgetAccel(world, device);
  siliconOf(world).setUp.freeOwnTable(world, device);
  leaveGroup(world, device);
  removeDevice(world, device);
}
