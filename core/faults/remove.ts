import { backendOf, memberOf, members } from '../iommu/group.ts';
import { call, done, procedure, step } from '../sim/procedure.ts';
import { reach, tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import {
  discardPartials,
  dropsPartials,
  iopfGroups,
  matchesResponses,
  partialsFrom,
  pendingOf,
  RESPONSE,
} from './fault.ts';
import { pageResponse } from './report.ts';

/**
 * iopf_queue_remove_device(): the device takes no more part in fault handling. What it waits for is answered INVALID; who
 * comes later with another answer is told that nobody waits for it. The posted code forgets nothing and answers nothing.
 */
export const removeFromQueue = procedure(
  'iopf_queue_remove_device',
  'faults',
  { begin: ['device'], next: ['device'] },
  (go) => ({
    begin: step(
      'takes {device} out of fault handling: {what}',
      { atomic: 'fault_param->lock', cite: 'iopf_queue_remove_device()', chapter: 'Respond' },
      (world, { device }) => {
        if (dropsPartials(world)) discardPartials(world, partialsFrom(world, device));
        const matched = matchesResponses(world);
        tell(world, {
          what: matched ? 'nothing that it asks for is handled any more' : 'the posted code has no such call',
        });
        if (!matched) return done();
        refuseAll(world, device);
        return go.next({ device });
      },
    ),
    next: step(
      'looks what {device} still waits for: {found}',
      { atomic: 'fault_param->lock', cite: 'iopf_queue_remove_device()' },
      (world, { device }) => {
        const group = pendingOf(world, device);
        tell(world, { found: group === undefined ? 'nothing' : `group ${group.prgi}, which gets INVALID` });
        if (group === undefined) return done();
        const { id, pasid, prgi, state } = group;
        if (state === 'taken') iopfGroups.remove(world, id);
        else
          iopfGroups.edit(world, id, (row) => {
            row.pending = 0;
          });
        reach(world, 'fault.answered');
        const answer = { device, pasid, prgi, response: RESPONSE.invalid };
        return call(pageResponse.begin(answer, backendOf(world, device)), go.next({ device }));
      },
    ),
  }),
);

function refuseAll(world: World, device: number): void {
  const member = memberOf(world, device);
  if (member === undefined) return;
  members.edit(world, member.id, (row) => {
    row.refused = 1;
  });
}
