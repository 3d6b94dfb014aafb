import { devices } from '../devices/device.ts';
import { hasPlace, OPERATIONS, submit } from '../devices/job.ts';
import { pasidUseOf, startUse, stopUse } from '../devices/pasid-use.ts';
import { bindDevice } from '../iommu/bind.ts';
import { bondOf, contextOf } from '../iommu/context.ts';
import { detachDevice } from '../iommu/detach.ts';
import { domainOf } from '../iommu/group.ts';
import { processOf } from '../iommu/process.ts';
import { unbindDevice } from '../iommu/unbind.ts';
import { isError } from '../lib/errno.ts';
import { call, done, fail, procedure, RESULT, step } from '../sim/procedure.ts';
import { reach, send, tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';

/** An example driver: an accelerator whose work queue a process fills itself, with its own pointers. */

/** ioctl(BIND): binds the caller's process and lets the device use the PASID. Returns it, or a negative errno. */
export const bindIoctl = procedure(
  'accel_bind',
  'device-driver',
  { enter: ['device', 'mm'], program: ['device', 'result'] },
  (go) => ({
    enter: step(
      'is asked by {mm} to share its address space with {device}',
      { cost: 'syscall', cite: 'RFCv2 02/36 iommu_set_process_exit_handler()', chapter: 'Bind' },
      (_world, { device, mm }) => call(bindDevice.at.domain({ device, mm }), go.program({ device, result: RESULT })),
    ),
    program: step(
      'programs {pasid} into {device}',
      { atomic: 'one register write of the device', cite: 'RFCv2 05/36', cost: 'link', transaction: true },
      (world, { device, result }) => {
        tell(world, { pasid: isError(result) ? -1 : result });
        if (isError(result)) return fail(result);
        startUse(world, device, result);
        send(world, 'message', 'device-driver', devices.get(world, device).name, `use PASID ${result}`, {
          pasid: result,
        });
        return done(result);
      },
    ),
  }),
);

/** Writes a work descriptor to the portal of the device, as the process itself does from user space. */
export const submitWork = procedure(
  'accel_submit',
  'self',
  { submit: ['device', 'operation', 'pasid', 'page', 'offset', 'bytes', 'data', 'hops'] },
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
      (world, { device, operation, ...work }) => {
        const kind = OPERATIONS[operation] ?? 'read';
        const row = submit(world, device, { ...work, operation: kind });
        tell(world, { job: row.id });
        send(world, 'message', '', devices.get(world, device).name, `submit: ${kind} ${work.bytes} B`, {
          pasid: work.pasid,
        });
        reach(world, 'dma.submitted');
        return done(row.id);
      },
    ),
  }),
);

/** ioctl(UNBIND): the device stops using the PASID first, then the bond is ended. Returns 0 or a negative errno. */
export const unbindIoctl = procedure(
  'accel_unbind',
  'device-driver',
  { enter: ['device', 'mm'], stop: ['device', 'mm', 'pasid'], unbind: ['device', 'mm', 'pasid'] },
  (go) => ({
    enter: step(
      'is asked to end the bond of {mm} with {device}',
      { cost: 'syscall', chapter: 'Unbind' },
      (world, { device, mm }) => {
        const process = processOf(world, mm);
        if (process === undefined) return fail('ESRCH');
        const { pasid } = process;
        return usesLeft(world, device, mm) > 1 ? go.unbind({ device, mm, pasid }) : go.stop({ device, mm, pasid });
      },
    ),
    stop: step(
      'tells {device} to stop using {pasid}',
      { cite: 'PCIe 6.20.1', cost: 'link', transaction: true },
      (world, { device, mm, pasid }) => {
        stopUse(world, device, pasid);
        send(world, 'message', 'device-driver', devices.get(world, device).name, `stop PASID ${pasid}`, { pasid });
        return go.unbind({ device, mm, pasid });
      },
    ),
    unbind: step(
      'sees that {device} has stopped and asks the IOMMU core to unbind',
      {
        when: (world, { device, mm, pasid }) =>
          pasidUseOf(world, device, pasid)?.state !== 'stopping' || usesLeft(world, device, mm) > 1,
        wait: 'sleep',
        awaits: 'the device to stop',
        cite: 'RFCv2 05/36',
      },
      (_world, { device, mm, pasid }) => unbindDevice.at.flush({ device, mm, pasid }),
    ),
  }),
);

function usesLeft(world: World, device: number, mm: number): number {
  const process = processOf(world, mm);
  const context = process && contextOf(world, process.id, domainOf(world, device));
  return (context && bondOf(world, context.id, device)?.binds) ?? 0;
}

/** The exit handler: called under a spinlock, so it can only start the stop; the last put waits for its end. */
export const exitHandler = procedure('accel_process_exit', 'device-driver', { stop: ['device', 'pasid'] }, () => ({
  stop: step(
    'tells {device} to stop using {pasid}',
    { atomic: 'one register write', cite: 'RFCv2 02/36', transaction: true },
    (world, { device, pasid }) => {
      stopUse(world, device, pasid);
      send(world, 'message', 'device-driver', devices.get(world, device).name, `stop PASID ${pasid}`, { pasid });
      return done();
    },
  ),
}));

/** The driver lets its device go: iommu_detach_device() ends all its bonds. */
export const detachIoctl = procedure('accel_remove', 'device-driver', { remove: ['device'] }, () => ({
  remove: step('gives {device} up', { cost: 'syscall', chapter: 'Unbind' }, (_world, { device }) =>
    detachDevice.at.mark({ device }),
  ),
}));
