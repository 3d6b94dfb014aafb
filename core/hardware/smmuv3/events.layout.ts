/** Event records: what the SMMU writes into the event queue, 32 bytes each. SMMUv3 7.3. */
import { address, bit, bits, type FieldSpec, type Layout, layout, namesOf } from '../layout.ts';

/** Event numbers. C: bad configuration, F: fault, E: hint. SMMUv3 7.3. */
export const EVENT = {
  F_UUT: 0x01,
  C_BAD_STREAMID: 0x02,
  F_STE_FETCH: 0x03,
  C_BAD_STE: 0x04,
  F_BAD_ATS_TREQ: 0x05,
  F_STREAM_DISABLED: 0x06,
  F_TRANSL_FORBIDDEN: 0x07,
  C_BAD_SUBSTREAMID: 0x08,
  F_CD_FETCH: 0x09,
  C_BAD_CD: 0x0a,
  F_WALK_EABT: 0x0b,
  F_TRANSLATION: 0x10,
  F_ADDR_SIZE: 0x11,
  F_ACCESS: 0x12,
  F_PERMISSION: 0x13,
  F_TLB_CONFLICT: 0x20,
  F_CFG_CONFLICT: 0x21,
  E_PAGE_REQUEST: 0x24,
  F_VMS_FETCH: 0x25,
} as const;

/** CLASS of a fault: what the SMMU was doing. SMMUv3 7.3. */
export const FAULT_CLASS = { CD: 0, TT: 1, IN: 2 } as const;

const HEADER = {
  EventID: bits(7, 0, 'What happened.', namesOf(EVENT)),
  SSV: bit(11, 'The transaction carried a PASID.'),
  SubstreamID: bits(31, 12, 'The PASID, if there was one.'),
  StreamID: bits(63, 32, 'The device whose transaction it was.'),
};
const REASON = { Reason: bits(79, 64, 'A code of the implementation.') };
const FETCH = {
  ...REASON,
  GPCF: bit(80, 'A granule protection check stopped the access.'),
  FetchAddr: address(247, 195, 'Where in memory the SMMU could not read.'),
};
const ACCESS = {
  PnU: bit(97, 'Whether the access was privileged.', { 0: 'unprivileged', 1: 'privileged' }),
  InD: bit(98, 'Whether it fetched an instruction; never for writes.', { 0: 'data', 1: 'instruction' }),
  RnW: bit(99, 'Whether it was a read.', { 0: 'write', 1: 'read' }),
};
const STAGE = { S2: bit(103, 'The stage that faulted.', { 0: 'stage 1', 1: 'stage 2' }) };
const CLASS = { CLASS: bits(105, 104, 'What the SMMU was doing when it faulted.', namesOf(FAULT_CLASS)) };
const INPUT_ADDRESS = {
  InputAddr_LO: bits(159, 128, 'The address that the device used, bits 31:0.'),
  InputAddr_HI: bits(191, 160, 'The address that the device used, bits 63:32.'),
};
const IPA = { IPA: address(243, 204, 'The intermediate address; only for a stage 2 fault.') };

function event<F extends string>(name: string, section: string, fields: Readonly<Record<F, FieldSpec>>) {
  return layout(name, 32, `SMMUv3 ${section}`, { ...HEADER, ...fields });
}

/** F_TRANSLATION, F_ADDR_SIZE, F_ACCESS and F_PERMISSION: the faults that can stall. InputAddr is given as two fields. */
export const EVT_TRANSLATION_CLASS = event('EVT_TRANSLATION_CLASS', '7.3.13 to 7.3.16', {
  STAG: bits(79, 64, 'Tag of the stalled transaction, to name it in CMD_RESUME.'),
  Stall: bit(95, 'The transaction is held until software answers.', { 0: 'terminated', 1: 'stalled' }),
  ...ACCESS,
  ...STAGE,
  ...CLASS,
  TTRnW: bit(108, 'F_PERMISSION in a walk: whether the walk was reading.', { 0: 'write', 1: 'read' }),
  ...INPUT_ADDRESS,
  ...IPA,
});

/** Events about a bad stream, STE, PASID or CD, which have no address. */
export const EVT_CONFIG = event('EVT_CONFIG', '7.3.3, 7.3.5, 7.3.7, 7.3.9, 7.3.11', {});

/** Events about a configuration structure that could not be read. FetchAddr, 53 bits, is exact. */
export const EVT_FETCH = event('EVT_FETCH', '7.3.4, 7.3.10, 7.3.20', FETCH);

export const EVT_BAD_ATS_TREQ = event('EVT_BAD_ATS_TREQ', '7.3.6', {
  Span: bits(67, 64, 'How many smallest translation units were asked for.'),
  P: bit(91, 'Asked with privilege.'),
  X: bit(92, 'Asked to execute.'),
  W: bit(93, 'Asked to write.'),
  R: bit(94, 'Asked to read; PCIe always does.'),
  InputAddr: address(191, 140, 'The address whose translation was asked for.'),
});

export const EVT_UUT = event('EVT_UUT', '7.3.2', { ...REASON, ...ACCESS, ...INPUT_ADDRESS });

export const EVT_TRANSL_FORBIDDEN = event('EVT_TRANSL_FORBIDDEN', '7.3.8', { RnW: ACCESS.RnW, ...INPUT_ADDRESS });

export const EVT_WALK_EABT = event('EVT_WALK_EABT', '7.3.12', {
  ...FETCH,
  ...ACCESS,
  ...STAGE,
  ...CLASS,
  ...INPUT_ADDRESS,
});

export const EVT_TLB_CONFLICT = event('EVT_TLB_CONFLICT', '7.3.17', {
  ...REASON,
  ...ACCESS,
  ...STAGE,
  ...INPUT_ADDRESS,
  ...IPA,
});

export const EVT_CFG_CONFLICT = event('EVT_CFG_CONFLICT', '7.3.18', REASON);

const EVENTS: ReadonlyMap<number, Layout> = new Map<number, Layout>([
  [EVENT.F_UUT, EVT_UUT],
  [EVENT.C_BAD_STREAMID, EVT_CONFIG],
  [EVENT.F_STE_FETCH, EVT_FETCH],
  [EVENT.C_BAD_STE, EVT_CONFIG],
  [EVENT.F_BAD_ATS_TREQ, EVT_BAD_ATS_TREQ],
  [EVENT.F_STREAM_DISABLED, EVT_CONFIG],
  [EVENT.F_TRANSL_FORBIDDEN, EVT_TRANSL_FORBIDDEN],
  [EVENT.C_BAD_SUBSTREAMID, EVT_CONFIG],
  [EVENT.F_CD_FETCH, EVT_FETCH],
  [EVENT.C_BAD_CD, EVT_CONFIG],
  [EVENT.F_WALK_EABT, EVT_WALK_EABT],
  [EVENT.F_TRANSLATION, EVT_TRANSLATION_CLASS],
  [EVENT.F_ADDR_SIZE, EVT_TRANSLATION_CLASS],
  [EVENT.F_ACCESS, EVT_TRANSLATION_CLASS],
  [EVENT.F_PERMISSION, EVT_TRANSLATION_CLASS],
  [EVENT.F_TLB_CONFLICT, EVT_TLB_CONFLICT],
  [EVENT.F_CFG_CONFLICT, EVT_CFG_CONFLICT],
  [EVENT.F_VMS_FETCH, EVT_FETCH],
]);

/** Layout of the record with this event number, or null for one that this SMMU never writes (E_PAGE_REQUEST among them). */
export function eventLayout(id: number): Layout | null {
  return EVENTS.get(id) ?? null;
}
