/** Commands that software puts into the command queue, 16 bytes each. RISC-V IOMMU 3.1 (Command-Queue). */
import { address, bit, bits, type Layout, layout, namesOf } from '../layout.ts';

export const OPCODE = { IOTINVAL: 1, IOFENCE: 2, IODIR: 3, ATS: 4 } as const;

/** func3 within each opcode. */
export const FUNC3 = { VMA: 0, GVMA: 1, FENCE_C: 0, INVAL_DDT: 0, INVAL_PDT: 1, ATS_INVAL: 0, ATS_PRGR: 1 } as const;

const OPCODE_FIELD = bits(6, 0, 'Group of commands.', namesOf(OPCODE));

/** Forget translations of the first (VMA) or the second stage (GVMA). */
export const CMD_IOTINVAL = layout('CMD_IOTINVAL', 16, 'RISC-V IOMMU 3.1.1', {
  opcode: OPCODE_FIELD,
  func3: bits(9, 7, 'Which stage.', namesOf({ VMA: FUNC3.VMA, GVMA: FUNC3.GVMA })),
  AV: bit(10, 'Only those of ADDR.'),
  PSCID: bits(31, 12, 'Tag of the address space.'),
  PSCV: bit(32, 'Only those of PSCID, and none that are global.'),
  GV: bit(33, 'Those of the virtual machine GSCID; while 0, those of the host.'),
  NL: bit(34, 'What is cached of tables above the leaf too, with the non-leaf extension.'),
  GSCID: bits(59, 44, 'Tag of the virtual machine.'),
  S: bit(73, 'ADDR says a range by its low run of ones, with the address-range extension.'),
  ADDR: address(125, 74, 'The page whose translations go.', 12),
});

/** Wait until all commands before it are done. */
export const CMD_IOFENCE_C = layout('CMD_IOFENCE_C', 16, 'RISC-V IOMMU 3.1.2', {
  opcode: OPCODE_FIELD,
  func3: bits(9, 7, 'Kind of fence.', namesOf({ C: FUNC3.FENCE_C })),
  AV: bit(10, 'Then write DATA to ADDR.'),
  WSI: bit(11, 'Then interrupt, where interrupts are wires.'),
  PR: bit(12, 'Wait for all reads before it to have their answers.'),
  PW: bit(13, 'Wait for all writes before it to be visible.'),
  DATA: bits(63, 32, 'What is written.'),
  ADDR_LO: bits(95, 64, 'Low half of where it is written, as address >> 2.'),
  ADDR_HI: bits(125, 96, 'High half of where it is written.'),
});

/** Forget device contexts (INVAL_DDT) or a process context (INVAL_PDT). */
export const CMD_IODIR = layout('CMD_IODIR', 16, 'RISC-V IOMMU 3.1.3', {
  opcode: OPCODE_FIELD,
  func3: bits(9, 7, 'Which directory.', namesOf({ INVAL_DDT: FUNC3.INVAL_DDT, INVAL_PDT: FUNC3.INVAL_PDT })),
  PID: bits(31, 12, 'The process_id, for INVAL_PDT.'),
  DV: bit(33, 'Only what is cached of device DID.'),
  DID: bits(63, 40, 'The device_id.'),
});

/** Send an ATS message to a device: forget translations (INVAL), or the answer to a page request (PRGR). */
export const CMD_ATS = layout('CMD_ATS', 16, 'RISC-V IOMMU 3.1.4', {
  opcode: OPCODE_FIELD,
  func3: bits(9, 7, 'Which message.', namesOf({ INVAL: FUNC3.ATS_INVAL, PRGR: FUNC3.ATS_PRGR })),
  PID: bits(31, 12, 'The PASID that the message carries.'),
  PV: bit(32, 'The message carries a PASID.'),
  DSV: bit(33, 'DSEG is part of the address of the device.'),
  RID: bits(55, 40, 'RequesterID of the device: bus, device, function.'),
  DSEG: bits(63, 56, 'PCIe segment of the device.'),
  PAYLOAD_LO: bits(95, 64, 'Low half of the body of the message.'),
  PAYLOAD_HI: bits(127, 96, 'High half of the body of the message.'),
});

const BY_OPCODE: Readonly<Record<number, Layout>> = {
  [OPCODE.IOTINVAL]: CMD_IOTINVAL,
  [OPCODE.IOFENCE]: CMD_IOFENCE_C,
  [OPCODE.IODIR]: CMD_IODIR,
  [OPCODE.ATS]: CMD_ATS,
};

/** Layout of the command that begins with this word, null for a reserved opcode. */
export function commandLayout(word: number): Layout | null {
  return BY_OPCODE[word & 0x7f] ?? null;
}
