/** Registers: how software sets the SMMU up and talks to it. SMMUv3 6.3. */
import { address, bit, bits, type Layout, layout, namesOf } from '../layout.ts';
import { INSTRUCTION_OVERRIDE, PRIVILEGE_OVERRIDE, SHAREABILITY, SHAREABILITY_OVERRIDE } from './attributes.ts';
import { IDR0, IDR1, IDR3, IDR5 } from './id-registers.layout.ts';

/** STRTAB_BASE_CFG.FMT. SMMUv3 6.3.25. */
export const STRTAB_FMT = { LINEAR: 0, TWO_LEVEL: 1 } as const;

/** CMDQ_CONS.ERR: why the SMMU stopped at a command. SMMUv3 7.1. */
export const CERROR = { NONE: 0, ILL: 1, ABT: 2, ATC_INV_SYNC: 3 } as const;

/** Cacheability of the SMMU's own accesses, in another code than in STEs and CDs. SMMUv3 6.3.11. */
const TABLE_CACHEABILITY = { 0: 'Non-cacheable', 1: 'Write-Back', 2: 'Write-Through' };

/** CR0 and CR0ACK: a change counts once CR0ACK shows it. */
const CR0_FIELDS = {
  SMMUEN: bit(0, 'Translation is on. While 0, traffic passes or aborts as GBPA says.'),
  PRIQEN: bit(1, 'Page requests are written to the PRI queue.'),
  EVENTQEN: bit(2, 'Events are written to the event queue.'),
  CMDQEN: bit(3, 'Commands are read from the command queue.'),
  ATSCHK: bit(4, 'Traffic that devices translated themselves is checked too.', { 0: 'fast mode', 1: 'safe mode' }),
  VMW: bits(8, 6, 'How many low bits of the VMID invalidations ignore.'),
};

export const CR0 = layout('CR0', 4, 'SMMUv3 6.3.9', CR0_FIELDS);

export const CR0ACK = layout('CR0ACK', 4, 'SMMUv3 6.3.10', CR0_FIELDS);

export const CR1 = layout('CR1', 4, 'SMMUv3 6.3.11', {
  QUEUE_IC: bits(1, 0, 'How queue accesses use the inner caches.', TABLE_CACHEABILITY),
  QUEUE_OC: bits(3, 2, 'How queue accesses use the outer caches.', TABLE_CACHEABILITY),
  QUEUE_SH: bits(5, 4, 'Who else sees queue accesses coherently.', SHAREABILITY),
  TABLE_IC: bits(7, 6, 'How stream table fetches use the inner caches.', TABLE_CACHEABILITY),
  TABLE_OC: bits(9, 8, 'How stream table fetches use the outer caches.', TABLE_CACHEABILITY),
  TABLE_SH: bits(11, 10, 'Who else sees stream table fetches coherently.', SHAREABILITY),
});

export const CR2 = layout('CR2', 4, 'SMMUv3 6.3.12', {
  E2H: bit(0, 'The host kernel runs as the hypervisor: its translations have ASIDs.'),
  RECINVSID: bit(1, 'An unknown StreamID is recorded as C_BAD_STREAMID.'),
  PTM: bit(2, 'TLB invalidations that CPUs broadcast are not heard.'),
  REC_CFG_ATS: bit(3, 'Configuration errors met by ATS and PRI are recorded too.'),
});

export const GBPA = layout('GBPA', 4, 'SMMUv3 6.3.14', {
  MemAttr: bits(3, 0, 'Memory type to give the traffic, if MTCFG says so.'),
  MTCFG: bit(4, 'Replace the incoming memory type by MemAttr.'),
  ALLOCCFG: bits(11, 8, 'Cache allocation hints to give the traffic.'),
  SHCFG: bits(13, 12, 'Shareability to give the traffic.', SHAREABILITY_OVERRIDE),
  PRIVCFG: bits(17, 16, 'Treat the traffic as privileged or not.', PRIVILEGE_OVERRIDE),
  INSTCFG: bits(19, 18, 'Treat reads as data or as instruction fetches.', INSTRUCTION_OVERRIDE),
  ABORT: bit(20, 'While the SMMU is off, traffic aborts instead of passing.', { 0: 'bypass', 1: 'abort' }),
  UPDATE: bit(31, 'Written 1 with a change; reads 0 once the change counts.'),
});

/** IRQ_CTRL and IRQ_CTRLACK. */
const IRQ_CTRL_FIELDS = {
  GERROR_IRQEN: bit(0, 'A global error interrupts.'),
  PRIQ_IRQEN: bit(1, 'A page request interrupts.'),
  EVENTQ_IRQEN: bit(2, 'An event interrupts.'),
};

export const IRQ_CTRL = layout('IRQ_CTRL', 4, 'SMMUv3 6.3.16', IRQ_CTRL_FIELDS);

export const IRQ_CTRLACK = layout('IRQ_CTRLACK', 4, 'SMMUv3 6.3.17', IRQ_CTRL_FIELDS);

/** GERROR and GERRORN: an error is active while its two bits differ; hardware toggles one, software the other. */
const GERROR_FIELDS = {
  CMDQ_ERR: bit(0, 'A command could not be done; CMDQ_CONS.ERR says why.'),
  EVENTQ_ABT_ERR: bit(2, 'The event queue could not be written; events are lost.'),
  PRIQ_ABT_ERR: bit(3, 'The PRI queue could not be written; page requests are lost.'),
  MSI_CMDQ_ABT_ERR: bit(4, 'The message of a CMD_SYNC could not be sent.'),
  MSI_EVENTQ_ABT_ERR: bit(5, 'The message of the event queue could not be sent.'),
  MSI_PRIQ_ABT_ERR: bit(6, 'The message of the PRI queue could not be sent.'),
  MSI_GERROR_ABT_ERR: bit(7, 'The message of a global error could not be sent.'),
  SFM_ERR: bit(8, 'The SMMU has entered service failure mode.'),
};

export const GERROR = layout('GERROR', 4, 'SMMUv3 6.3.18', GERROR_FIELDS);

export const GERRORN = layout('GERRORN', 4, 'SMMUv3 6.3.19', GERROR_FIELDS);

export const STRTAB_BASE = layout('STRTAB_BASE', 8, 'SMMUv3 6.3.24', {
  ADDR: address(55, 6, 'Where the stream table lies; bits above IDR5.OAS are reserved.'),
  RA: bit(62, 'Hint: keep what is read in the caches.'),
});

export const STRTAB_BASE_CFG = layout('STRTAB_BASE_CFG', 4, 'SMMUv3 6.3.25', {
  LOG2SIZE: bits(5, 0, 'The stream table covers 2^LOG2SIZE StreamIDs.'),
  SPLIT: bits(10, 6, 'Low bits of the StreamID that index level 2.', {
    6: '4 KB leaves',
    8: '16 KB leaves',
    10: '64 KB leaves',
  }),
  FMT: bits(17, 16, 'Shape of the stream table.', namesOf(STRTAB_FMT)),
});

/** Where a queue that the SMMU reads lies. */
export const CMDQ_BASE = layout('CMDQ_BASE', 8, 'SMMUv3 6.3.26', {
  LOG2SIZE: bits(4, 0, 'The queue has 2^LOG2SIZE entries.'),
  ADDR: address(55, 5, 'Where the queue lies; bits above IDR5.OAS are reserved.'),
  RA: bit(62, 'Hint: keep what is read in the caches.'),
});

/** Where a queue that the SMMU writes lies: the event queue and the PRI queue. */
export const OUTPUT_QUEUE_BASE = layout('OUTPUT_QUEUE_BASE', 8, 'SMMUv3 6.3.29, 6.3.33', {
  LOG2SIZE: bits(4, 0, 'The queue has 2^LOG2SIZE entries.'),
  ADDR: address(55, 5, 'Where the queue lies; bits above IDR5.OAS are reserved.'),
  WA: bit(62, 'Hint: keep what is written in the caches.'),
});

/** Indexes have LOG2SIZE bits, and above them one that toggles on each wrap. SMMUv3 3.5.1. */
const WR = { WR: bits(19, 0, 'Where the next entry will be written, with the wrap bit above the index.') };
const RD = { RD: bits(19, 0, 'Which entry will be read next, with the wrap bit above the index.') };

export const CMDQ_PROD = layout('CMDQ_PROD', 4, 'SMMUv3 6.3.27', WR);

export const CMDQ_CONS = layout('CMDQ_CONS', 4, 'SMMUv3 6.3.28', {
  ...RD,
  ERR: bits(30, 24, 'Why the SMMU stopped at the command at RD.', namesOf(CERROR)),
});

export const OUTPUT_QUEUE_PROD = layout('OUTPUT_QUEUE_PROD', 4, 'SMMUv3 3.5.1', {
  ...WR,
  OVFLG: bit(31, 'Toggled by hardware when an entry was lost; differs from OVACKFLG until software has seen it.'),
});

export const OUTPUT_QUEUE_CONS = layout('OUTPUT_QUEUE_CONS', 4, 'SMMUv3 3.5.1', {
  ...RD,
  OVACKFLG: bit(31, 'Set equal to OVFLG by software, to say that it has seen the overflow.'),
});

/** One register: its bytes begin at `offset` from the SMMU's base address. */
export interface Register<F extends string = string> {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
  readonly layout: Layout<F>;
}

/** Offset of register page 1, where the indexes of the queues that the SMMU writes lie. SMMUv3 6.1. */
const PAGE_1 = 0x1_0000;

/** The registers by name. SMMUv3 6.2. */
export const REGISTER = {
  IDR0: register('IDR0', 0x00, IDR0),
  IDR1: register('IDR1', 0x04, IDR1),
  IDR3: register('IDR3', 0x0c, IDR3),
  IDR5: register('IDR5', 0x14, IDR5),
  CR0: register('CR0', 0x20, CR0),
  CR0ACK: register('CR0ACK', 0x24, CR0ACK),
  CR1: register('CR1', 0x28, CR1),
  CR2: register('CR2', 0x2c, CR2),
  GBPA: register('GBPA', 0x44, GBPA),
  IRQ_CTRL: register('IRQ_CTRL', 0x50, IRQ_CTRL),
  IRQ_CTRLACK: register('IRQ_CTRLACK', 0x54, IRQ_CTRLACK),
  GERROR: register('GERROR', 0x60, GERROR),
  GERRORN: register('GERRORN', 0x64, GERRORN),
  STRTAB_BASE: register('STRTAB_BASE', 0x80, STRTAB_BASE),
  STRTAB_BASE_CFG: register('STRTAB_BASE_CFG', 0x88, STRTAB_BASE_CFG),
  CMDQ_BASE: register('CMDQ_BASE', 0x90, CMDQ_BASE),
  CMDQ_PROD: register('CMDQ_PROD', 0x98, CMDQ_PROD),
  CMDQ_CONS: register('CMDQ_CONS', 0x9c, CMDQ_CONS),
  EVENTQ_BASE: register('EVENTQ_BASE', 0xa0, OUTPUT_QUEUE_BASE),
  EVENTQ_PROD: register('EVENTQ_PROD', PAGE_1 + 0xa8, OUTPUT_QUEUE_PROD),
  EVENTQ_CONS: register('EVENTQ_CONS', PAGE_1 + 0xac, OUTPUT_QUEUE_CONS),
  PRIQ_BASE: register('PRIQ_BASE', 0xc0, OUTPUT_QUEUE_BASE),
  PRIQ_PROD: register('PRIQ_PROD', PAGE_1 + 0xc8, OUTPUT_QUEUE_PROD),
  PRIQ_CONS: register('PRIQ_CONS', PAGE_1 + 0xcc, OUTPUT_QUEUE_CONS),
} as const;

/** The registers in the order of the manual. */
export const REGISTERS: readonly Register[] = Object.values(REGISTER);

function register<F extends string>(name: string, offset: number, fields: Layout<F>): Register<F> {
  return { name, offset, bytes: fields.size, layout: fields };
}
