/** Stream table: what the SMMU does with each device's traffic. SMMUv3 5.1, 5.2. */
import { address, bit, bits, layout, namesOf } from '../layout.ts';
import {
  ADDRESS_SIZE,
  FETCH_CACHEABILITY,
  INSTRUCTION_OVERRIDE,
  PRIVILEGE_OVERRIDE,
  SHAREABILITY,
  SHAREABILITY_OVERRIDE,
  WALK_CACHEABILITY,
} from './attributes.ts';

/** STE.Config; every value below BYPASS aborts. */
export const STE_CONFIG = { ABORT: 0, BYPASS: 4, S1_TRANSLATE: 5, S2_TRANSLATE: 6, S1_S2_TRANSLATE: 7 } as const;

/** STE.S1Fmt: shape of the CD table; the reserved 3 behaves as LINEAR. */
export const STE_S1FMT = { LINEAR: 0, L2_4K: 1, L2_64K: 2 } as const;

/** STE.S1DSS: traffic without a SubstreamID while substreams are on; the reserved 3 behaves as TERMINATE. */
export const STE_S1DSS = { TERMINATE: 0, BYPASS: 1, SSID0: 2 } as const;

/** STE.EATS: what the device may do with ATS. */
export const STE_EATS = { DISABLED: 0, FULL: 1, SPLIT_STAGE: 2, FULL_DPT: 3 } as const;

/** STE.STRW: the exception level whose translations these are, while stage 2 is off. */
export const STE_STRW = { NS_EL1: 0, EL2: 2 } as const;

/** Level 1 stream table descriptor. SMMUv3 5.1. */
export const L1STD = layout('L1STD', 8, 'SMMUv3 5.1', {
  Span: bits(
    4,
    0,
    'How many STEs the level 2 array holds: 2^(Span-1). 0 means no array, so every StreamID under it is bad.',
    {
      0: 'no level 2 array',
    },
  ),
  L2Ptr: address(55, 6, 'Where the level 2 array of STEs lies in memory.'),
});

/** Stream table entry, bits 127:0: how stage 1 is found, and the attributes given to the traffic. */
const STE_STAGE_1 = {
  V: bit(0, 'The entry is valid. While 0, the traffic of this stream aborts with C_BAD_STE.'),
  Config: bits(
    3,
    1,
    'What happens to the traffic of this stream: abort, pass through, or translate.',
    namesOf(STE_CONFIG),
  ),
  S1Fmt: bits(
    5,
    4,
    'Shape of the CD table: one flat array, or two levels with leaves of 4 KB or 64 KB.',
    namesOf(STE_S1FMT),
  ),
  S1ContextPtr: address(55, 6, 'Where the CD, or the table of CDs, lies in memory.'),
  S1CDMax: bits(63, 59, 'The CD table has 2^S1CDMax entries, one for each PASID. 0 means one CD and no PASIDs.', {
    0: 'substreams off',
  }),
  S1DSS: bits(65, 64, 'What happens to traffic without a PASID when PASIDs are in use.', namesOf(STE_S1DSS)),
  S1CIR: bits(67, 66, 'How fetches of CDs use the inner caches.', FETCH_CACHEABILITY),
  S1COR: bits(69, 68, 'How fetches of CDs use the outer caches.', FETCH_CACHEABILITY),
  S1CSH: bits(71, 70, 'Who else sees fetches of CDs coherently.', SHAREABILITY),
  DRE: bit(76, 'The device may use reads that destroy the data they read.'),
  CONT: bits(80, 77, 'Hint: this and its neighbours, 2^CONT entries in all, are the same.'),
  DCP: bit(81, 'The device may push data into a chosen cache.'),
  PPAR: bit(82, 'An automatic answer to a page request, given on overflow, carries the PASID.'),
  MEV: bit(83, 'Events that say the same may be merged into one record.'),
  S1PIE: bit(88, 'Stage 1 may take permissions through indirection.'),
  S2FWB: bit(89, 'Stage 2 decides the memory type alone.'),
  S1MPAM: bit(90, 'The CD chooses the partition for memory system accounting.'),
  S1STALLD: bit(
    91,
    'Stalling is forbidden for this stream: a CD that asks for it is illegal. Needed for PCIe devices.',
  ),
  EATS: bits(93, 92, 'Whether the device may ask for translations (ATS) and use them itself.', namesOf(STE_EATS)),
  STRW: bits(
    95,
    94,
    'Which exception level owns the translations, which decides how TLB entries are tagged.',
    namesOf(STE_STRW),
  ),
  MemAttr: bits(99, 96, 'Memory type to give the traffic, if MTCFG says so.'),
  MTCFG: bit(100, 'Replace the incoming memory type by MemAttr.'),
  ALLOCCFG: bits(104, 101, 'Cache allocation hints to give the traffic.'),
  SHCFG: bits(109, 108, 'Shareability to give the traffic.', SHAREABILITY_OVERRIDE),
  NSCFG: bits(111, 110, 'Secure or Non-secure, for Secure streams only.'),
  PRIVCFG: bits(113, 112, 'Treat the traffic as privileged or not, whatever the device says.', PRIVILEGE_OVERRIDE),
  INSTCFG: bits(
    115,
    114,
    'Treat reads as data or as instruction fetches, whatever the device says.',
    INSTRUCTION_OVERRIDE,
  ),
};

/** Stream table entry, bits 511:128: stage 2, the hypervisor's translation. */
const STE_STAGE_2 = {
  S2VMID: bits(143, 128, 'Number of the virtual machine; tags TLB entries.'),
  S2T0SZ: bits(165, 160, 'Size of the stage 2 input: 2^(64-S2T0SZ) bytes.'),
  S2SL0: bits(167, 166, 'Level at which the stage 2 walk starts.'),
  S2IR0: bits(169, 168, 'How stage 2 walks use the inner caches.', WALK_CACHEABILITY),
  S2OR0: bits(171, 170, 'How stage 2 walks use the outer caches.', WALK_CACHEABILITY),
  S2SH0: bits(173, 172, 'Who else sees stage 2 walks coherently.', SHAREABILITY),
  S2TG: bits(175, 174, 'Page size of the stage 2 tables.', { 0: '4 KB', 1: '64 KB', 2: '16 KB' }),
  S2PS: bits(178, 176, 'Largest physical address that stage 2 may give.', ADDRESS_SIZE),
  S2AA64: bit(179, 'Stage 2 tables have the 64-bit format.'),
  S2ENDI: bit(180, 'Stage 2 tables are big-endian.'),
  S2PTW: bit(182, 'A stage 1 walk that stage 2 maps to a device faults.'),
  S2S: bit(185, 'A stage 2 fault stalls the transaction.'),
  S2R: bit(186, 'A stage 2 fault is recorded.'),
  S2TTB: address(243, 196, 'Where the stage 2 tables begin.'),
};

/** Stream table entry. SMMUv3 5.2. */
export const STE = layout('STE', 64, 'SMMUv3 5.2', { ...STE_STAGE_1, ...STE_STAGE_2 });
