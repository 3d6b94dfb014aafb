import { deviceOn } from '../../devices/device.ts';
import { discardPartials, dropsPartials, type Fault, partialsFrom, RESPONSE } from '../../faults/fault.ts';
import { reportFault } from '../../faults/report.ts';
import { clear, isPending } from '../../hardware/irq.ts';
import { decode } from '../../hardware/layout.ts';
import { linksOf, linkTo } from '../../hardware/pcie/link.ts';
import { PRIQ_ENTRY } from '../../hardware/smmuv3/pri-queue.layout.ts';
import { REGISTER } from '../../hardware/smmuv3/registers.layout.ts';
import { smmus } from '../../hardware/smmuv3/smmu.ts';
import { domainOf, memberOf } from '../../iommu/group.ts';
import { hasBug, tellBug } from '../../policy/policy.ts';
import { call, type Next, procedure, step } from '../../sim/procedure.ts';
import { reach, tell } from '../../sim/telling.ts';
import { readWords } from '../../world/memory.ts';
import { ringLength } from '../../world/ring.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { respondToGroup } from './page-response.ts';
import { readl, unitOf, units, writel } from './unit.ts';

/** Somebody who waits until the PRI queue of an SMMU was drained: batches that still have to end. */
interface Drain extends Row {
  readonly smmu: number;
  readonly batches: number;
}

export const drains = table<Drain>('drain', { smmu: 'int', batches: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  smmu: r.smmu,
  batches: r.batches,
}));

const ENTRY_BYTES = 16;
const FLAG = 0x8000_0000;
const scratch = new Uint32Array(ENTRY_BYTES / 4);

/** Entries that wait in the PRI queue. */
export function queuedRequests(world: World, smmu: number): number {
  const log2Size = unitOf(world, smmu).priBits;
  return ringLength({ log2Size }, readl(world, smmu, REGISTER.PRIQ_PROD), readl(world, smmu, REGISTER.PRIQ_CONS));
}

const overflowed = (world: World, smmu: number): boolean =>
  ((readl(world, smmu, REGISTER.PRIQ_PROD) ^ readl(world, smmu, REGISTER.PRIQ_CONS)) & FLAG) !== 0;

/** The next page request, taken off the queue. */
function takeEntry(world: World, smmu: number): Record<keyof typeof PRIQ_ENTRY.fields, number> {
  const { priBits, priQueue } = unitOf(world, smmu);
  const cons = readl(world, smmu, REGISTER.PRIQ_CONS);
  const at = (cons & (2 ** priBits - 1)) * ENTRY_BYTES;
  const entry = decode(PRIQ_ENTRY, readWords(world, priQueue + (at >>> 12), at & 0xfff, scratch.length, scratch));
  const next = (cons + 1) & (2 ** (priBits + 1) - 1);
  writel(world, smmu, REGISTER.PRIQ_CONS, (cons & FLAG) | next);
  return entry;
}

/** The interrupt thread of the PRI queue, arm_smmu_priq_thread(), RFCv2 35/36; an endless loop of its own actor. */
export const priThread = procedure(
  'arm_smmu_priq_thread',
  'smmu-driver',
  { wait: ['smmu'], read: ['smmu', 'taken'], discard: ['smmu'], overflow: ['smmu'], batch: ['smmu'] },
  (go) => ({
    wait: step(
      'is woken by the interrupt of the PRI queue',
      {
        when: (world, { smmu }) => isPending(world, smmus.get(world, smmu).priIrq),
        wait: 'sleep',
        awaits: 'a PRI interrupt',
        cost: 'interrupt',
        cite: 'RFCv2 35/36',
        chapter: 'Fault',
      },
      (world, { smmu }) => {
        clear(world, smmus.get(world, smmu).priIrq);
        setBusy(world, smmu, 1);
        return go.read({ smmu, taken: 0 });
      },
    ),
    read: step(
      'reads {record}',
      { cite: 'RFCv2 35/36 queue_remove_raw(); SMMUv3 8.1', atomic: 'one write of PRIQ_CONS', transaction: true },
      (world, { smmu, taken }) => {
        if (overflowed(world, smmu) && queuedRequests(world, smmu) > 0 && hasBug(world, 'overflow-acked-early')) {
          tellBug(world, { record: 'the overflow flag before it has read what is left in the PRI queue' });
          return go.discard({ smmu });
        }
        if (queuedRequests(world, smmu) === 0) {
          tell(world, { record: 'that the PRI queue is empty' });
          if (!overflowed(world, smmu)) return go.batch({ smmu });
          if (!dropsPartials(world)) return go.overflow({ smmu });
          if (!hasBug(world, 'partials-kept')) return go.discard({ smmu });
          tellBug(world, { record: 'that the PRI queue is empty, and keeps what waits for a last request' });
          return go.overflow({ smmu });
        }
        const entry = takeEntry(world, smmu);
        const isFull = taken + 1 === 2 ** unitOf(world, smmu).priBits;
        if (isFull) endBatch(world, smmu);
        const then = go.read({ smmu, taken: isFull ? 0 : taken + 1 });
        const link = linkTo(world, smmu, entry.StreamID);
        const device = link === null ? undefined : deviceOn(world, link.id);
        const pasid = entry.SSV === 1 ? entry.SubstreamID : -1;
        const marker = entry.SSV === 1 && entry.Last === 1 && entry.R === 0 && entry.W === 0;
        if (device === undefined || marker) {
          tell(world, {
            record: marker ? 'a stop marker, which needs no answer' : 'a request of an unknown stream',
            pasid,
          });
          return then;
        }
        const refusal = whyRefused(world, device.id);
        const record = `the request of ${device.name}${refusal === null ? '' : `, which ${refusal}`}`;
        tell(world, { record, page: entry.PageAddr, pasid });
        const access = entry.R | (entry.W << 1) | (entry.X << 2) | (entry.Priv << 3);
        const { PageAddr: page, PRGIndex: prgi, Last: last } = entry;
        if (refusal !== null) return refuse({ device: device.id, pasid, prgi, last }, then);
        return call(reportFault.at.report({ device: device.id, pasid, page, access, prgi, last }), then);
      },
    ),
    discard: step(
      'drops {count} whose last was lost',
      { atomic: 'iommu_partial_faults_lock', cite: 'iopf_queue_discard_partial(); SMMUv3 8.1' },
      (world, { smmu }) => {
        const partials = partialsBelow(world, smmu);
        discardPartials(world, partials);
        tell(world, { count: partials.length === 1 ? 'one partial' : `${partials.length} partials`, fault: 1 });
        return go.overflow({ smmu });
      },
    ),
    overflow: step(
      'acknowledges the overflow of the PRI queue: requests were lost',
      { atomic: 'CONS.RD and OVACKFLG in one store', cite: 'SMMUv3 8.1; RFCv2 35/36', transaction: true },
      (world, { smmu }) => {
        tell(world, { fault: 1 });
        const flag = readl(world, smmu, REGISTER.PRIQ_PROD) & FLAG;
        writel(world, smmu, REGISTER.PRIQ_CONS, (readl(world, smmu, REGISTER.PRIQ_CONS) & ~FLAG) | flag);
        endBatch(world, smmu);
        reach(world, 'priq.acknowledged');
        return go.read({ smmu, taken: 0 });
      },
    ),
    batch: step('has emptied the queue', { cite: 'RFCv2 27/36: batch counter' }, (world, { smmu }) => {
      setBusy(world, smmu, 0);
      endBatch(world, smmu);
      return go.wait({ smmu });
    }),
  }),
);

/** Why nobody can handle a request of a device, null if somebody can. */
function whyRefused(world: World, device: number): string | null {
  if (domainOf(world, device) < 0) return 'is in no domain: nobody can handle it';
  return memberOf(world, device)?.refused === 1 ? 'was told to ask no more' : null;
}

/** PCIe 10.4.2: Response Failure makes the device stop asking. Only the last request of a group is answered. */
function refuse({ last, ...group }: { device: number; pasid: number; prgi: number; last: number }, then: Next): Next {
  return last === 0 ? then : call(respondToGroup.at.respond({ ...group, response: RESPONSE.failure }), then);
}

/** Partials of the devices behind an SMMU. */
function partialsBelow(world: World, smmu: number): Fault[] {
  const devices = linksOf(world, smmu).flatMap((link) => deviceOn(world, link.id) ?? []);
  return devices.flatMap(({ id }) => partialsFrom(world, id));
}

/** A batch ends when the queue is empty, or when as many were read as it can hold: who drains it need not wait for ever. */
function endBatch(world: World, smmu: number): void {
  for (const drain of drains.all(world)) {
    if (drain.smmu !== smmu || drain.batches === 0) continue;
    drains.edit(world, drain.id, (row) => {
      row.batches -= 1;
    });
  }
}

function setBusy(world: World, smmu: number, busy: number): void {
  units.edit(world, unitOf(world, smmu).id, (row) => {
    row.priBusy = busy;
  });
}
