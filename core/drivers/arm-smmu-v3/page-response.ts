import { devices } from '../../devices/device.ts';
import { RESPONSE, responseName } from '../../faults/fault.ts';
import { links } from '../../hardware/pcie/link.ts';
import { CMD_PRI_RESP, OPCODE, PRI_RESP } from '../../hardware/smmuv3/commands.layout.ts';
import { procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import { issue } from './command-queue.ts';
import { streamOf } from './domain.ts';

/** SMMU codes differ from those of PCIe: 2 is Success here (SMMUv3 4.5.2). */
const CODES: Readonly<Record<number, number>> = {
  [RESPONSE.success]: PRI_RESP.SUCCESS,
  [RESPONSE.invalid]: PRI_RESP.INVALID,
  [RESPONSE.failure]: PRI_RESP.FAILURE,
};

/** arm_smmu_page_response(): CMD_PRI_RESP without CMD_SYNC: nothing here waits for it to arrive. */
export const respondToGroup = procedure(
  'arm_smmu_fault_response',
  'smmu-driver',
  { respond: ['device', 'pasid', 'prgi', 'response'] },
  () => ({
    respond: step(
      'answers group {prgi} of {device} with {response}',
      { cite: 'RFCv2 35/36; SMMUv3 4.5.2' },
      (world, { device, pasid, prgi, response }) => {
        tell(world, { response: responseName(response) });
        return issue(links.get(world, devices.get(world, device).link).smmu, CMD_PRI_RESP, OPCODE.PRI_RESP, {
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
