import { present } from '../lib/assert.ts';
import { type Errno, isError } from '../lib/errno.ts';
import { call, done, fail, procedure, RESULT, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { detachDevice, whyNotDetach } from './detach.ts';
import { backendOf, groups, type Member, memberOf, members, membersOf } from './group.ts';
import { attachDev } from './ops.ts';

/** The member of a group behind another one; -1 stands before the first. */
const memberAfter = (world: World, group: number, member: number): Member | undefined =>
  members.first(world, (row) => row.group === group && row.id > member);

/** The group of a device. */
export function groupOf(world: World, device: number): number {
  return present(memberOf(world, device), 'a device behind an IOMMU is in a group').group;
}

/**
 * iommu_attach_device() and, with `whole`, iommu_attach_group(): a group of several moves as a whole or not at all.
 * EINVAL for a part of a group, EBUSY where it is attached already.
 */
export const attachDevice = procedure(
  'iommu_attach_device',
  'iommu',
  {
    check: ['device', 'domain', 'whole'],
    next: ['group', 'domain', 'member', 'result'],
  },
  (go) => ({
    check: step(
      'looks whether {device} may join {domain}: {may}',
      { wait: 'sleep', atomic: 'group->mutex', cite: '__iommu_attach_group()', chapter: 'Bind' },
      (world, { device, domain, whole }) => {
        const group = groupOf(world, device);
        const errno = whyNotAttach(world, group, whole === 1);
        tell(world, { may: errno === null ? 'it may' : `no, ${errno}` });
        return errno === null ? go.next({ group, domain, member: -1, result: 0 }) : fail(errno);
      },
    ),
    next: step(
      'attaches the next device of {group} to {domain}: {found}',
      { atomic: 'group->mutex', cite: 'iommu_group_do_attach_device()' },
      (world, { group, domain, member, result }) => {
        const next = memberAfter(world, group, member);
        tell(world, { found: next === undefined ? 'all of them are' : 'there is one' });
        if (isError(result)) return fail(result);
        if (next !== undefined) {
          const attach = attachDev.begin({ domain, device: next.device }, backendOf(world, next.device));
          return call(attach, go.next({ group, domain, member: next.id, result: RESULT }));
        }
        groups.edit(world, group, (row) => {
          row.domain = domain;
        });
        return done();
      },
    ),
  }),
);

function whyNotAttach(world: World, group: number, isWhole: boolean): 'EINVAL' | 'EBUSY' | null {
  if (!isWhole && membersOf(world, group).length > 1) return 'EINVAL';
  return groups.get(world, group).domain >= 0 ? 'EBUSY' : null;
}

/** iommu_detach_group(): its devices leave their domain one after the other, and none may be bound meanwhile. */
export const detachGroup = procedure('iommu_detach_group', 'iommu', { next: ['group', 'member', 'result'] }, (go) => ({
  next: step(
    'takes the next device out of {group}: {found}',
    { wait: 'sleep', atomic: 'group->mutex', cite: 'iommu_group_do_detach_device()', chapter: 'Unbind' },
    (world, { group, member, result }) => {
      const next = memberAfter(world, group, member);
      tell(world, { found: next === undefined ? 'all of them have left' : 'there is one' });
      const errno = member < 0 ? whyNotLeave(world, group) : null;
      if (errno !== null) return fail(errno);
      if (isError(result)) return fail(result);
      if (next === undefined) return done();
      const detach = detachDevice.at.mark({ device: next.device, whole: 1 });
      return call(detach, go.next({ group, member: next.id, result: RESULT }));
    },
  ),
}));

/** Why not every device of a group can leave now: then none does. */
function whyNotLeave(world: World, group: number): Errno | null {
  for (const { device } of membersOf(world, group)) {
    const errno = whyNotDetach(world, device, true);
    if (errno !== null) return errno;
  }
  return null;
}
