import { devices } from '../../devices/device.ts';
import { groupsOf } from '../../devices/page-request.ts';
import { commitHardwareQueues } from '../../faults/flush.ts';
import { type Message, messages } from '../../hardware/pcie/link.ts';
import { memberOf, members } from '../../iommu/group.ts';
import { siliconOf } from '../../iommu/silicon.ts';
import type { Errno } from '../../lib/errno.ts';
import { call, done, fail, procedure, step } from '../../sim/procedure.ts';
import { send, tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { lock, serialised, unlock } from './accel.ts';

/**
 * pci_reset_pri() and pci_enable_pri(): a device that was told FAILURE may ask again. Errors: EOPNOTSUPP without PRI,
 * EBUSY where PRI is enabled, or not Stopped because a group waits for its answer.
 */
export const enablePri = procedure(
  'accel_enable_pri',
  'device-driver',
  { check: ['device'], drain: ['device'], enable: ['device'] },
  (go) => ({
    check: step(
      'looks whether PRI of {device} can be enabled again: {may}',
      serialised({ cite: 'drivers/pci/ats.c pci_enable_pri(); PCIe 10.5.2.3' }),
      (world, { device }) => {
        const errno = whyNot(world, device);
        tell(world, { may: errno === null ? 'it has stopped' : `no, ${errno}` });
        if (errno !== null) return fail(errno);
        lock(world, device);
        return go.drain({ device });
      },
    ),
    drain: step(
      'has what {device} asked for before emptied out of the PRI queue',
      {
        when: (world, { device }) => !isAsking(world, device),
        ...{ wait: 'sleep', awaits: 'page requests on the link', cite: 'RFCv2 27/36' },
      },
      (world, { device }) =>
        call(commitHardwareQueues.begin({ device }, siliconOf(world).backend), go.enable({ device })),
    ),
    enable: step(
      'resets the Page Request interface of {device}: Response Failure is cleared, and it may ask again',
      { atomic: 'one write of PRI control', cite: 'PCIe 10.5.2.2, 10.5.2.3', cost: 'link', transaction: true },
      (world, { device }) => {
        allow(world, device);
        send(world, 'message', 'device-driver', devices.get(world, device).name, 'PRI reset and on');
        unlock(world, device);
        return done();
      },
    ),
  }),
);

function whyNot(world: World, device: number): Errno | null {
  const { pri, failed } = devices.get(world, device);
  if (pri === 0) return 'EOPNOTSUPP';
  return failed === 0 || groupsOf(world, device).length > 0 ? 'EBUSY' : null;
}

function isAsking(world: World, device: number): boolean {
  const { link } = devices.get(world, device);
  const isRequest = (row: Message): boolean => row.link === link && row.kind === 'page-request';
  return messages.first(world, isRequest) !== undefined;
}

function allow(world: World, device: number): void {
  devices.edit(world, device, (row) => {
    row.failed = 0;
    row.unexpected = 0;
  });
  const member = memberOf(world, device);
  if (member === undefined) return;
  members.edit(world, member.id, (row) => {
    row.refused = 0;
  });
}
