/** Identification registers: what this SMMU can do. Read-only. SMMUv3 6.3.1 to 6.3.6. */
import { bit, bits, layout, namesOf } from '../layout.ts';
import { ADDRESS_SIZE } from './attributes.ts';

/** IDR0.STALL_MODEL. SMMUv3 6.3.1. */
export const STALL_MODEL = { STALL_AND_TERMINATE: 0, TERMINATE_ONLY: 1, STALL_FORCED: 2 } as const;

/** IDR0.HTTU: which flags hardware keeps in the page tables. SMMUv3 6.3.1. */
export const HTTU = { NONE: 0, ACCESS: 1, ACCESS_DIRTY: 2, ACCESS_DIRTY_TABLE: 3 } as const;

export const IDR0 = layout('IDR0', 4, 'SMMUv3 6.3.1', {
  S2P: bit(0, 'It has stage 2 translation.'),
  S1P: bit(1, 'It has stage 1 translation.'),
  TTF: bits(3, 2, 'Formats of page tables that it can walk.', { 1: 'AArch32', 2: 'AArch64', 3: 'AArch32 and AArch64' }),
  COHACC: bit(4, 'It sees memory coherently with the CPUs.'),
  BTM: bit(5, 'It hears the TLB invalidations that CPUs broadcast.'),
  HTTU: bits(7, 6, 'Which flags it can set in page tables itself.', namesOf(HTTU)),
  DORMHINT: bit(8, 'It tells when it caches nothing.'),
  HYP: bit(9, 'It can tag translations as those of the hypervisor.'),
  ATS: bit(10, 'PCIe devices may ask it for translations.'),
  NS1ATS: bit(11, 'It cannot split ATS between the stages.'),
  ASID16: bit(12, 'ASIDs have 16 bits instead of 8.'),
  MSI: bit(13, 'It can send interrupts as messages.'),
  SEV: bit(14, 'It can wake CPUs that wait for an event.'),
  ATOS: bit(15, 'Software may ask it for translations through registers.'),
  PRI: bit(16, 'PCIe devices may ask it for pages.'),
  VMW: bit(17, 'Invalidations can match a group of virtual machines.'),
  VMID16: bit(18, 'VMIDs have 16 bits instead of 8.'),
  CD2L: bit(19, 'CD tables may have two levels.'),
  VATOS: bit(20, 'Virtual machines may ask for translations through registers.'),
  TTENDIAN: bits(22, 21, 'Byte orders of page tables that it can walk.', {
    0: 'mixed-endian',
    2: 'little-endian',
    3: 'big-endian',
  }),
  ATSRECERR: bit(23, 'It can record more errors of ATS and PRI.'),
  STALL_MODEL: bits(25, 24, 'Whether faults can hold transactions.', namesOf(STALL_MODEL)),
  TERM_MODEL: bit(26, 'A terminated transaction always aborts; it cannot read zero.'),
  ST_LEVEL: bits(28, 27, 'Shapes of stream tables that it can read.', { 0: 'linear', 1: 'linear and 2-level' }),
  RME_IMPL: bit(30, 'It has the Realm extension.'),
});

export const IDR1 = layout('IDR1', 4, 'SMMUv3 6.3.2', {
  SIDSIZE: bits(5, 0, 'Bits in a StreamID.'),
  SSIDSIZE: bits(10, 6, 'Bits in a SubstreamID, that is a PASID.', { 0: 'no substreams' }),
  PRIQS: bits(15, 11, 'The PRI queue holds at most 2^PRIQS entries.'),
  EVENTQS: bits(20, 16, 'The event queue holds at most 2^EVENTQS entries.'),
  CMDQS: bits(25, 21, 'The command queue holds at most 2^CMDQS entries.'),
  ATTR_PERMS_OVR: bit(26, 'It can replace the privilege that a device claims.'),
  ATTR_TYPES_OVR: bit(27, 'It can replace the memory type that a device claims.'),
  REL: bit(28, 'Preset base addresses are relative to its registers.'),
  QUEUES_PRESET: bit(29, 'The queues lie at fixed addresses.'),
  TABLES_PRESET: bit(30, 'The stream table lies at a fixed address.'),
  ECMDQ: bit(31, 'It has more command queues, one for each CPU.'),
});

export const IDR3 = layout('IDR3', 4, 'SMMUv3 6.3.4', {
  HAD: bit(2, 'A CD can switch off the restrictions in table descriptors.'),
  PBHA: bit(3, 'It uses page-based hardware attributes.'),
  XNX: bit(4, 'Stage 2 can forbid execution to users and kernel apart.'),
  PPS: bit(5, 'An automatic answer to a page request carries its PASID always.'),
  MPAM: bit(7, 'It takes part in memory system accounting.'),
  FWB: bit(8, 'Stage 2 can decide the memory type alone.'),
  STT: bit(9, 'Small translation tables are possible.'),
  RIL: bit(10, 'TLB invalidations can name a run of addresses and a level.'),
  BBML: bits(12, 11, 'How freely software may change the size of a live mapping.', {
    0: 'level 0',
    1: 'level 1',
    2: 'level 2',
  }),
  E0PD: bit(13, 'A CD can shut users out of a whole range.'),
  PTWNNC: bit(14, 'A walk that stage 2 maps to a device becomes Non-cacheable.'),
  DPT: bit(15, 'It has a table that checks the translations devices use.'),
  PASIDTT: bit(16, 'Translated requests may carry a PASID.'),
  EPAN: bit(17, 'It has enhanced PAN.'),
  S1PI: bit(18, 'Stage 1 can take permissions through indirection.'),
  S2PI: bit(19, 'Stage 2 can take permissions through indirection.'),
  S2PO: bit(20, 'Stage 2 can overlay permissions.'),
  THE: bit(21, 'It has the translation hardening extension.'),
  MTEPERM: bit(22, 'Stage 2 can forbid access to memory tags.'),
  AIE: bit(23, 'Pages can choose among sixteen memory types.'),
});

export const IDR5 = layout('IDR5', 4, 'SMMUv3 6.3.6', {
  OAS: bits(2, 0, 'Size of the physical addresses that it gives.', { ...ADDRESS_SIZE, 7: '56 bits' }),
  GRAN4K: bit(4, 'It can walk tables with pages of 4 KB.'),
  GRAN16K: bit(5, 'It can walk tables with pages of 16 KB.'),
  GRAN64K: bit(6, 'It can walk tables with pages of 64 KB.'),
  DS: bit(7, 'Addresses of 52 bits are possible with small pages too.'),
  D128: bit(8, 'It can walk tables with descriptors of 128 bits.'),
  VAX: bits(11, 10, 'Size of the virtual addresses that it takes.', { 0: '48 bits', 1: '52 bits', 2: '56 bits' }),
  STALL_MAX: bits(31, 16, 'How many transactions may be stalled at a time.'),
});
