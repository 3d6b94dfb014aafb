import { deviceOn } from '../../devices/device.ts';
import { discardPartials, dropsPartials, type Fault, partialsFrom, partialsOf, RESPONSE } from '../../faults/fault.ts';
import { reportFault } from '../../faults/report.ts';
import { clear, isPending } from '../../hardware/irq.ts';
import { decode, encode } from '../../hardware/layout.ts';
import { linksOf, linkTo } from '../../hardware/pcie/link.ts';
import { riscvIommus } from '../../hardware/riscv-iommu/iommu.ts';
import { PQ_RECORD } from '../../hardware/riscv-iommu/queues.layout.ts';
import { IPSR, PQCSR, REGISTER } from '../../hardware/riscv-iommu/registers.layout.ts';
import { registerField } from '../../hardware/riscv-iommu/registers.ts';
import { domainOf, memberOf } from '../../iommu/group.ts';
import { isBoundThrough } from '../../iommu/pasid-table.ts';
import { processWithPasid } from '../../iommu/process.ts';
import { hasBug, tellBug } from '../../policy/policy.ts';
import { call, type Next, procedure, step } from '../../sim/procedure.ts';
import { reach, tell } from '../../sim/telling.ts';
import { readWords } from '../../world/memory.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { directoryOf } from './domain.ts';
import { respondToGroup } from './page-response.ts';
import { entriesBetween, readl, riscvUnits, unitOf, writel } from './unit.ts';

/** Somebody who waits until the page-request queue of an IOMMU was drained: batches that still have to end. */
interface Drain extends Row {
  readonly iommu: number;
  readonly batches: number;
}

export const pageDrains = table<Drain>('page-drain', { iommu: 'int', batches: 'int' }, (id, r) => ({
  ...{ id, h0: 0, h1: 0, iommu: r.iommu, batches: r.batches },
}));

const RECORD_BYTES = PQ_RECORD.size;
const scratch = new Uint32Array(RECORD_BYTES / 4);
const PENDING = encode(IPSR, { pip: 1 })[0] ?? 0;
/** pqen and pie stay; writing 1 to pqof clears it, and the queue takes requests again. */
const ACKNOWLEDGED = encode(PQCSR, { pqen: 1, pie: 1, pqof: 1 })[0] ?? 0;

/** Records that wait in the page-request queue. */
export function queuedRequests(world: World, iommu: number): number {
  const { pageBits } = unitOf(world, iommu);
  return entriesBetween(pageBits, readl(world, iommu, REGISTER.pqh), readl(world, iommu, REGISTER.pqt));
}

export const overflowed = (world: World, iommu: number): boolean =>
  registerField(world, iommu, REGISTER.pqcsr, 'pqof') === 1;

type Record = { readonly [F in keyof typeof PQ_RECORD.fields]: number };

/** A record of the queue, by its index. */
export function requestAt(world: World, iommu: number, index: number): Record {
  const at = index * RECORD_BYTES;
  const { pageQueue } = unitOf(world, iommu);
  return decode(PQ_RECORD, readWords(world, pageQueue + (at >>> 12), at & 0xfff, scratch.length, scratch));
}

/** The next page request, taken off the queue. */
function takeRecord(world: World, iommu: number): Record {
  const head = readl(world, iommu, REGISTER.pqh);
  const record = requestAt(world, iommu, head);
  writel(world, iommu, REGISTER.pqh, (head + 1) % 2 ** unitOf(world, iommu).pageBits);
  return record;
}

/** The interrupt thread of the page-request queue; an endless loop of its own actor. */
export const pageThread = procedure(
  'riscv_iommu_priq_process',
  'smmu-driver',
  { wait: ['iommu'], read: ['iommu', 'taken'], discard: ['iommu'], overflow: ['iommu'], batch: ['iommu'] },
  (go) => ({
    wait: step(
      'is woken by the interrupt of the page-request queue, and clears ipsr.pip',
      {
        when: (world, { iommu }) => isPending(world, riscvIommus.get(world, iommu).pageIrq),
        wait: 'sleep',
        awaits: 'a page-request interrupt',
        cost: 'interrupt',
        cite: 'RISC-V IOMMU 5.18; riscv_iommu_priq_irq_check()',
        chapter: 'Fault',
      },
      (world, { iommu }) => {
        clear(world, riscvIommus.get(world, iommu).pageIrq);
        writel(world, iommu, REGISTER.ipsr, PENDING);
        setBusy(world, iommu, 1);
        return go.read({ iommu, taken: 0 });
      },
    ),
    read: step(
      'reads {record}',
      { cite: 'RISC-V IOMMU 3.3', atomic: 'one write of pqh', transaction: true },
      (world, { iommu, taken }) => {
        if (overflowed(world, iommu) && queuedRequests(world, iommu) > 0 && hasBug(world, 'overflow-acked-early')) {
          tellBug(world, { record: 'pqof before it has read what is left in the page-request queue' });
          return go.discard({ iommu });
        }
        if (queuedRequests(world, iommu) === 0) {
          tell(world, { record: 'that the page-request queue is empty' });
          if (!overflowed(world, iommu)) return go.batch({ iommu });
          if (!dropsPartials(world)) return go.overflow({ iommu });
          if (!hasBug(world, 'partials-kept')) return go.discard({ iommu });
          tellBug(world, { record: 'that the page-request queue is empty, and keeps what waits for a last request' });
          return go.overflow({ iommu });
        }
        const record = takeRecord(world, iommu);
        const isFull = taken + 1 === 2 ** unitOf(world, iommu).pageBits - 1;
        if (isFull) endBatch(world, iommu);
        return handle(world, iommu, record, go.read({ iommu, taken: isFull ? 0 : taken + 1 }));
      },
    ),
    discard: step(
      'drops {count} whose last was lost',
      { atomic: 'iommu_partial_faults_lock', cite: 'iopf_queue_discard_partial(); RISC-V IOMMU 3.3' },
      (world, { iommu }) => {
        const partials = partialsBelow(world, iommu);
        discardPartials(world, partials);
        tell(world, { count: partials.length === 1 ? 'one partial' : `${partials.length} partials`, fault: 1 });
        return go.overflow({ iommu });
      },
    ),
    overflow: step(
      'clears pqof of the page-request queue: requests were lost, and it takes new ones from here on',
      { atomic: 'one write of pqcsr', cite: 'RISC-V IOMMU 3.3, 5.17', transaction: true },
      (world, { iommu }) => {
        tell(world, { fault: 1 });
        writel(world, iommu, REGISTER.pqcsr, ACKNOWLEDGED);
        endBatch(world, iommu);
        reach(world, 'priq.acknowledged');
        return go.read({ iommu, taken: 0 });
      },
    ),
    batch: step('has emptied the queue', { cite: 'RFCv2 27/36: batch counter' }, (world, { iommu }) => {
      setBusy(world, iommu, 0);
      endBatch(world, iommu);
      return go.wait({ iommu });
    }),
  }),
);

/** What becomes of a record: it is reported, refused, or it is a Stop Marker, which wants no answer. */
function handle(world: World, iommu: number, record: Record, then: Next): Next {
  const { PV, PID, DID, R, W, L: last, EXEC, PRIV, PRGI: prgi, PageAddr: page } = record;
  const link = linkTo(world, iommu, DID);
  const device = link === null ? undefined : deviceOn(world, link.id);
  const pasid = PV === 1 ? PID : -1;
  const isMarker = PV === 1 && last === 1 && R === 0 && W === 0;
  if (device === undefined || isMarker) {
    const what = isMarker ? 'a stop marker, which needs no answer' : 'a request of an unknown device';
    tell(world, { record: what, pasid });
    return then;
  }
  const access = R | (W << 1) | (EXEC << 2) | (PRIV << 3);
  const refusal = whyRefused(world, device.id, pasid);
  tell(world, {
    record: `the request of ${device.name}${refusal === null ? '' : `, which ${refusal.why}`}`,
    page,
    pasid,
  });
  if (refusal !== null)
    return refuse(world, { device: device.id, pasid, prgi, response: refusal.response }, last, then);
  return call(reportFault.at.report({ device: device.id, pasid, page, access, prgi, last }), then);
}

/** Why nobody can handle a request, and what it is answered with; null if somebody can. */
interface Refusal {
  readonly why: string;
  readonly response: number;
}

/**
 * A translation request under a PASID without process context is answered like one for a missing page (RISC-V IOMMU 2.6,
 * cause 266), so the device asks for the page. Whoever gave it the page would be asked again, for ever.
 */
function whyRefused(world: World, device: number, pasid: number): Refusal | null {
  if (domainOf(world, device) < 0) return { why: 'is in no domain: nobody can handle it', response: RESPONSE.failure };
  if (memberOf(world, device)?.refused === 1) return { why: 'was told to ask no more', response: RESPONSE.failure };
  const process = processWithPasid(world, pasid);
  if (process?.state !== 'live' || isBoundThrough(world, process.id, directoryOf(world, device))) return null;
  return { why: 'has no process context: no page would help it', response: RESPONSE.invalid };
}

type Answer = { readonly device: number; readonly pasid: number; readonly prgi: number; readonly response: number };

/** Only the last request of a group is answered, for all of it. PCIe 10.4.2. */
function refuse(world: World, answer: Answer, last: number, then: Next): Next {
  if (last === 0) return then;
  discardPartials(world, partialsOf(world, answer.device, answer.prgi));
  return call(respondToGroup.at.respond(answer), then);
}

/** Partials of the devices behind an IOMMU. */
function partialsBelow(world: World, iommu: number): Fault[] {
  const devices = linksOf(world, iommu).flatMap((link) => deviceOn(world, link.id) ?? []);
  return devices.flatMap(({ id }) => partialsFrom(world, id));
}

/** A batch ends when the queue is empty, or when as many were read as it can hold: who drains it need not wait for ever. */
function endBatch(world: World, iommu: number): void {
  for (const drain of pageDrains.all(world)) {
    if (drain.iommu !== iommu || drain.batches === 0) continue;
    pageDrains.edit(world, drain.id, (row) => {
      row.batches -= 1;
    });
  }
}

function setBusy(world: World, iommu: number, busy: number): void {
  riscvUnits.edit(world, unitOf(world, iommu).id, (row) => {
    row.pageBusy = busy;
  });
}
