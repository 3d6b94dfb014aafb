/** Commands: what software writes into the command queue, 16 bytes each. SMMUv3 4. */
import { address, bit, bits, type FieldSpec, type Layout, layout, namesOf } from '../layout.ts';

/** Opcodes a Non-secure command queue knows. SMMUv3 4.1.1. */
export const OPCODE = {
  PREFETCH_CONFIG: 0x01,
  PREFETCH_ADDR: 0x02,
  CFGI_STE: 0x03,
  CFGI_STE_RANGE: 0x04,
  CFGI_CD: 0x05,
  CFGI_CD_ALL: 0x06,
  CFGI_VMS_PIDM: 0x07,
  TLBI_NH_ALL: 0x10,
  TLBI_NH_ASID: 0x11,
  TLBI_NH_VA: 0x12,
  TLBI_NH_VAA: 0x13,
  TLBI_EL2_ALL: 0x20,
  TLBI_EL2_ASID: 0x21,
  TLBI_EL2_VA: 0x22,
  TLBI_EL2_VAA: 0x23,
  TLBI_S12_VMALL: 0x28,
  TLBI_S2_IPA: 0x2a,
  TLBI_NSNH_ALL: 0x30,
  ATC_INV: 0x40,
  PRI_RESP: 0x41,
  RESUME: 0x44,
  STALL_TERM: 0x45,
  SYNC: 0x46,
} as const;

/** CMD_CFGI_STE_RANGE.Range that means every STE: the command is then called CMD_CFGI_ALL. SMMUv3 4.3.2. */
export const CFGI_ALL_RANGE = 31;

/** CMD_ATC_INV.Size that means every address. SMMUv3 4.5.1. */
export const ATC_INV_ALL = 52;

/** CMD_PRI_RESP.Resp. Not the codes that PCIe carries: see PRG_RESPONSE_CODE. SMMUv3 4.5.2. */
export const PRI_RESP = { FAILURE: 0, INVALID: 1, SUCCESS: 2 } as const;

/** CMD_SYNC.CS: how the SMMU tells that it is done; 3 is illegal. SMMUv3 4.7.3. */
export const SYNC_SIGNAL = { NONE: 0, IRQ: 1, SEV: 2 } as const;

const HEADER = { opcode: bits(7, 0, 'Which command this is.', namesOf(OPCODE)) };
const SECURE = { SSec: bit(10, 'The stream is Secure; must be 0 on the Non-secure queue.') };
const STREAM = { StreamID: bits(63, 32, 'The device that the command is about.') };
const SUBSTREAM = {
  SSV: bit(11, 'A PASID is given.'),
  SubstreamID: bits(31, 12, 'The PASID.'),
};
const VMID = { VMID: bits(47, 32, 'Only entries of this virtual machine.') };
const ASID = { ASID: bits(63, 48, 'Only entries of this address space.') };

/** A run of addresses, or one: what the TLB invalidations by address share. SMMUv3 4.4.1.1. */
const RANGE = {
  NUM: bits(16, 12, 'Range form: (NUM+1) * 2^SCALE pages.'),
  SCALE: bits(25, 20, 'Range form: log2 of the number that NUM counts.'),
  Leaf: bit(64, 'Only last-level entries go; cached tables above them stay.'),
  TTL: bits(73, 72, 'Hint: the level at which the last-level entry was found.', { 0: 'any level' }),
  TG: bits(75, 74, 'Page size of the entries; 0 means one address and no range.', {
    1: '4 KB',
    2: '16 KB',
    3: '64 KB',
  }),
};
const VIRTUAL_ADDRESS = { Address: address(127, 76, 'First virtual address to invalidate.') };

function command<F extends string>(name: string, section: string, fields: Readonly<Record<F, FieldSpec>>) {
  return layout(name, 16, `SMMUv3 ${section}`, { ...HEADER, ...fields });
}

export const CMD_PREFETCH_CONFIG = command('CMD_PREFETCH_CONFIG', '4.2.1', { ...SECURE, ...SUBSTREAM, ...STREAM });

export const CMD_PREFETCH_ADDR = command('CMD_PREFETCH_ADDR', '4.2.2', {
  ...SECURE,
  ...SUBSTREAM,
  ...STREAM,
  Size: bits(68, 64, 'Fetch 2^Size translations.'),
  Address: address(127, 76, 'First address to fetch translations for.'),
});

export const CMD_CFGI_STE = command('CMD_CFGI_STE', '4.3.1', {
  ...SECURE,
  ...STREAM,
  Leaf: bit(64, 'The cached level 1 descriptor may stay; only the STE and what hangs from it goes.'),
});

export const CMD_CFGI_STE_RANGE = command('CMD_CFGI_STE_RANGE', '4.3.2', {
  ...SECURE,
  ...STREAM,
  Range: bits(68, 64, '2^(Range+1) StreamIDs, aligned.', { [CFGI_ALL_RANGE]: 'CFGI_ALL' }),
});

export const CMD_CFGI_CD = command('CMD_CFGI_CD', '4.3.3', {
  ...SECURE,
  SubstreamID: bits(31, 12, 'Index in the CD table: the PASID, or 0 for a lone CD.'),
  ...STREAM,
  Leaf: bit(64, 'The cached level 1 descriptor may stay; only the CD goes.'),
});

export const CMD_CFGI_CD_ALL = command('CMD_CFGI_CD_ALL', '4.3.4', { ...SECURE, ...STREAM });

export const CMD_CFGI_VMS_PIDM = command('CMD_CFGI_VMS_PIDM', '4.3.5', { ...SECURE, ...VMID });

export const CMD_TLBI_NH_ALL = command('CMD_TLBI_NH_ALL', '4.4.2.1', VMID);

export const CMD_TLBI_NH_ASID = command('CMD_TLBI_NH_ASID', '4.4.2.2', { ...VMID, ...ASID });

export const CMD_TLBI_NH_VA = command('CMD_TLBI_NH_VA', '4.4.2.4', { ...RANGE, ...VMID, ...ASID, ...VIRTUAL_ADDRESS });

export const CMD_TLBI_NH_VAA = command('CMD_TLBI_NH_VAA', '4.4.2.3', { ...RANGE, ...VMID, ...VIRTUAL_ADDRESS });

export const CMD_TLBI_EL2_ALL = command('CMD_TLBI_EL2_ALL', '4.4.2.7', {});

export const CMD_TLBI_EL2_ASID = command('CMD_TLBI_EL2_ASID', '4.4.2.10', ASID);

export const CMD_TLBI_EL2_VA = command('CMD_TLBI_EL2_VA', '4.4.2.8', { ...RANGE, ...ASID, ...VIRTUAL_ADDRESS });

export const CMD_TLBI_EL2_VAA = command('CMD_TLBI_EL2_VAA', '4.4.2.9', { ...RANGE, ...VIRTUAL_ADDRESS });

export const CMD_TLBI_S12_VMALL = command('CMD_TLBI_S12_VMALL', '4.4.3', VMID);

export const CMD_TLBI_S2_IPA = command('CMD_TLBI_S2_IPA', '4.4.3', {
  ...RANGE,
  ...VMID,
  Address: address(119, 76, 'First intermediate physical address to invalidate.'),
});

export const CMD_TLBI_NSNH_ALL = command('CMD_TLBI_NSNH_ALL', '4.4.4', {});

export const CMD_ATC_INV = command('CMD_ATC_INV', '4.5.1', {
  G: bit(9, 'Translations of every PASID go; only where a PASID is given.'),
  ...SUBSTREAM,
  ...STREAM,
  Size: bits(69, 64, '2^Size pages, aligned.', { 0: 'one page', [ATC_INV_ALL]: 'every address' }),
  Address: address(127, 76, 'First address that the device must forget.'),
});

export const CMD_PRI_RESP = command('CMD_PRI_RESP', '4.5.2', {
  ...SUBSTREAM,
  ...STREAM,
  PRGIndex: bits(72, 64, 'The group of page requests that is answered.'),
  Resp: bits(77, 76, 'The answer: try again, give up on this group, or stop asking.', namesOf(PRI_RESP)),
});

export const CMD_RESUME = command('CMD_RESUME', '4.7.1', {
  ...SECURE,
  Ac: bit(12, 'What becomes of the stalled transaction.', { 0: 'terminate', 1: 'retry' }),
  Ab: bit(13, 'How a terminated transaction ends for the device.', { 0: 'RAZ/WI', 1: 'abort' }),
  ...STREAM,
  STAG: bits(79, 64, 'Which stalled transaction: the tag from its event.'),
});

export const CMD_STALL_TERM = command('CMD_STALL_TERM', '4.7.2', { ...SECURE, ...STREAM });

export const CMD_SYNC = command('CMD_SYNC', '4.7.3', {
  CS: bits(13, 12, 'How the SMMU tells that all commands before are done.', namesOf(SYNC_SIGNAL)),
  MSH: bits(23, 22, 'Who else sees the interrupt message coherently.'),
  MSIAttr: bits(27, 24, 'Memory type of the interrupt message.'),
  MSIData: bits(63, 32, 'The word that the interrupt message writes.'),
  MSIAddress: address(115, 66, 'Where the interrupt message is written; 0 sends none.'),
});

const COMMANDS: ReadonlyMap<number, Layout> = new Map<number, Layout>([
  [OPCODE.PREFETCH_CONFIG, CMD_PREFETCH_CONFIG],
  [OPCODE.PREFETCH_ADDR, CMD_PREFETCH_ADDR],
  [OPCODE.CFGI_STE, CMD_CFGI_STE],
  [OPCODE.CFGI_STE_RANGE, CMD_CFGI_STE_RANGE],
  [OPCODE.CFGI_CD, CMD_CFGI_CD],
  [OPCODE.CFGI_CD_ALL, CMD_CFGI_CD_ALL],
  [OPCODE.CFGI_VMS_PIDM, CMD_CFGI_VMS_PIDM],
  [OPCODE.TLBI_NH_ALL, CMD_TLBI_NH_ALL],
  [OPCODE.TLBI_NH_ASID, CMD_TLBI_NH_ASID],
  [OPCODE.TLBI_NH_VA, CMD_TLBI_NH_VA],
  [OPCODE.TLBI_NH_VAA, CMD_TLBI_NH_VAA],
  [OPCODE.TLBI_EL2_ALL, CMD_TLBI_EL2_ALL],
  [OPCODE.TLBI_EL2_ASID, CMD_TLBI_EL2_ASID],
  [OPCODE.TLBI_EL2_VA, CMD_TLBI_EL2_VA],
  [OPCODE.TLBI_EL2_VAA, CMD_TLBI_EL2_VAA],
  [OPCODE.TLBI_S12_VMALL, CMD_TLBI_S12_VMALL],
  [OPCODE.TLBI_S2_IPA, CMD_TLBI_S2_IPA],
  [OPCODE.TLBI_NSNH_ALL, CMD_TLBI_NSNH_ALL],
  [OPCODE.ATC_INV, CMD_ATC_INV],
  [OPCODE.PRI_RESP, CMD_PRI_RESP],
  [OPCODE.RESUME, CMD_RESUME],
  [OPCODE.STALL_TERM, CMD_STALL_TERM],
  [OPCODE.SYNC, CMD_SYNC],
]);

/** Layout of the command with this opcode, or null for one that the Non-secure queue does not know (CERROR_ILL). */
export function commandLayout(opcode: number): Layout | null {
  return COMMANDS.get(opcode) ?? null;
}
