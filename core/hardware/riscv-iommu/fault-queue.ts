/** Fault records, and the queue that the IOMMU writes them to. RISC-V IOMMU 3.2. */
import type { World } from '../../world/world.ts';
import { encode } from '../layout.ts';
import { links, type Message } from '../pcie/link.ts';
import { deviceIdOf } from './device-directory.ts';
import { type Delivery, interrupt, releaseVector, type Source } from './interrupts.ts';
import { obstacleOf, push } from './output-queue.ts';
import { CAUSE, FQ_RECORD, TTYP } from './queues.layout.ts';
import { REGISTER } from './registers.layout.ts';
import { registerField } from './registers.ts';

/** Message code of a Page Request, which its faults have in iotval. PCIe 2.2.8 table of message codes. */
const PAGE_REQUEST_CODE = 4;

const NAMES = new Map<number, string>(Object.entries(CAUSE).map(([name, cause]) => [cause, wordsOf(name)]));

function wordsOf(name: string): string {
  return name.toLowerCase().replaceAll('_', ' ').replace('ddt', 'DDT').replace('pdt', 'PDT').replace('msi', 'MSI');
}

/** A cause in words and by its number: 'read page (13)'. */
export function causeName(cause: number): string {
  return `${NAMES.get(cause) ?? 'cause'} (${cause})`;
}

/** Causes that are recorded whatever DC.tc.DTF says. RISC-V IOMMU 3.2, column "Reported if DTF is 1". */
const ALWAYS: readonly number[] = [
  CAUSE.ALL_DISALLOWED,
  CAUSE.DDT_ACCESS,
  CAUSE.DDT_NOT_VALID,
  CAUSE.DDT_MISCONFIGURED,
  CAUSE.DDT_CORRUPT,
  CAUSE.MSI_WRITE_ACCESS,
];

/** Whether a fault is recorded of a device whose context says `dtf`. */
export function isRecorded(cause: number, dtf: boolean): boolean {
  return !dtf || ALWAYS.includes(cause);
}

/** Kind of a transaction. A translated read is for execution only if it says so under a process_id. RISC-V IOMMU 3.2. */
function typeOf({ kind, at, pasid, exec }: Message): number {
  if (kind === 'page-request') return TTYP.MESSAGE;
  if (kind === 'translation-request') return TTYP.ATS_REQUEST;
  if (at === 'translated') {
    if (kind === 'write') return TTYP.TRANSLATED_WRITE;
    return pasid >= 0 && exec === 1 ? TTYP.TRANSLATED_EXECUTE : TTYP.TRANSLATED_READ;
  }
  if (kind === 'write') return TTYP.UNTRANSLATED_WRITE;
  return exec === 1 ? TTYP.UNTRANSLATED_EXECUTE : TTYP.UNTRANSLATED_READ;
}

/** The record of a fault of a transaction, as the transaction came: a default process_id is not in it. */
function recordOf(world: World, message: Message, cause: number): Uint32Array {
  const isMessage = message.kind === 'page-request';
  return encode(FQ_RECORD, {
    CAUSE: cause,
    PID: Math.max(0, message.pasid),
    PV: message.pasid < 0 ? 0 : 1,
    PRIV: message.pasid < 0 ? 0 : message.priv,
    TTYP: typeOf(message),
    DID: deviceIdOf(links.get(world, message.link).sid),
    iotval_LO: isMessage ? PAGE_REQUEST_CODE : message.lo,
    iotval_HI: isMessage ? 0 : message.hi,
  });
}

/** Writes the record of a fault, and interrupts; one that finds no room is lost, and fqof says so. */
export function writeFault(world: World, iommu: number, message: Message, cause: number): 'written' | 'lost' {
  return put(world, iommu, recordOf(world, message, cause), cause);
}

function put(world: World, iommu: number, record: Uint32Array, cause: number): 'written' | 'lost' {
  if (obstacleOf(world, iommu, 'fault') !== null) return 'lost';
  const obstacle = push(world, iommu, 'fault', record, `fault record: ${causeName(cause)}`);
  if (registerField(world, iommu, REGISTER.fqcsr, 'fie') === 1) notify(world, iommu, 'fault');
  return obstacle === null ? 'written' : 'lost';
}

/** Interrupts for a source; a message that memory refuses is a fault of its own. RISC-V IOMMU 5.28. */
export function notify(world: World, iommu: number, source: Source): void {
  settle(world, iommu, interrupt(world, iommu, source));
}

/** The mask of a vector was cleared. */
export function unmask(world: World, iommu: number, vector: number): void {
  settle(world, iommu, releaseVector(world, iommu, vector));
}

function settle(world: World, iommu: number, delivery: Delivery): void {
  if (typeof delivery === 'string') return;
  const { lo, hi } = delivery.refused;
  const record = encode(FQ_RECORD, { CAUSE: CAUSE.MSI_WRITE_ACCESS, TTYP: TTYP.NONE, iotval_LO: lo, iotval_HI: hi });
  put(world, iommu, record, CAUSE.MSI_WRITE_ACCESS);
}
