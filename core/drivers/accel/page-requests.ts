import { devices } from '../../devices/device.ts';
import { canRequest, creditsLeft, groupAt, requestGroups, sendRequest } from '../../devices/page-request.ts';
import { hasRoomUp } from '../../hardware/pcie/link.ts';
import type { Errno } from '../../lib/errno.ts';
import { done, fail, procedure, step } from '../../sim/procedure.ts';
import { send, tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { usablePasid } from './submit.ts';

/** What a page request by hand is told: group and members are the script's, the PASID is that of the process. */
interface Asked {
  readonly device: number;
  readonly pasid: number;
  readonly prgi: number;
  readonly last: number;
}

/**
 * A register of the accelerator for tests: a process has it send one page request, as a member of a group of its
 * choice. `task` -1 stands for a request without PASID. Errors: EINVAL where the device does not use the PASID or the
 * group has another one, EOPNOTSUPP without PRI, EIO after a Response Failure, EBUSY while the answer of the group is
 * out, EAGAIN without a credit.
 */
export const requestByHand = procedure(
  'accel_page_request',
  'self',
  { request: ['device', 'task', 'prgi', 'page', 'write', 'last'] },
  () => ({
    request: step(
      'has {device} ask for {page}: a page request to {access}, {pasid}, {which} of group {prgi}',
      {
        when: (world, { device }) => hasRoomUp(world, devices.get(world, device).link),
        wait: 'sleep',
        awaits: 'a credit of the link',
        atomic: 'one 64-byte store to the portal',
        cite: 'PCIe 10.4.1',
        cost: 'link',
        chapter: 'Fault',
        transaction: true,
      },
      (world, { device, task, prgi, page, write, last }) => {
        const pasid = task < 0 ? -1 : usablePasid(world, device, task);
        const which = last === 1 ? 'the last' : 'not the last';
        tell(world, { access: write === 1 ? 'write' : 'read', pasid: pasid ?? -1, which });
        if (pasid === null) return fail('EINVAL');
        const asked = { device, pasid, prgi, last };
        const errno = whyNot(world, asked);
        if (errno !== null) return fail(errno);
        send(world, 'message', '', devices.get(world, device).name, `ask: group ${prgi}`, { pasid });
        sendRequest(world, memberOf(world, asked), { page, write, exec: 0, last: last === 1 });
        return done();
      },
    ),
  }),
);

/** Why the device cannot send this request now, null if it can. */
function whyNot(world: World, { device, pasid, prgi, last }: Asked): Errno | null {
  const { pri } = devices.get(world, device);
  if (pri === 0) return 'EOPNOTSUPP';
  if (!canRequest(world, { device })) return 'EIO';
  const group = groupAt(world, device, prgi);
  if (group !== undefined && group.open === 0) return 'EBUSY';
  if (group !== undefined && (group.job >= 0 || group.pasid !== pasid)) return 'EINVAL';
  return creditsLeft(world, device) >= creditsFor(group !== undefined, last) ? null : 'EAGAIN';
}

/** An open group holds a credit for its last request as well, so that it can always be ended. */
function creditsFor(isKnown: boolean, last: number): number {
  if (isKnown) return last === 1 ? 0 : 1;
  return last === 1 ? 1 : 2;
}

/** The group that the request belongs to, opened by its first. */
function memberOf(world: World, { device, pasid, prgi, last }: Asked) {
  const known = groupAt(world, device, prgi);
  const requests = creditsFor(known !== undefined, last);
  if (known === undefined) {
    return requestGroups.insert(world, { device, prgi, pasid, job: -1, requests, open: 1, stale: 0 });
  }
  return requestGroups.edit(world, known.id, (row) => {
    row.requests += requests;
  });
}
