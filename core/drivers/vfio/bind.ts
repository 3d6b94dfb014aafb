import { devices } from '../../devices/device.ts';
import { pasidUseOf, startUse, stopUse } from '../../devices/pasid-use.ts';
import { bindDevice } from '../../iommu/bind.ts';
import { membersOf } from '../../iommu/group.ts';
import { processOf } from '../../iommu/process.ts';
import { isStillBound } from '../../iommu/still-bound.ts';
import { unbindDevice } from '../../iommu/unbind.ts';
import { ERRNO, type Errno, isError } from '../../lib/errno.ts';
import { mmdrop, mmgrab } from '../../process/mm.ts';
import { tasks } from '../../process/task.ts';
import { isFree, release, take } from '../../sim/lock.ts';
import { call, done, fail, type Next, type Notes, procedure, RESULT, step } from '../../sim/procedure.ts';
import { send, tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { containers, devicesOf, groupsIn, isBoundIn, nextDevice } from './container.ts';

const CITE = { cite: 'v2 13/40 vfio_iommu_type1_bind_process()' } as const;
const HELD = { ...CITE, atomic: 'vfio_iommu.lock' } as const;
const UNBIND = { cite: 'v2 13/40 vfio_iommu_type1_unbind_process()' } as const;

/** What steps say that take the lock of their container: its ioctls exclude each other. */
export function serialised<L extends { readonly container: number }>(notes: Notes<L>): Notes<L> {
  return {
    when: (world, { container }) => isFree(world, containers.get(world, container).mutex),
    ...{ wait: 'sleep', awaits: 'the lock of {container}', atomic: 'vfio_iommu.lock', cost: 'syscall' },
    ...notes,
  };
}

/**
 * Binds one device of a container. VFIO hands the PASID to its user, who alone knows how to program it into the device.
 * Returns the PASID or a negative errno.
 */
export const bindOne = procedure(
  'vfio_iommu_bind_device',
  'device-driver',
  { bind: ['device', 'task', 'mm'], program: ['device', 'mm', 'result'], late: ['mm'] },
  (go) => ({
    bind: step('has {task} bound to {device}', CITE, (world, { device, task, mm }) => {
      if (tasks.get(world, task).mm !== mm) return fail('EINVAL');
      mmgrab(world, mm);
      return call(bindDevice.at.domain({ device, task, mm }), go.program({ device, mm, result: RESULT }));
    }),
    program: step(
      'hears of the bind of {device}: {outcome}',
      { cite: 'vfio-pci: the device belongs to user space', cost: 'link', transaction: true },
      (world, { device, mm, result }) => {
        tell(world, { outcome: isError(result) ? 'refused' : `its user programs PASID ${result} into it` });
        if (isError(result)) return letGo(world, mm, result);
        if (!isStillBound(world, device, mm, result)) {
          tell(world, { outcome: 'but the process exits, or the device leaves: it is undone' });
          return call(unbindDevice.at.flush({ device, mm, pasid: result }), go.late({ mm }));
        }
        startUse(world, device, result);
        const { name } = devices.get(world, device);
        send(world, 'message', 'device-driver', name, `use PASID ${result}`, { pasid: result });
        return letGo(world, mm, result);
      },
    ),
    late: step('has undone a bind that came too late', CITE, (world, { mm }) => letGo(world, mm, -ERRNO.ESRCH)),
  }),
);

/** Unbinds one device of a container, after its user has stopped it. Returns 0 or a negative errno. */
export const unbindOne = procedure(
  'vfio_iommu_unbind_device',
  'device-driver',
  { stop: ['device', 'mm', 'pasid'], unbind: ['device', 'mm', 'pasid'] },
  (go) => ({
    stop: step(
      'lets its user stop {pasid} on {device}',
      { cite: 'PCIe 6.20.1', cost: 'link', transaction: true },
      (world, { device, mm, pasid }) => {
        stopUse(world, device, pasid);
        const { name } = devices.get(world, device);
        send(world, 'message', 'device-driver', name, `stop PASID ${pasid}`, { pasid });
        return go.unbind({ device, mm, pasid });
      },
    ),
    unbind: step(
      'sees that {device} has stopped and has it unbound',
      {
        when: (world, { device, pasid }) => pasidUseOf(world, device, pasid)?.state !== 'stopping',
        ...{ wait: 'sleep', awaits: 'the device to stop', cite: 'RFCv2 05/36' },
      },
      (_world, { device, mm, pasid }) => unbindDevice.at.flush({ device, mm, pasid }),
    ),
  }),
);

/**
 * VFIO_IOMMU_BIND: `task`, the caller's own or found by pid, is bound to every device of every group of the container;
 * where one refuses, those done are unbound again. A process that is bound already has its PASID returned and is not
 * counted. Returns the PASID; EINVAL for a container without groups or with a group of several devices, ESRCH for a task
 * without memory, EACCES without the right to trace it, or what the bind of a device returned.
 */
export const vfioBind = procedure(
  'vfio_iommu_type1_bind_process',
  'device-driver',
  {
    enter: ['container', 'caller', 'task'],
    next: ['container', 'task', 'mm', 'device', 'result'],
    undo: ['container', 'mm', 'device', 'errno'],
  },
  (go) => ({
    enter: step(
      'is asked to bind {task} to all devices of {container}: {may}',
      serialised({ ...CITE, chapter: 'Bind' }),
      (world, { container, caller, task }) => {
        const errno = whyNotBind(world, container, caller, task);
        tell(world, { may: errno ?? 'it may' });
        if (errno !== null) return fail(errno);
        const { mm } = tasks.get(world, task);
        const known = boundPasid(world, container, mm);
        if (known >= 0) {
          tell(world, { may: 'it is bound already' });
          return done(known);
        }
        take(world, containers.get(world, container).mutex);
        mmgrab(world, mm);
        return go.next({ container, task, mm, device: -1, result: 0 });
      },
    ),
    next: step('looks for the next device: {found}', { ...HELD }, (world, { container, task, mm, device, result }) => {
      const next = nextDevice(world, container, device);
      const end = isError(result) ? 'but one has refused' : 'all are bound';
      tell(world, { found: next === undefined || isError(result) ? end : 'there is one' });
      if (isError(result)) return go.undo({ container, mm, device, errno: -result });
      if (next === undefined) return leave(world, container, mm, result);
      const then = go.next({ container, task, mm, device: next, result: RESULT });
      return call(bindOne.at.bind({ device: next, task, mm }), then);
    }),
    undo: step(
      'looks for a device that was bound before {device} refused: {found}',
      { ...HELD },
      (world, { container, mm, device, errno }) => {
        const before = devicesOf(world, container).filter((each) => each < device && usedPasid(world, each, mm) >= 0);
        const last = before.at(-1);
        tell(world, { found: last === undefined ? 'there is none' : 'it is unbound again' });
        if (last === undefined) return leave(world, container, mm, -errno);
        const unbind = unbindOne.at.stop({ device: last, mm, pasid: usedPasid(world, last, mm) });
        return call(unbind, go.undo({ container, mm, device: last, errno }));
      },
    ),
  }),
);

/**
 * VFIO_IOMMU_UNBIND: by task and not by PASID, since the process may have died and its PASID belong to another. Returns 0;
 * ESRCH for what is not bound here.
 */
export const vfioUnbind = procedure(
  'vfio_iommu_type1_unbind_process',
  'device-driver',
  {
    enter: ['container', 'caller', 'task'],
    next: ['container', 'mm', 'device'],
  },
  (go) => ({
    enter: step(
      'is asked to unbind {task} from all devices of {container}: {may}',
      serialised({ ...UNBIND, chapter: 'Unbind' }),
      (world, { container, caller, task }) => {
        const errno = whyNotFind(world, caller, task);
        const mm = tasks.get(world, task).mm;
        const isBound = errno === null && boundPasid(world, container, mm) >= 0;
        tell(world, { may: errno ?? (isBound ? 'it is bound' : 'it is not bound') });
        if (errno !== null) return fail(errno);
        if (!isBound) return fail('ESRCH');
        take(world, containers.get(world, container).mutex);
        mmgrab(world, mm);
        return go.next({ container, mm, device: -1 });
      },
    ),
    next: step(
      'looks for the next device: {found}',
      { ...UNBIND, atomic: 'vfio_iommu.lock' },
      (world, { container, mm, device }) => {
        const next = nextDevice(world, container, device);
        tell(world, { found: next === undefined ? 'all are unbound' : 'there is one' });
        if (next === undefined) return leave(world, container, mm, 0);
        const pasid = usedPasid(world, next, mm);
        const then = go.next({ container, mm, device: next });
        return pasid < 0 ? then : call(unbindOne.at.stop({ device: next, mm, pasid }), then);
      },
    ),
  }),
);

/** The PASID of an mm, if the device uses it; -1 if not. */
function usedPasid(world: World, device: number, mm: number): number {
  const pasid = processOf(world, mm)?.pasid ?? -1;
  return pasidUseOf(world, device, pasid) === undefined ? -1 : pasid;
}

/** The PASID of an mm that is bound through the container, -1 if it is not. */
function boundPasid(world: World, container: number, mm: number): number {
  const known = processOf(world, mm);
  return known !== undefined && isBoundIn(world, container, known.id) ? known.pasid : -1;
}

function whyNotBind(world: World, container: number, caller: number, task: number): Errno | null {
  const isCrowded = groupsIn(world, container).some(({ group }) => membersOf(world, group).length > 1);
  if (isCrowded || groupsIn(world, container).length === 0) return 'EINVAL';
  return whyNotFind(world, caller, task);
}

/** mm_access() with PTRACE_MODE_ATTACH_REALCREDS: one's own memory, that of the same user, or everything for root. */
function whyNotFind(world: World, caller: number, task: number): Errno | null {
  const [own, other] = [tasks.get(world, caller), tasks.get(world, task)];
  if (other.mm < 0) return 'ESRCH';
  const may = own.mm === other.mm || own.user === other.user || own.user === 'root';
  return may ? null : 'EACCES';
}

function leave(world: World, container: number, mm: number, result: number): Next {
  release(world, containers.get(world, container).mutex);
  return letGo(world, mm, result);
}

function letGo(world: World, mm: number, result: number): Next {
  mmdrop(world, mm);
  return done(result);
}
