import { discardPartials, dropsPartials, partialsFrom, RESPONSE, responseName } from '../../faults/fault.ts';
import { encode } from '../../hardware/layout.ts';
import { PRG_RESPONSE_BODY, PRG_RESPONSE_CODE } from '../../hardware/pcie/messages.layout.ts';
import { CMD_ATS, FUNC3, OPCODE } from '../../hardware/riscv-iommu/commands.layout.ts';
import { memberOf, members } from '../../iommu/group.ts';
import { present } from '../../lib/assert.ts';
import { procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { issueWords } from './command-queue.ts';
import { deviceId, iommuOf } from './domain.ts';

/** The payload is the message itself, so the codes are those of PCIe: 0 is Success. PCIe 10.4.2. */
const CODES: Readonly<Record<number, number>> = {
  [RESPONSE.success]: PRG_RESPONSE_CODE.SUCCESS,
  [RESPONSE.invalid]: PRG_RESPONSE_CODE.INVALID_REQUEST,
  [RESPONSE.failure]: PRG_RESPONSE_CODE.RESPONSE_FAILURE,
};

/** ATS.PRGR, whose payload software writes as it goes over the wire. No IOFENCE.C: nothing here waits for it to arrive. */
export const respondToGroup = procedure(
  'riscv_iommu_page_response',
  'smmu-driver',
  { respond: ['device', 'pasid', 'prgi', 'response'] },
  () => ({
    respond: step(
      'answers {what} of {device} with {response}',
      { cite: 'RISC-V IOMMU 3.1.4; RFCv2 35/36' },
      (world, { device, pasid, prgi, response }) => {
        tell(world, { what: `group ${prgi}`, response: responseName(response) });
        if (response === RESPONSE.failure && dropsPartials(world)) refuseFrom(world, device);
        const RID = deviceId(world, device) % 2 ** 16;
        const RespCode = CODES[response] ?? PRG_RESPONSE_CODE.RESPONSE_FAILURE;
        const [PAYLOAD_LO = 0, PAYLOAD_HI = 0] = encode(PRG_RESPONSE_BODY, { PRGI: prgi, RespCode, DestDeviceID: RID });
        const words = encode(CMD_ATS, {
          opcode: OPCODE.ATS,
          func3: FUNC3.ATS_PRGR,
          PV: pasid < 0 ? 0 : 1,
          PID: Math.max(pasid, 0),
          RID,
          PAYLOAD_LO,
          PAYLOAD_HI,
        });
        return issueWords(iommuOf(world, device), words);
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
