import { devices } from '../../devices/device.ts';
import { links } from '../../hardware/pcie/link.ts';
import { attachDevice, detachGroup } from '../../iommu/attach.ts';
import { bondsOfDevice } from '../../iommu/context.ts';
import { domains } from '../../iommu/domain.ts';
import { hearOfExits } from '../../iommu/exit-handler.ts';
import { groups, membersOf } from '../../iommu/group.ts';
import { domainAlloc } from '../../iommu/ops.ts';
import { processes } from '../../iommu/process.ts';
import { spacesOf } from '../../iommu/space.ts';
import { type Errno, isError } from '../../lib/errno.ts';
import { decides } from '../../policy/policy.ts';
import { mms } from '../../process/mm.ts';
import { tasks } from '../../process/task.ts';
import { release, take } from '../../sim/lock.ts';
import { call, done, fail, type Next, procedure, RESULT, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { stopBeforeDetach } from '../accel/domain.ts';
import { bindOne, serialised } from './bind.ts';
import { containerOfGroup, containers, groupsIn, nextBound, vfioGroups } from './container.ts';

const CITE = { cite: 'v2 13/40 vfio_iommu_type1_attach_group()' } as const;
const HELD = { ...CITE, atomic: 'vfio_iommu.lock' } as const;
const DETACH = { cite: 'v2 13/40 vfio_iommu_type1_detach_group()' } as const;

/**
 * VFIO_GROUP_SET_CONTAINER: the group joins a domain that the container has already, or gets one of its own; then whatever
 * is bound in the container is bound to its devices too. Where that fails in a shared domain it is tried in one of its own,
 * and where that fails the group goes back. Returns 0; EBUSY for a group that is in a container or in use by another driver.
 */
export const attachGroup = procedure(
  'vfio_iommu_type1_attach_group',
  'device-driver',
  {
    enter: ['container', 'group'],
    left: ['container', 'group', 'home'],
    join: ['container', 'group', 'home', 'domain', 'shared'],
    joined: ['container', 'group', 'home', 'shared', 'result'],
    listen: ['container', 'group', 'home', 'shared', 'device'],
    replay: ['container', 'group', 'home', 'shared', 'process', 'device', 'result'],
    failed: ['container', 'group', 'home', 'shared', 'errno'],
    own: ['container', 'group', 'home', 'errno'],
    back: ['container', 'group', 'home', 'errno'],
    end: ['container', 'result'],
  },
  (go) => ({
    enter: step(
      'is asked to take {group} into {container}: {may}',
      serialised({ ...CITE, chapter: 'Bind' }),
      (world, { container, group }) => {
        const errno = whyNotTake(world, group);
        tell(world, { may: errno ?? 'it may' });
        if (errno !== null) return fail(errno);
        take(world, containers.get(world, container).mutex);
        const home = groups.get(world, group).domain;
        const then = go.left({ container, group, home });
        return home < 0 ? then : call(detachGroup.at.next({ group, member: -1, result: 0 }), then);
      },
    ),
    left: step('looks for a domain of {container} that {group} can share: {found}', { ...HELD }, (world, locals) => {
      const { container, group } = locals;
      const shared = sharedDomain(world, container, group);
      tell(world, { found: shared === undefined ? 'there is none' : domains.get(world, shared).name });
      if (shared !== undefined) return go.join({ ...locals, domain: shared, shared: 1 });
      return call(alloc(world, group), go.join({ ...locals, domain: RESULT, shared: 0 }));
    }),
    join: step('has {group} attached{where}', { ...HELD }, (world, { container, group, home, domain, shared }) => {
      tell(world, { where: isError(domain) ? ': no, there is no memory for a domain' : '' });
      if (isError(domain)) return go.back({ container, group, home, errno: -domain });
      const attach = attachDevice.at.check({ device: firstOf(world, group), domain, whole: 1 });
      return call(attach, go.joined({ container, group, home, shared, result: RESULT }));
    }),
    joined: step('sees {group} attached: {outcome}', { ...HELD }, (world, locals) => {
      const { container, group, home, shared, result } = locals;
      tell(world, { outcome: isError(result) ? 'no' : 'it belongs to the container now' });
      if (isError(result)) return go.back({ container, group, home, errno: -result });
      vfioGroups.insert(world, { container, group, home });
      return go.listen({ container, group, home, shared, device: -1 });
    }),
    listen: step('asks to hear of exits for the next device of {group}: {found}', { ...HELD }, (world, locals) => {
      const { group, container, home, shared } = locals;
      const next = deviceAfter(world, group, locals.device);
      tell(world, { found: next === undefined ? 'all are done' : 'there is one' });
      const replay = { container, group, home, shared, process: -1, device: -1, result: 0 };
      if (next === undefined || decides(world, 'exit-callback', 'none')) return go.replay(replay);
      return call(hearOfExits(world, next), go.listen({ ...locals, device: next }));
    }),
    replay: step('looks for what else is bound in {container}: {found}', { ...HELD }, (world, locals) => {
      const { container, group, home, shared, result } = locals;
      const next = nextBind(world, locals);
      const end = isError(result) ? 'but a bind has failed' : 'nothing is';
      tell(world, { found: next === null || isError(result) ? end : processInWords(world, next.process) });
      if (isError(result)) return go.failed({ container, group, home, shared, errno: -result });
      if (next === null) return go.end({ container, result: 0 });
      const { process, device, task } = next;
      const { mm } = processes.get(world, process);
      return call(bindOne.at.bind({ device, task, mm }), go.replay({ ...locals, process, device, result: RESULT }));
    }),
    failed: step('takes {group} out again with all that was replayed', { ...HELD }, (world, locals) => {
      const { container, group, home, shared, errno } = locals;
      const held = vfioGroups.first(world, (row) => row.group === group);
      if (held !== undefined) vfioGroups.remove(world, held.id);
      stopBeforeDetach(world, group);
      const then =
        shared === 1 ? go.own({ container, group, home, errno }) : go.back({ container, group, home, errno });
      return call(detachGroup.at.next({ group, member: -1, result: 0 }), then);
    }),
    own: step('tries {group} in a domain of its own', { ...HELD }, (world, { container, group, home }) =>
      call(alloc(world, group), go.join({ container, group, home, domain: RESULT, shared: 0 })),
    ),
    back: step('gives {group} back to where it came from', { ...HELD }, (world, { container, group, home, errno }) => {
      const then = go.end({ container, result: -errno });
      if (home < 0) return then;
      return call(attachDevice.at.check({ device: firstOf(world, group), domain: home, whole: 1 }), then);
    }),
    end: step('lets go of the lock', { ...HELD }, (world, { container, result }) => {
      release(world, containers.get(world, container).mutex);
      return done(result);
    }),
  }),
);

/** VFIO_GROUP_UNSET_CONTAINER: the group leaves its domain, which ends its bonds, and goes back to where it came from. */
export const detachFromContainer = procedure(
  'vfio_iommu_type1_detach_group',
  'device-driver',
  { enter: ['container', 'group'], home: ['container', 'group', 'home'], end: ['container'] },
  (go) => ({
    enter: step(
      'takes {group} out of {container}',
      serialised({ ...DETACH, chapter: 'Unbind' }),
      (world, { container, group }) => {
        const held = vfioGroups.first(world, (row) => row.group === group && row.container === container);
        if (held === undefined) return fail('ENODEV');
        take(world, containers.get(world, container).mutex);
        vfioGroups.remove(world, held.id);
        stopBeforeDetach(world, group);
        const then = go.home({ container, group, home: held.home });
        return call(detachGroup.at.next({ group, member: -1, result: 0 }), then);
      },
    ),
    home: step(
      'gives {group} back to where it came from',
      { ...DETACH, atomic: 'vfio_iommu.lock' },
      (world, { container, group, home }) =>
        home < 0
          ? go.end({ container })
          : call(
              attachDevice.at.check({ device: firstOf(world, group), domain: home, whole: 1 }),
              go.end({ container }),
            ),
    ),
    end: step('lets go of the lock', { ...DETACH, atomic: 'vfio_iommu.lock' }, (world, { container }) => {
      release(world, containers.get(world, container).mutex);
      return done();
    }),
  }),
);

const firstOf = (world: World, group: number): number => deviceAfter(world, group, -1) ?? -1;

function deviceAfter(world: World, group: number, after: number): number | undefined {
  return membersOf(world, group)
    .map(({ device }) => device)
    .sort((one, other) => one - other)
    .find((device) => device > after);
}

function whyNotTake(world: World, group: number): Errno | null {
  if (containerOfGroup(world, group) !== undefined) return 'EBUSY';
  const isUsed = membersOf(world, group).some(
    ({ device }) => bondsOfDevice(world, device).length > 0 || spacesOf(world, device).length > 0,
  );
  return isUsed ? 'EBUSY' : null;
}

/** A domain of another group of the container behind the same IOMMU: one page table format, one set of rules. */
function sharedDomain(world: World, container: number, group: number): number | undefined {
  const own = iommuOf(world, firstOf(world, group));
  const like = groupsIn(world, container).find((held) => iommuOf(world, firstOf(world, held.group)) === own);
  return like && groups.get(world, like.group).domain;
}

const iommuOf = (world: World, device: number): number => links.get(world, devices.get(world, device).link).smmu;

function alloc(world: World, group: number): Next {
  return domainAlloc.begin({ device: firstOf(world, group) }, groups.get(world, group).backend);
}

interface Replay {
  readonly container: number;
  readonly group: number;
  readonly process: number;
  readonly device: number;
}

/** The next pair of a bound process and a device of the group; a process whose mm is dying is left out (mmget_not_zero). */
function nextBind(
  world: World,
  { container, group, process, device }: Replay,
): { process: number; device: number; task: number } | null {
  const sibling = process < 0 ? undefined : deviceAfter(world, group, device);
  const next = sibling === undefined ? nextBound(world, container, process) : process;
  if (next === undefined) return null;
  const { mm } = processes.get(world, next);
  const task = tasks.first(world, (row) => row.mm === mm && row.state === 'running');
  const isAlive = task !== undefined && mms.get(world, mm).users > 0;
  if (!isAlive) return nextBind(world, { container, group, process: next, device: Number.MAX_SAFE_INTEGER });
  return { process: next, device: sibling ?? firstOf(world, group), task: task.id };
}

const processInWords = (world: World, process: number): string => mms.get(world, processes.get(world, process).mm).name;
