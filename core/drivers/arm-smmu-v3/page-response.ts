import { devices } from '../../devices/device.ts';
import { discardPartials, dropsPartials, partialsFrom, RESPONSE, responseName } from '../../faults/fault.ts';
import { links } from '../../hardware/pcie/link.ts';
import { CMD_PRI_RESP, CMD_RESUME, OPCODE, PRI_RESP } from '../../hardware/smmuv3/commands.layout.ts';
import { memberOf, members } from '../../iommu/group.ts';
import { present } from '../../lib/assert.ts';
import { procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { issue } from './command-queue.ts';
import { mayStall, streamOf } from './domain.ts';

/** SMMU codes differ from those of PCIe: 2 is Success here (SMMUv3 4.5.2). */
const CODES: Readonly<Record<number, number>> = {
  [RESPONSE.success]: PRI_RESP.SUCCESS,
  [RESPONSE.invalid]: PRI_RESP.INVALID,
  [RESPONSE.failure]: PRI_RESP.FAILURE,
};

/**
 * arm_smmu_page_response(): CMD_PRI_RESP, or CMD_RESUME for a transaction that stalls, whose tag is the index of the group:
 * success is a retry, all else an abort. No CMD_SYNC: nothing here waits for the answer to arrive.
 */
export const respondToGroup = procedure(
  'arm_smmu_fault_response',
  'smmu-driver',
  { respond: ['device', 'pasid', 'prgi', 'response'] },
  () => ({
    respond: step(
      'answers {what} of {device} with {response}',
      { cite: 'RFCv2 29/36, 35/36; SMMUv3 4.5.2, 4.7.1' },
      (world, { device, pasid, prgi, response }) => {
        const { smmu } = links.get(world, devices.get(world, device).link);
        const stalled = mayStall(world, device);
        tell(world, { what: stalled ? `STAG ${prgi}` : `group ${prgi}`, response: responseName(response) });
        if (stalled) {
          const action = response === RESPONSE.success ? { Ac: 1 } : { Ab: 1 };
          return issue(smmu, CMD_RESUME, OPCODE.RESUME, { StreamID: streamOf(world, device), STAG: prgi, ...action });
        }
        if (response === RESPONSE.failure && dropsPartials(world)) refuseFrom(world, device);
        return issue(smmu, CMD_PRI_RESP, OPCODE.PRI_RESP, {
          SSV: pasid < 0 ? 0 : 1,
          SubstreamID: Math.max(pasid, 0),
          StreamID: streamOf(world, device),
          PRGIndex: prgi,
          Resp: CODES[response] ?? PRI_RESP.FAILURE,
        });
      },
    ),
  }),
);

/** FAILURE makes the device stop asking: its partials will never be whole, and what is still on its way is not handled. */
function refuseFrom(world: World, device: number): void {
  discardPartials(world, partialsFrom(world, device));
  const member = present(memberOf(world, device), 'a device that is answered is in a group');
  members.edit(world, member.id, (row) => {
    row.refused = 1;
  });
}
