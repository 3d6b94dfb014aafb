/** Answers to devices: translations they asked for, and how a transaction ends that may not go on. RISC-V IOMMU 2.6, 2.7. */
import type { World } from '../../world/world.ts';
import { encode } from '../layout.ts';
import { encodePages } from '../pcie/address-range.ts';
import { complete } from '../pcie/completer.ts';
import { addressPage, links, type Message, type Status, sendDown } from '../pcie/link.ts';
import { ATS_COMPLETION } from '../pcie/messages.layout.ts';
import { RIGHT } from '../tlb.ts';
import { GLOBAL_RIGHT, memoryTypeIn } from './first-stage.ts';
import type { Translation } from './iotlb.ts';
import { CAUSE } from './queues.layout.ts';

/** How a transaction ends that is not carried out; a number, because locals are. */
export const ENDING = { unsupported: 1, abort: 2 } as const;

/** Faults that a translation request is told as a page without access: its device asks for the page then. */
const NO_ACCESS: readonly number[] = [
  CAUSE.INSTRUCTION_PAGE,
  CAUSE.READ_PAGE,
  CAUSE.WRITE_PAGE,
  CAUSE.MSI_PTE_NOT_VALID,
  CAUSE.PDT_NOT_VALID,
];
/** Faults that say that the device should not have asked. */
const UNSUPPORTED: readonly number[] = [
  CAUSE.ALL_DISALLOWED,
  CAUSE.DDT_ACCESS,
  CAUSE.DDT_NOT_VALID,
  CAUSE.DDT_MISCONFIGURED,
  CAUSE.TYPE_DISALLOWED,
];

/** Whether a fault of a translation request is an answer and no error. RISC-V IOMMU 2.6. */
export function isAnswer(cause: number): boolean {
  return NO_ACCESS.includes(cause);
}

/** Of ENDING: other transactions than translation requests end as unsupported, whatever the fault. RISC-V IOMMU 2.5, 2.6. */
export function endingOf(message: Message, cause: number): number {
  if (message.kind !== 'translation-request' || UNSUPPORTED.includes(cause)) return ENDING.unsupported;
  return ENDING.abort;
}

/** Answers a translation request with what is granted of it; no rights are R=W=0. Permissions as people write them. */
export function sendTranslation(world: World, message: Message, { output, rights, span }: Translation): string {
  const has = (right: number): number => ((rights & right) === 0 ? 0 : 1);
  const R = has(RIGHT.read);
  const W = has(RIGHT.write);
  const Exe = has(RIGHT.execute) & message.exec;
  const Priv = message.pasid < 0 ? 0 : message.priv;
  const Global = message.pasid < 0 ? 0 : has(GLOBAL_RIGHT);
  // Memory that is not cacheable as usual has to be reached by CXL.io. RISC-V IOMMU 2.6.
  const isCxl = links.get(world, message.link).bus === 'cxl';
  const CXL_io = isCxl && memoryTypeIn(rights) !== 0 ? 1 : 0;
  const pages = encodePages({ page: output - (addressPage(message) % 2 ** span), span });
  const isGranted = (R | W) !== 0;
  const body = encode(ATS_COMPLETION, { R, W, Exe, Priv, Global, CXL_io, ...(isGranted ? pages : {}) });
  const { pasid, tag } = message;
  const words = { lo: body[0] ?? 0, hi: body[1] ?? 0 };
  sendDown(world, message.link, { kind: 'translation-completion', pasid, tag, status: 'success', ...words });
  return `${R ? 'r' : '-'}${W ? 'w' : '-'}${Exe ? 'x' : '-'}`;
}

const STATUS: Readonly<Record<number, Status>> = { [ENDING.unsupported]: 'UR', [ENDING.abort]: 'CA' };

/** How a device hears of an ending: the system interconnect knows one way of refusing. */
export function endingOn(world: World, link: number, ending: number): Status {
  return links.get(world, link).bus === 'platform' ? 'abort' : (STATUS[ending] ?? 'UR');
}

/** Tells the device that its transaction was not carried out; false for a posted write, of which nobody hears. */
export function sendEnding(world: World, message: Message, ending: number): boolean {
  return complete(world, message, endingOn(world, message.link, ending));
}
