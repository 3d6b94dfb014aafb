/** Registers: how software sets the IOMMU up and talks to it. RISC-V IOMMU 5 (Memory-mapped register interface). */
import { address, bit, bits, type Layout, layout, namesOf } from '../layout.ts';
import { DDTP_MODE } from './device-directory.layout.ts';

/** How the IOMMU can interrupt. RISC-V IOMMU 5.3. */
export const IGS = { MSI: 0, WSI: 1, BOTH: 2 } as const;

export const CAPABILITIES = layout('capabilities', 8, 'RISC-V IOMMU 5.3', {
  version: bits(7, 0, 'Version of the specification: 0x10 is 1.0.'),
  Sv32: bit(8, 'First stage of 32-bit CPUs.'),
  Sv39: bit(9, 'First stage with three levels.'),
  Sv48: bit(10, 'First stage with four levels.'),
  Sv57: bit(11, 'First stage with five levels.'),
  Svrsw60t59b: bit(14, 'Bits 60:59 of page-table entries are for software.'),
  Svpbmt: bit(15, 'Page-table entries give memory types.'),
  Sv32x4: bit(16, 'Second stage of 32-bit CPUs.'),
  Sv39x4: bit(17, 'Second stage with three levels.'),
  Sv48x4: bit(18, 'Second stage with four levels.'),
  Sv57x4: bit(19, 'Second stage with five levels.'),
  AMO_MRIF: bit(21, 'Atomic updates of interrupt files in memory.'),
  MSI_FLAT: bit(22, 'Message interrupts are translated; device contexts have 64 bytes.'),
  MSI_MRIF: bit(23, 'Interrupt files in memory.'),
  AMO_HWAD: bit(24, 'Hardware can set A and D in page tables.'),
  ATS: bit(25, 'Devices can ask for translations and pages (ATS and PRI).'),
  T2GPA: bit(26, 'Translations for devices can end at guest physical addresses.'),
  END: bit(27, 'Both byte orders.'),
  IGS: bits(29, 28, 'How it interrupts.', namesOf(IGS)),
  HPM: bit(30, 'It has performance counters.'),
  DBG: bit(31, 'Software can ask for translations.'),
  PAS: bits(37, 32, 'Bits in a physical address.'),
  PD8: bit(38, 'Process directories with one level.'),
  PD17: bit(39, 'Process directories with two levels.'),
  PD20: bit(40, 'Process directories with three levels.'),
  QOSID: bit(41, 'Device contexts name classes of service.'),
  NL: bit(42, 'IOTINVAL reaches what is cached of tables above the leaf.'),
  S: bit(43, 'IOTINVAL takes ranges.'),
});

export const FCTL = layout('fctl', 4, 'RISC-V IOMMU 5.4', {
  BE: bit(0, 'Memory is read and written big-endian.'),
  WSI: bit(1, 'It interrupts by wires instead of messages.'),
  GXL: bit(2, 'Second stages are those of 32-bit CPUs.'),
});

export const DDTP = layout('ddtp', 8, 'RISC-V IOMMU 5.5', {
  iommu_mode: bits(3, 0, 'What happens to traffic.', namesOf(DDTP_MODE)),
  busy: bit(4, 'A change is under way.'),
  PPN: address(53, 10, 'Where the root of the device directory lies.', 12),
});

/** cqb, fqb and pqb. */
const QUEUE_BASE = {
  LOG2SZ_1: bits(4, 0, 'The queue has 2^(LOG2SZ_1 + 1) entries.'),
  PPN: address(53, 10, 'Where the queue lies.', 12),
};
export const CQB = layout('cqb', 8, 'RISC-V IOMMU 5.6', QUEUE_BASE);
export const FQB = layout('fqb', 8, 'RISC-V IOMMU 5.9', QUEUE_BASE);
export const PQB = layout('pqb', 8, 'RISC-V IOMMU 5.12', QUEUE_BASE);

const head = (name: string, cite: string, meaning: string) => layout(name, 4, cite, { index: bits(31, 0, meaning) });
export const CQH = head('cqh', 'RISC-V IOMMU 5.7', 'The command that is processed next; the IOMMU moves it.');
export const CQT = head('cqt', 'RISC-V IOMMU 5.8', 'Where software writes the next command.');
export const FQH = head('fqh', 'RISC-V IOMMU 5.10', 'The fault that software reads next.');
export const FQT = head('fqt', 'RISC-V IOMMU 5.11', 'Where the next fault is written; the IOMMU moves it.');
export const PQH = head('pqh', 'RISC-V IOMMU 5.13', 'The page request that software reads next.');
export const PQT = head('pqt', 'RISC-V IOMMU 5.14', 'Where the next page request is written; the IOMMU moves it.');

export const CQCSR = layout('cqcsr', 4, 'RISC-V IOMMU 5.15', {
  cqen: bit(0, 'The queue should be on.'),
  cie: bit(1, 'Its errors and fences interrupt.'),
  cqmf: bit(8, 'A command could not be read, or a fence not written; write 1 to go on.'),
  cmd_to: bit(9, 'A device did not answer an invalidation in time; write 1 to go on.'),
  cmd_ill: bit(10, 'A command was illegal; write 1 to go on.'),
  fence_w_ip: bit(11, 'A fence wants its interrupt; write 1 to clear.'),
  cqon: bit(16, 'The queue is on.'),
  busy: bit(17, 'A change is under way.'),
});

export const FQCSR = layout('fqcsr', 4, 'RISC-V IOMMU 5.16', {
  fqen: bit(0, 'The queue should be on.'),
  fie: bit(1, 'Faults interrupt.'),
  fqmf: bit(8, 'A fault could not be written; write 1 to go on.'),
  fqof: bit(9, 'A fault found the queue full; write 1 to go on.'),
  fqon: bit(16, 'The queue is on.'),
  busy: bit(17, 'A change is under way.'),
});

export const PQCSR = layout('pqcsr', 4, 'RISC-V IOMMU 5.17', {
  pqen: bit(0, 'The queue should be on.'),
  pie: bit(1, 'Page requests interrupt.'),
  pqmf: bit(8, 'A page request could not be written; write 1 to go on.'),
  pqof: bit(9, 'A page request found the queue full; write 1 to go on.'),
  pqon: bit(16, 'The queue is on.'),
  busy: bit(17, 'A change is under way.'),
});

export const IPSR = layout('ipsr', 4, 'RISC-V IOMMU 5.18', {
  cip: bit(0, 'The command queue has interrupted; write 1 to clear.'),
  fip: bit(1, 'The fault queue has interrupted; write 1 to clear.'),
  pmip: bit(2, 'A performance counter has interrupted; write 1 to clear.'),
  pip: bit(3, 'The page-request queue has interrupted; write 1 to clear.'),
});

export const ICVEC = layout('icvec', 8, 'RISC-V IOMMU 5.27', {
  civ: bits(3, 0, 'Vector of the command queue.'),
  fiv: bits(7, 4, 'Vector of the fault queue.'),
  pmiv: bits(11, 8, 'Vector of the performance counters.'),
  piv: bits(15, 12, 'Vector of the page-request queue.'),
});

/** One entry of msi_cfg_tbl: where and what the interrupt of a vector writes. */
export const MSI_CFG = layout('msi_cfg_tbl', 16, 'RISC-V IOMMU 5.28', {
  addr_LO: bits(31, 0, 'Low half of the address.'),
  addr_HI: bits(63, 32, 'High half of the address.'),
  data: bits(95, 64, 'What is written.'),
  M: bit(96, 'Masked: the interrupt stays pending until this is cleared.'),
});

/** One register: its bytes begin at `offset` from the IOMMU's base address. */
export interface Register<F extends string = string> {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
  readonly layout: Layout<F>;
}

/** The registers by name; all lie in one page. RISC-V IOMMU 5.2. */
export const REGISTER = {
  capabilities: register(0, CAPABILITIES),
  fctl: register(8, FCTL),
  ddtp: register(16, DDTP),
  cqb: register(24, CQB),
  cqh: register(32, CQH),
  cqt: register(36, CQT),
  fqb: register(40, FQB),
  fqh: register(48, FQH),
  fqt: register(52, FQT),
  pqb: register(56, PQB),
  pqh: register(64, PQH),
  pqt: register(68, PQT),
  cqcsr: register(72, CQCSR),
  fqcsr: register(76, FQCSR),
  pqcsr: register(80, PQCSR),
  ipsr: register(84, IPSR),
  icvec: register(760, ICVEC),
} as const;

/** Offset of the first of the 16 entries of msi_cfg_tbl. */
export const MSI_CFG_TABLE = 768;

/** The registers in the order of the manual. */
export const REGISTERS: readonly Register[] = Object.values(REGISTER);

function register<F extends string>(offset: number, fields: Layout<F>): Register<F> {
  return { name: fields.name, offset, bytes: fields.size, layout: fields };
}
