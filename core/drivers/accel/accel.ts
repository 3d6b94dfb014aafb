import { devices } from '../../devices/device.ts';
import { pasidUseOf, startUse } from '../../devices/pasid-use.ts';
import { bindDevice } from '../../iommu/bind.ts';
import { hearOfExits } from '../../iommu/exit-handler.ts';
import { domainOf } from '../../iommu/group.ts';
import { type IommuProcess, processesOf, processFor } from '../../iommu/process.ts';
import { isStillBound, usesLeft } from '../../iommu/still-bound.ts';
import { unbindDevice } from '../../iommu/unbind.ts';
import { present } from '../../lib/assert.ts';
import { ERRNO, isError } from '../../lib/errno.ts';
import { decides, hasBug, tellBug } from '../../policy/policy.ts';
import { mmdrop, mmgrab, mms } from '../../process/mm.ts';
import { forWriting } from '../../process/mm-locks.ts';
import { noteOpen } from '../../process/open-file.ts';
import { tasks } from '../../process/task.ts';
import { createLock, isFree, locks, release, take } from '../../sim/lock.ts';
import { call, done, fail, type Next, type Notes, procedure, RESULT, step } from '../../sim/procedure.ts';
import { send, tell } from '../../sim/telling.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { sendStop } from './exit.ts';

/** An example driver: an accelerator whose work queue a process fills itself, with its own pointers. */

/** What the driver keeps of one device. */
interface Accel extends Row {
  readonly device: number;
  /** Bind, unbind and remove of a device exclude each other (drivers/misc/uacce/uacce.c: uacce->mutex); -1: they do not. */
  readonly mutex: number;
  /** The domain in which it has set its exit handler, -1 before it did. */
  readonly listensIn: number;
}

export const accels = table<Accel>('accel', { device: 'int', mutex: 'int', listensIn: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  device: r.device,
  mutex: r.mutex,
  listensIn: r.listensIn,
}));

/** The driver takes charge of a device that was plugged in; what is asked of it excludes each other if `serialised`. */
export function probeAccel(world: World, device: number, serialised: boolean): void {
  const { name } = devices.get(world, device);
  const mutex = serialised ? createLock(world, `mutex of ${name}`, 'mutex') : -1;
  accels.insert(world, { device, mutex, listensIn: -1 });
}

/** The driver has let go of its device. */
export function forgetAccel(world: World, device: number): void {
  const { id, mutex } = accelOf(world, device);
  accels.remove(world, id);
  if (mutex >= 0) locks.remove(world, mutex);
}

function accelOf(world: World, device: number): Accel {
  const accel = accels.first(world, (row) => row.device === device);
  return present(accel, 'the driver was probed for each of its devices');
}

const mutexOf = (world: World, device: number): number => accelOf(world, device).mutex;

/** Takes the mutex of a device whose calls exclude each other. */
export function lock(world: World, device: number): void {
  const mutex = mutexOf(world, device);
  if (mutex >= 0) take(world, mutex);
}

export function unlock(world: World, device: number): void {
  const mutex = mutexOf(world, device);
  if (mutex >= 0) release(world, mutex);
}

/** No call of the driver that excludes others is under way for the device. */
export function isIdle(world: World, device: number): boolean {
  const mutex = mutexOf(world, device);
  return mutex < 0 || isFree(world, mutex);
}

/** Whoever moves has the mutex of the device. */
export function isHeld(world: World, device: number): boolean {
  const mutex = mutexOf(world, device);
  return mutex >= 0 && locks.get(world, mutex).owner === world.acting;
}

/** What steps say that take the mutex of their device. */
export function serialised<L extends { readonly device: number }>(notes: Notes<L>): Notes<L> {
  return {
    when: (world, { device }) => isIdle(world, device),
    ...{ wait: 'sleep', awaits: 'the mutex of the driver', cost: 'syscall' },
    ...notes,
  };
}

/**
 * ioctl(BIND): binds a process, that of the caller or another, and lets the device use the PASID. It holds the
 * mm_struct meanwhile, not the memory. Returns the PASID, or a negative errno.
 */
export const bindIoctl = procedure(
  'accel_bind',
  'device-driver',
  { enter: ['device', 'task'], program: ['device', 'mm', 'result'], late: ['device', 'mm'] },
  (go) => ({
    enter: step(
      'is asked to share the address space of {task} with {device}',
      serialised({ cite: 'RFCv2 05/36', chapter: 'Bind' }),
      (world, { device, task }) => {
        const { mm } = tasks.get(world, task);
        if (mm < 0) return fail('ESRCH');
        lock(world, device);
        mmgrab(world, mm);
        const bind = call(bindDevice.at.domain({ device, task, mm }), go.program({ device, mm, result: RESULT }));
        return wantsToHear(world, device) ? call(hearOfExits(world, device), bind) : bind;
      },
    ),
    program: step(
      'programs {pasid} into {device}{unless}',
      { atomic: 'one register write of the device', cite: 'RFCv2 05/36', cost: 'link', transaction: true },
      (world, { device, mm, result }) => {
        tell(world, { pasid: isError(result) ? 'nothing' : result, unless: '' });
        if (wantsToHear(world, device)) noteListening(world, device);
        if (isError(result)) return leave(world, device, mm, result);
        if (!isStillBound(world, device, mm, result)) {
          tell(world, { unless: ': no, for the process exits, or the device leaves' });
          return call(unbindDevice.at.flush({ device, mm, pasid: result }), go.late({ device, mm }));
        }
        noteOpen(world, { mm, driver: 'accel', minor: device });
        startUse(world, device, result);
        send(world, 'message', 'device-driver', devices.get(world, device).name, `use PASID ${result}`, {
          pasid: result,
        });
        return leave(world, device, mm, result);
      },
    ),
    late: step('has ended a bond that came too late', { cite: 'RFCv2 02/36' }, (world, { device, mm }) =>
      leave(world, device, mm, -ERRNO.ESRCH),
    ),
  }),
);

/** Leaves an ioctl: lets go of the device and of the mm_struct. */
function leave(world: World, device: number, mm: number, result: number): Next {
  unlock(world, device);
  mmdrop(world, mm);
  return done(result);
}

/**
 * It sets its exit handler once in each domain that its device is attached to, before its first bind there. Of two first
 * binds at once both set it: it is noted as set only afterwards, so that no bind relies on one that is still to come.
 */
function wantsToHear(world: World, device: number): boolean {
  const domain = domainOf(world, device);
  return domain >= 0 && domain !== accelOf(world, device).listensIn && !decides(world, 'exit-callback', 'none');
}

function noteListening(world: World, device: number): void {
  accels.edit(world, accelOf(world, device).id, (row) => {
    row.listensIn = domainOf(world, device);
  });
}

/**
 * ioctl(UNBIND), for the process of the caller or another: the device stops using the PASID first, then the bond is
 * ended. `task` -1: of whatever process of the mm is bound. Returns 0 or a negative errno.
 */
export const unbindIoctl = procedure(
  'accel_unbind',
  'device-driver',
  {
    enter: ['device', 'mm', 'task'],
    stop: ['device', 'mm', 'pasid'],
    unbind: ['device', 'mm', 'pasid'],
    hold: ['device', 'mm', 'pasid'],
    let: ['device', 'mm', 'result'],
    back: ['device', 'mm', 'result'],
    late: ['device', 'mm', 'result'],
  },
  (go) => ({
    enter: step(
      'is asked to end the bond of {mm} with {device}',
      serialised({ cite: 'RFCv2 05/36', chapter: 'Unbind' }),
      (world, { device, mm, task }) => {
        const process = task < 0 ? boundProcess(world, device, mm) : processFor(world, task);
        if (process === undefined) return fail('ESRCH');
        lock(world, device);
        const { id, pasid, mm: own } = process;
        mmgrab(world, own);
        const bond = { device, mm: own, pasid };
        return usesLeft(world, device, id) > 1 ? go.unbind(bond) : go.stop(bond);
      },
    ),
    stop: step(
      'tells {device} to stop using {pasid}',
      { cite: 'PCIe 6.20.1', cost: 'link', transaction: true },
      (world, { device, mm, pasid }) => {
        sendStop(world, device, pasid);
        return go.unbind({ device, mm, pasid });
      },
    ),
    unbind: step(
      'sees that {device} has stopped{dropping} and asks the IOMMU core to unbind',
      {
        when: (world, { device, pasid }) => pasidUseOf(world, device, pasid)?.state !== 'stopping',
        wait: 'sleep',
        awaits: 'the device to stop',
        cite: 'RFCv2 05/36',
      },
      (world, { device, mm, pasid }) => {
        tell(world, { dropping: '' });
        if (hasBug(world, 'flush-under-lock')) return go.hold({ device, mm, pasid });
        const then = { device, mm, result: RESULT };
        if (!hasBug(world, 'mm-dropped-early'))
          return call(unbindDevice.at.flush({ device, mm, pasid }), go.back(then));
        tellBug(world, { dropping: ', drops its reference to the mm' });
        mmdrop(world, mm);
        return call(unbindDevice.at.flush({ device, mm, pasid }), go.late(then));
      },
    ),
    hold: step(
      'takes mmap_lock of {mm}, and keeps it until the bond has ended',
      forWriting({ cite: 'Linux before 6ef0505158f7: intel_svm_unbind_mm, with pasid_mutex' }),
      (world, { device, mm, pasid }) => {
        tellBug(world);
        take(world, mms.get(world, mm).mmapLock);
        return call(unbindDevice.at.flush({ device, mm, pasid }), go.let({ device, mm, result: RESULT }));
      },
    ),
    let: step(
      'releases mmap_lock of {mm}',
      { cite: 'Linux before 6ef0505158f7: intel_svm_unbind_mm' },
      (world, { device, mm, result }) => {
        release(world, mms.get(world, mm).mmapLock);
        return leave(world, device, mm, result);
      },
    ),
    back: step('returns from the ioctl', { cite: 'RFCv2 05/36' }, (world, { device, mm, result }) =>
      leave(world, device, mm, result),
    ),
    late: step(
      'looks at {mm} once more, and returns from the ioctl',
      { cite: 'Linux before 06e14c36e20b: iommu_sva_unbind_device' },
      (world, { device, result }) => {
        unlock(world, device);
        return done(result);
      },
    ),
  }),
);

/** A process of the mm that the device is bound to. */
const boundProcess = (world: World, device: number, mm: number): IommuProcess | undefined =>
  processesOf(world, mm).find(({ id }) => usesLeft(world, device, id) > 0);

/** release() of the device file: ends what was bound through it and is not ended yet. */
export const releaseFile = procedure('accel_release', 'device-driver', { release: ['mm', 'device'] }, (go) => ({
  release: step(
    'is told that the file of {device} is closed: {left}',
    { cite: 'drivers/misc/uacce/uacce.c' },
    (world, { mm, device }) => {
      const uses = processesOf(world, mm).reduce((sum, { id }) => sum + usesLeft(world, device, id), 0);
      tell(world, { left: uses === 0 ? 'nothing is bound through it any more' : 'a bond is left' });
      if (uses === 0) return done();
      const end = unbindIoctl.at.enter({ device, mm, task: -1 });
      return uses === 1 ? end : call(end, go.release({ mm, device }));
    },
  ),
}));
