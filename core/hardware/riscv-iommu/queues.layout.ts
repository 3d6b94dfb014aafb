/** Records that the IOMMU writes: faults and page requests. RISC-V IOMMU 3.2 (Fault/Event-Queue), 3.3 (Page-Request-Queue). */
import { address, bit, bits, layout, namesOf } from '../layout.ts';

/** Fault causes. RISC-V IOMMU 3.2, table of CAUSE encodings. */
export const CAUSE = {
  INSTRUCTION_ACCESS: 1,
  READ_ACCESS: 5,
  WRITE_ACCESS: 7,
  INSTRUCTION_PAGE: 12,
  READ_PAGE: 13,
  WRITE_PAGE: 15,
  ALL_DISALLOWED: 256,
  DDT_ACCESS: 257,
  DDT_NOT_VALID: 258,
  DDT_MISCONFIGURED: 259,
  TYPE_DISALLOWED: 260,
  MSI_PTE_ACCESS: 261,
  MSI_PTE_NOT_VALID: 262,
  MSI_PTE_MISCONFIGURED: 263,
  PDT_ACCESS: 265,
  PDT_NOT_VALID: 266,
  PDT_MISCONFIGURED: 267,
  DDT_CORRUPT: 268,
  PDT_CORRUPT: 269,
  MSI_PT_CORRUPT: 270,
  MSI_WRITE_ACCESS: 273,
  PT_CORRUPT: 274,
} as const;

/** Kind of the transaction that faulted. RISC-V IOMMU 3.2, table of TTYP encodings. */
export const TTYP = {
  NONE: 0,
  UNTRANSLATED_EXECUTE: 1,
  UNTRANSLATED_READ: 2,
  UNTRANSLATED_WRITE: 3,
  TRANSLATED_EXECUTE: 5,
  TRANSLATED_READ: 6,
  TRANSLATED_WRITE: 7,
  ATS_REQUEST: 8,
  MESSAGE: 9,
} as const;

export const FQ_RECORD = layout('FQ_RECORD', 32, 'RISC-V IOMMU 3.2', {
  CAUSE: bits(11, 0, 'What went wrong.', namesOf(CAUSE)),
  PID: bits(31, 12, 'The process_id, if there is one.'),
  PV: bit(32, 'The transaction carries a process_id.'),
  PRIV: bit(33, 'It wants supervisor privilege.'),
  TTYP: bits(39, 34, 'Kind of the transaction.', namesOf(TTYP)),
  DID: bits(63, 40, 'The device.'),
  custom: bits(95, 64, 'For the maker of the IOMMU.'),
  iotval_LO: bits(159, 128, 'Low half of the address that was used, or the code of a message.'),
  iotval_HI: bits(191, 160, 'High half of the address that was used.'),
  iotval2_LO: bits(223, 192, 'Low half of the guest address, for faults of the second stage.'),
  iotval2_HI: bits(255, 224, 'High half of the guest address.'),
});

export const PQ_RECORD = layout('PQ_RECORD', 16, 'RISC-V IOMMU 3.3', {
  PID: bits(31, 12, 'The process_id, if there is one.'),
  PV: bit(32, 'The request carries a process_id.'),
  PRIV: bit(33, 'The page is wanted with supervisor privilege.'),
  EXEC: bit(34, 'The page is wanted to execute.'),
  DID: bits(63, 40, 'The device that asks.'),
  R: bit(64, 'The page is wanted to read.'),
  W: bit(65, 'The page is wanted to write.'),
  L: bit(66, 'The last request of its group: software answers now.'),
  PRGI: bits(75, 67, 'The group to which this request belongs; the answer names it.'),
  PageAddr: address(127, 76, 'The page that is wanted.', 12),
});
