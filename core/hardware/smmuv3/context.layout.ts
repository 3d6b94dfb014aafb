/** Context descriptors: one address space each, found by PASID. SMMUv3 5.3, 5.4. */
import { address, bit, bits, layout } from '../layout.ts';
import { ADDRESS_SIZE, SHAREABILITY, WALK_CACHEABILITY } from './attributes.ts';

/** Level 1 context descriptor. SMMUv3 5.3. */
export const L1CD = layout('L1CD', 8, 'SMMUv3 5.3', {
  V: bit(0, 'There is a level 2 array. While 0, every PASID under it gets C_BAD_SUBSTREAMID.'),
  L2Ptr: address(51, 12, 'Where the level 2 array of CDs lies in memory.'),
});

/** CD bits 63:0: the shape of the two address ranges, and what a fault does. */
const CD_CONTROL = {
  T0SZ: bits(5, 0, 'Size of the lower (user) range: 2^(64-T0SZ) bytes.'),
  TG0: bits(7, 6, 'Page size of the lower tables.', { 0: '4 KB', 1: '64 KB', 2: '16 KB' }),
  IR0: bits(9, 8, 'How walks of the lower tables use the inner caches.', WALK_CACHEABILITY),
  OR0: bits(11, 10, 'How walks of the lower tables use the outer caches.', WALK_CACHEABILITY),
  SH0: bits(13, 12, 'Who else sees walks of the lower tables coherently.', SHAREABILITY),
  EPD0: bit(14, 'The lower tables are not walked: a TLB miss there is F_TRANSLATION. Set when a process is dying.'),
  ENDI: bit(15, 'Tables are big-endian.'),
  T1SZ: bits(21, 16, 'Size of the upper (kernel) range: 2^(64-T1SZ) bytes.'),
  TG1: bits(23, 22, 'Page size of the upper tables, in another code than TG0.', { 1: '16 KB', 2: '4 KB', 3: '64 KB' }),
  IR1: bits(25, 24, 'How walks of the upper tables use the inner caches.', WALK_CACHEABILITY),
  OR1: bits(27, 26, 'How walks of the upper tables use the outer caches.', WALK_CACHEABILITY),
  SH1: bits(29, 28, 'Who else sees walks of the upper tables coherently.', SHAREABILITY),
  EPD1: bit(30, 'The upper tables are not walked. SVA sets it: devices share the user half only.'),
  V: bit(31, 'The descriptor is valid. While 0, traffic with this PASID aborts with C_BAD_CD.'),
  IPS: bits(34, 32, 'Largest address that stage 1 may give; beyond it is F_ADDR_SIZE.', ADDRESS_SIZE),
  AFFD: bit(35, 'A clear access flag does not fault.'),
  WXN: bit(36, 'What can be written cannot be executed.'),
  UWXN: bit(37, 'What users can write cannot be executed with privilege (32-bit formats only).'),
  TBI0: bit(38, 'The top byte of lower addresses is ignored.'),
  TBI1: bit(39, 'The top byte of upper addresses is ignored.'),
  PAN: bit(40, 'Privileged accesses may not touch what users can touch.'),
  AA64: bit(41, 'Tables have the 64-bit format, the one arm64 processes use.'),
  HD: bit(42, 'The SMMU marks pages dirty itself, where HA is set too.'),
  HA: bit(43, 'The SMMU sets the access flag itself.'),
  S: bit(44, 'A translation fault stalls the transaction until software answers.'),
  R: bit(45, 'A translation fault that does not stall is recorded.'),
  A: bit(46, 'A faulting transaction is aborted; otherwise it reads zero or is dropped.'),
  ASET: bit(47, 'The ASID is private to the SMMU: broadcast invalidations by CPUs need not apply.'),
  ASID: bits(63, 48, 'Number of the address space; tags TLB entries. Shared with the CPU in SVA.'),
};

/** CD bits 511:64: where the tables begin, and the memory types they may name. */
const CD_TABLES = {
  NSCFG0: bit(64, 'Lower tables are Non-secure, for Secure streams only.'),
  HAD0: bit(65, 'Restrictions in the lower table descriptors (APTable and others) are ignored.'),
  E0PD0: bit(66, 'Unprivileged accesses to the lower range always fault.'),
  HAFT: bit(67, 'The SMMU sets the access flag of table descriptors too.'),
  TTB0: address(115, 68, 'Where the lower tables begin: the pgd of the process.'),
  PnCH: bit(122, 'Descriptors may be marked Protected (translation hardening).'),
  EPAN: bit(123, 'PAN counts pages that users can only execute, too.'),
  HWU0: bits(127, 124, 'Which page-based hardware attributes of the lower tables hardware may use.'),
  NSCFG1: bit(128, 'Upper tables are Non-secure, for Secure streams only.'),
  HAD1: bit(129, 'Restrictions in the upper table descriptors are ignored.'),
  E0PD1: bit(130, 'Unprivileged accesses to the upper range always fault.'),
  AIE: bit(131, 'Pages choose among sixteen memory types instead of eight.'),
  TTB1: address(179, 132, 'Where the upper tables begin.'),
  DS: bit(186, 'Addresses of 52 bits with pages of 4 KB or 16 KB.'),
  MAIR_LO: bits(223, 192, 'Memory types 0 to 3, one byte each; a page names one by AttrIndx.'),
  MAIR_HI: bits(255, 224, 'Memory types 4 to 7, one byte each.'),
};

/** Context descriptor. SMMUv3 5.4. MAIR, 64 bits wide, is given as two fields: the specification's MAIR0 and MAIR1. */
export const CD = layout('CD', 64, 'SMMUv3 5.4', { ...CD_CONTROL, ...CD_TABLES });
