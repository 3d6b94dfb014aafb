import { backendOf } from '../iommu/group.ts';
import { freePages } from '../process/frame.ts';
import { done, hook, type Next, procedure, step } from '../sim/procedure.ts';
import { reach, send, tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { discardPartials, dropsPartials, faults, iopfGroups, partialsOf, RESPONSE } from './fault.ts';
import { queueOf } from './queue.ts';

/** How a driver answers a group: `code` of RESPONSE. Wired per back end in machine/. */
export const pageResponse = hook('fault_response', ['device', 'pasid', 'prgi', 'response']);

/** handle_iommu_fault(), RFCv2 07/36: runs in the interrupt thread and may not sleep. `access` is READ 1, WRITE 2, EXEC 4, PRIV 8. */
export const reportFault = procedure(
  'handle_iommu_fault',
  'faults',
  {
    report: ['device', 'pasid', 'page', 'access', 'prgi', 'last'],
    group: ['device', 'pasid', 'prgi', 'fault'],
  },
  (go) => ({
    report: step(
      'takes over the fault at {page}: {kept}',
      {
        atomic: 'iommu_partial_faults_lock',
        cite: 'RFCv2 07/36',
        choices: (world) => (freePages(world) === 0 ? 2 : 1),
      },
      (world, { device, pasid, page, access, prgi, last }, choice) => {
        if (choice === 1) return withoutMemory(world, { device, pasid, prgi, last });
        const fault = faults.insert(world, {
          device,
          pasid,
          prgi,
          page,
          read: access & 1,
          write: (access >> 1) & 1,
          exec: (access >> 2) & 1,
          priv: (access >> 3) & 1,
          iopf: -1,
          place: partialsOf(world, device, prgi).length,
        });
        tell(world, { kept: last === 1 ? 'the last of its group' : 'kept as a partial until the last one comes' });
        return last === 1 ? go.group({ device, pasid, prgi, fault: fault.id }) : done();
      },
    ),
    group: step(
      'gathers {count} of group {prgi} and queues them for the fault worker',
      { atomic: 'workqueue lock', cite: 'RFCv2 07/36 queue_work()', transaction: true },
      (world, { device, pasid, prgi }) => {
        const members = partialsOf(world, device, prgi);
        const { id: queue, color } = queueOf(world, device);
        const place = iopfGroups.all(world).filter((row) => row.state === 'queued' && row.queue === queue).length;
        const fresh = { state: 'queued', response: RESPONSE.success, pending: 1, place, color } as const;
        const iopf = iopfGroups.insert(world, { device, pasid, prgi, queue, ...fresh });
        for (const member of members) {
          faults.edit(world, member.id, (row) => {
            row.iopf = iopf.id;
          });
        }
        tell(world, { count: members.length === 1 ? 'the one request' : `${members.length} requests` });
        send(world, 'wakeup', 'smmu-driver', 'faults', `queue_work: group ${prgi}`, { pasid });
        reach(world, 'fault.reported');
        return done();
      },
    ),
  }),
);

/** kmalloc() fails, as it may where no page is free: a partial is lost, a last request takes its group along: INVALID. */
function withoutMemory(world: World, fault: { device: number; pasid: number; prgi: number; last: number }): Next {
  const { device, pasid, prgi, last } = fault;
  tell(world, { kept: last === 1 ? 'no memory is left, so its group has failed' : 'no memory is left, so it is lost' });
  if (last === 0) return done();
  if (dropsPartials(world)) discardPartials(world, partialsOf(world, device, prgi));
  return pageResponse.begin({ device, pasid, prgi, response: RESPONSE.invalid }, backendOf(world, device));
}
