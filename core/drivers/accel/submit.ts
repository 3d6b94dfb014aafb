import { devices } from '../../devices/device.ts';
import { hasPlace, OPERATIONS, submit } from '../../devices/job.ts';
import { pasidUseOf } from '../../devices/pasid-use.ts';
import { processFor } from '../../iommu/process.ts';
import { tasks } from '../../process/task.ts';
import { done, fail, procedure, step } from '../../sim/procedure.ts';
import { reach, send, tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';

/**
 * Writes a work descriptor to the portal of the device, as the process itself does from user space. The PASID is that
 * of the task at this very moment, put in by the CPU (as by ENQCMD); `task` -1 stands for work without PASID. EINVAL
 * where the device has not been told to use it, unless `unbound` says that it uses it all the same.
 */
export const submitWork = procedure(
  'accel_submit',
  'self',
  { submit: ['device', 'operation', 'task', 'page', 'offset', 'bytes', 'data', 'hops', 'unbound'] },
  () => ({
    submit: step(
      'submits {job} to {device} with {pasid}',
      {
        when: (world, { device }) => hasPlace(world, device),
        wait: 'sleep',
        awaits: 'a free work descriptor',
        atomic: 'one 64-byte store to the portal',
        cite: 'docs/notional-machine.md, work descriptors',
        cost: 'link',
        chapter: 'Submit',
        transaction: true,
      },
      (world, { device, operation, task, unbound, ...work }) => {
        const pasid = pasidOfWork(world, device, task, unbound);
        const mm = task < 0 ? -1 : tasks.get(world, task).mm;
        tell(world, { job: 'nothing', pasid: pasid ?? -1, mm });
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

function pasidOfWork(world: World, device: number, task: number, unbound: number): number | null {
  if (task < 0) return -1;
  return unbound === 1 ? pasidOf(world, task) : usablePasid(world, device, task);
}

/** The PASID with which a task can give work to a device now, null if there is none. */
export function usablePasid(world: World, device: number, task: number): number | null {
  const pasid = pasidOf(world, task);
  return pasid !== null && pasidUseOf(world, device, pasid)?.state === 'running' ? pasid : null;
}

const pasidOf = (world: World, task: number): number | null => processFor(world, task)?.pasid ?? null;
