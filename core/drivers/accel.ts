import { devices } from '../devices/device.ts';
import { hasPlace, OPERATIONS, submit } from '../devices/job.ts';
import { type PasidUse, pasidUseOf, pasidUses, startUse, stopUse } from '../devices/pasid-use.ts';
import { bindDevice } from '../iommu/bind.ts';
import { bondOf, contextOf } from '../iommu/context.ts';
import { detachDevice } from '../iommu/detach.ts';
import { hearOfExits } from '../iommu/exit-handler.ts';
import { domainOf } from '../iommu/group.ts';
import { processOf } from '../iommu/process.ts';
import { unbindDevice } from '../iommu/unbind.ts';
import { present } from '../lib/assert.ts';
import { isError } from '../lib/errno.ts';
import { decides } from '../policy/policy.ts';
import { openDevice } from '../process/open-file.ts';
import { createLock, isFree, release, take } from '../sim/lock.ts';
import { call, done, fail, type Notes, procedure, RESULT, step } from '../sim/procedure.ts';
import { reach, send, tell } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** An example driver: an accelerator whose work queue a process fills itself, with its own pointers. */

/** What the driver keeps of one device. */
interface Accel extends Row {
  readonly device: number;
  /** Bind, unbind and remove of a device exclude each other (drivers/misc/uacce/uacce.c: uacce->mutex). */
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

/** The driver takes charge of a device that was plugged in. */
export function probeAccel(world: World, device: number): void {
  const { name } = devices.get(world, device);
  accels.insert(world, { device, mutex: createLock(world, `mutex of ${name}`, 'mutex'), listensIn: -1 });
}

function accelOf(world: World, device: number): Accel {
  const accel = accels.first(world, (row) => row.device === device);
  return present(accel, 'the driver was probed for each of its devices');
}

const mutexOf = (world: World, device: number): number => accelOf(world, device).mutex;

/** What steps say that take the mutex of their device. */
function serialised<L extends { readonly device: number }>(notes: Notes<L>): Notes<L> {
  return {
    when: (world, { device }) => isFree(world, mutexOf(world, device)),
    ...{ wait: 'sleep', awaits: 'the mutex of the driver', cost: 'syscall' },
    ...notes,
  };
}

/** ioctl(BIND): binds the caller's process and lets the device use the PASID. Returns it, or a negative errno. */
export const bindIoctl = procedure(
  'accel_bind',
  'device-driver',
  { enter: ['device', 'mm'], program: ['device', 'mm', 'result'] },
  (go) => ({
    enter: step(
      'is asked by {mm} to share its address space with {device}',
      serialised({ cite: 'RFCv2 05/36', chapter: 'Bind' }),
      (world, { device, mm }) => {
        take(world, mutexOf(world, device));
        const bind = call(bindDevice.at.domain({ device, mm }), go.program({ device, mm, result: RESULT }));
        if (!wantsToHear(world, device)) return bind;
        accels.edit(world, accelOf(world, device).id, (row) => {
          row.listensIn = domainOf(world, device);
        });
        return call(hearOfExits(world, device), bind);
      },
    ),
    program: step(
      'programs {pasid} into {device}',
      { atomic: 'one register write of the device', cite: 'RFCv2 05/36', cost: 'link', transaction: true },
      (world, { device, mm, result }) => {
        release(world, mutexOf(world, device));
        tell(world, { pasid: isError(result) ? -1 : result });
        if (isError(result)) return fail(result);
        openDevice(world, mm, device);
        startUse(world, device, result);
        send(world, 'message', 'device-driver', devices.get(world, device).name, `use PASID ${result}`, {
          pasid: result,
        });
        return done(result);
      },
    ),
  }),
);

/** It sets its exit handler once in each domain that its device is attached to, before its first bind there. */
function wantsToHear(world: World, device: number): boolean {
  const domain = domainOf(world, device);
  return domain >= 0 && domain !== accelOf(world, device).listensIn && !decides(world, 'exit-callback', 'none');
}

/**
 * Writes a work descriptor to the portal of the device, as the process itself does from user space. The PASID is that
 * of the mm at this very moment, put in by the CPU (as by ENQCMD); `mm` -1 stands for work without PASID. EINVAL where
 * the device has not been told to use it.
 */
export const submitWork = procedure(
  'accel_submit',
  'self',
  { submit: ['device', 'operation', 'mm', 'page', 'offset', 'bytes', 'data', 'hops'] },
  () => ({
    submit: step(
      'submits {job} to {device} with {pasid}',
      {
        when: (world, { device }) => hasPlace(world, device),
        wait: 'sleep',
        awaits: 'a free work descriptor',
        atomic: 'one 64-byte store to the portal',
        cost: 'link',
        chapter: 'Submit',
        transaction: true,
      },
      (world, { device, operation, mm, ...work }) => {
        const pasid = mm < 0 ? -1 : usablePasid(world, device, mm);
        tell(world, { job: 'nothing', pasid: pasid ?? -1 });
        if (pasid === null) return fail('EINVAL');
        const kind = OPERATIONS[operation] ?? 'read';
        const row = submit(world, device, { ...work, pasid, mm, operation: kind });
        tell(world, { job: row.id });
        const text = `submit: ${kind} ${work.bytes} B`;
        send(world, 'message', '', devices.get(world, device).name, text, { pasid });
        reach(world, 'dma.submitted');
        return done(row.id);
      },
    ),
  }),
);

/** The PASID with which a process can give work to a device now, null if there is none. */
export function usablePasid(world: World, device: number, mm: number): number | null {
  const pasid = processOf(world, mm)?.pasid ?? -1;
  return pasidUseOf(world, device, pasid)?.state === 'running' ? pasid : null;
}

/** ioctl(UNBIND): the device stops using the PASID first, then the bond is ended. Returns 0 or a negative errno. */
export const unbindIoctl = procedure(
  'accel_unbind',
  'device-driver',
  {
    enter: ['device', 'mm'],
    stop: ['device', 'mm', 'pasid'],
    unbind: ['device', 'mm', 'pasid'],
    back: ['device', 'result'],
  },
  (go) => ({
    enter: step(
      'is asked to end the bond of {mm} with {device}',
      serialised({ chapter: 'Unbind' }),
      (world, { device, mm }) => {
        const process = processOf(world, mm);
        if (process === undefined) return fail('ESRCH');
        take(world, mutexOf(world, device));
        const { pasid } = process;
        return usesLeft(world, device, mm) > 1 ? go.unbind({ device, mm, pasid }) : go.stop({ device, mm, pasid });
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
      'sees that {device} has stopped and asks the IOMMU core to unbind',
      {
        when: (world, { device, pasid }) => pasidUseOf(world, device, pasid)?.state !== 'stopping',
        wait: 'sleep',
        awaits: 'the device to stop',
        cite: 'RFCv2 05/36',
      },
      (_world, { device, mm, pasid }) =>
        call(unbindDevice.at.flush({ device, mm, pasid }), go.back({ device, result: RESULT })),
    ),
    back: step('returns from the ioctl', {}, (world, { device, result }) => {
      release(world, mutexOf(world, device));
      return done(result);
    }),
  }),
);

function usesLeft(world: World, device: number, mm: number): number {
  const process = processOf(world, mm);
  const context = process && contextOf(world, process.id, domainOf(world, device));
  return (context && bondOf(world, context.id, device)?.binds) ?? 0;
}

/**
 * The exit handler: it goes by its token, and is called under a spinlock, so it can only start the stop; the last put
 * waits for its end.
 */
export const exitHandler = procedure(
  'accel_process_exit',
  'device-driver',
  { stop: ['device', 'pasid', 'token'] },
  () => ({
    stop: step(
      'tells {token} to stop using {pasid}{although}',
      { atomic: 'one register write', cite: 'RFCv2 02/36', transaction: true },
      (world, { device, pasid, token }) => {
        const although = token === device ? '' : `, although it is called for ${nameOf(world, device)}`;
        tell(world, { although });
        sendStop(world, token, pasid, although === '' ? '' : `, for ${nameOf(world, device)}`);
        return done();
      },
    ),
  }),
);

/** mm_exit() of v2: no lock is held, so it returns when the device has stopped. */
export const mmExit = procedure(
  'accel_mm_exit',
  'device-driver',
  { stop: ['device', 'pasid', 'token'], stopped: ['device', 'pasid'] },
  (go) => ({
    stop: step(
      'tells {device} to stop using {pasid}',
      { cite: 'v2 05/40', cost: 'link', transaction: true },
      (world, { device, pasid }) => {
        sendStop(world, device, pasid);
        return go.stopped({ device, pasid });
      },
    ),
    stopped: step(
      'sees that {device} has stopped',
      {
        when: (world, { device, pasid }) => pasidUseOf(world, device, pasid) === undefined,
        ...{ wait: 'sleep', awaits: 'the device to stop', cite: 'v2 05/40' },
      },
      () => done(),
    ),
  }),
);

/** release() of the device file: ends what was bound through it and is not ended yet. */
export const releaseFile = procedure('accel_release', 'device-driver', { release: ['mm', 'device'] }, (go) => ({
  release: step(
    'is told that the file of {device} is closed: {left}',
    { cite: 'drivers/misc/uacce/uacce.c' },
    (world, { mm, device }) => {
      const uses = usesLeft(world, device, mm);
      tell(world, { left: uses === 0 ? 'nothing is bound through it any more' : 'a bond is left' });
      if (uses === 0) return done();
      const end = unbindIoctl.at.enter({ device, mm });
      return uses === 1 ? end : call(end, go.release({ mm, device }));
    },
  ),
}));

const nameOf = (world: World, device: number): string => devices.get(world, device).name;

function sendStop(world: World, device: number, pasid: number, meant = ''): void {
  stopUse(world, device, pasid);
  send(world, 'message', 'device-driver', nameOf(world, device), `stop PASID ${pasid}${meant}`, { pasid });
}

/** The driver lets its device go: iommu_detach_device() ends all its bonds. */
export const detachIoctl = procedure(
  'accel_remove',
  'device-driver',
  { remove: ['device'], gone: ['device', 'result'] },
  (go) => ({
    remove: step('gives {device} up', serialised({ chapter: 'Unbind' }), (world, { device }) => {
      take(world, mutexOf(world, device));
      if (stopsBeforeDetach(world)) for (const { pasid } of usesOf(world, device)) sendStop(world, device, pasid);
      return call(detachDevice.at.mark({ device }), go.gone({ device, result: RESULT }));
    }),
    gone: step('has let {device} go', {}, (world, { device, result }) => {
      release(world, mutexOf(world, device));
      return done(result);
    }),
  }),
);

/** Where detach does not call the driver back for each bond, it stops its device before. */
const stopsBeforeDetach = (world: World): boolean =>
  decides(world, 'exit-callback', 'sleepable') || decides(world, 'exit-callback', 'none');

const usesOf = (world: World, device: number): PasidUse[] =>
  pasidUses.all(world).filter((use) => use.device === device && use.state === 'running');
