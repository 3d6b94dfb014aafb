import { type Device, deviceOn } from '../../devices/device.ts';
import { reportFault } from '../../faults/report.ts';
import { clear, isPending } from '../../hardware/irq.ts';
import { decode } from '../../hardware/layout.ts';
import { linkTo } from '../../hardware/pcie/link.ts';
import { CMD_RESUME, OPCODE } from '../../hardware/smmuv3/commands.layout.ts';
import { EVENT, EVT_TRANSLATION_CLASS } from '../../hardware/smmuv3/events.layout.ts';
import { REGISTER } from '../../hardware/smmuv3/registers.layout.ts';
import { smmus } from '../../hardware/smmuv3/smmu.ts';
import { call, type Next, procedure, step } from '../../sim/procedure.ts';
import { reach, tell } from '../../sim/telling.ts';
import { readWords } from '../../world/memory.ts';
import { ringLength } from '../../world/ring.ts';
import type { World } from '../../world/world.ts';
import { issue } from './command-queue.ts';
import { mayStall } from './domain.ts';
import { readl, unitOf, writel } from './unit.ts';

const ENTRY_BYTES = 32;
const FLAG = 0x8000_0000;
const scratch = new Uint32Array(ENTRY_BYTES / 4);
const NAMES = new Map<number, string>(Object.entries(EVENT).map(([name, id]) => [id, name]));
/** What a fault wanted, as handle_iommu_fault() takes it. */
const WANTED = { read: 1, write: 2, exec: 4, priv: 8 } as const;

/** A record as the translation class lays it out; of other classes only the header counts. */
type Record = { readonly [F in keyof typeof EVT_TRANSLATION_CLASS.fields]: number };

/**
 * The interrupt thread of the event queue, arm_smmu_evtq_thread(): a transaction that stalls waits for a page like a page
 * request of one, and its tag is the index of the group (RFCv2 29/36). What cannot be mended is printed.
 */
export const eventThread = procedure(
  'arm_smmu_evtq_thread',
  'smmu-driver',
  { wait: ['smmu'], read: ['smmu'], abort: ['smmu', 'sid', 'stag'] },
  (go) => ({
    wait: step(
      'is woken by the interrupt of the event queue',
      {
        when: (world, { smmu }) => isPending(world, smmus.get(world, smmu).eventIrq),
        wait: 'sleep',
        awaits: 'an event interrupt',
        cost: 'interrupt',
        cite: 'SMMUv3 7.2; arm_smmu_evtq_thread()',
      },
      (world, { smmu }) => {
        clear(world, smmus.get(world, smmu).eventIrq);
        return go.read({ smmu });
      },
    ),
    read: step(
      '{does} {event}',
      { atomic: 'one write of EVENTQ_CONS', cite: 'SMMUv3 7.2; RFCv2 29/36', transaction: true },
      (world, { smmu }) => {
        const record = takeRecord(world, smmu);
        if (record === null) {
          tell(world, { does: 'finds', event: 'the event queue empty' });
          return go.wait({ smmu });
        }
        const { EventID, StreamID: sid, STAG: stag } = record;
        const name = NAMES.get(EventID) ?? `0x${EventID.toString(16)}`;
        const stalled = isStalled(record) ? `, stalled with STAG ${stag}` : '';
        tell(world, { does: 'prints', event: `event ${name} from stream 0x${sid.toString(16)}${stalled}`, fault: 1 });
        const device = deviceOf(world, smmu, sid);
        if (isStalled(record) && device !== undefined && mayStall(world, device.id)) {
          tell(world, { does: 'reads', page: pageOf(record), pasid: pasidOf(record) });
          return call(report(device, record), go.read({ smmu }));
        }
        reach(world, 'event.printed');
        return isStalled(record) ? go.abort({ smmu, sid, stag }) : go.read({ smmu });
      },
    ),
    abort: step(
      'has nobody who could mend that, and ends the transaction',
      { cite: 'RFCv2 29/36 arm_smmu_handle_evt(); SMMUv3 4.7.1' },
      (_world, { smmu, sid, stag }) =>
        call(issue(smmu, CMD_RESUME, OPCODE.RESUME, { StreamID: sid, STAG: stag, Ab: 1 }), go.read({ smmu })),
    ),
  }),
);

const isStalled = ({ EventID, Stall }: Record): boolean =>
  EventID >= EVENT.F_TRANSLATION && EventID <= EVENT.F_PERMISSION && Stall === 1;

const pageOf = ({ InputAddr_LO, InputAddr_HI }: Record): number => InputAddr_HI * 2 ** 20 + (InputAddr_LO >>> 12);
const pasidOf = ({ SSV, SubstreamID }: Record): number => (SSV === 1 ? SubstreamID : -1);

function deviceOf(world: World, smmu: number, sid: number): Device | undefined {
  const link = linkTo(world, smmu, sid);
  return link === null ? undefined : deviceOn(world, link.id);
}

/** The record as a page request that is a group of its own. */
function report(device: Device, record: Record): Next {
  const access =
    (record.RnW === 1 ? WANTED.read : WANTED.write) |
    (record.InD === 1 ? WANTED.exec : 0) |
    (record.PnU === 1 ? WANTED.priv : 0);
  const pasid = pasidOf(record);
  return reportFault.at.report({ device: device.id, pasid, page: pageOf(record), access, prgi: record.STAG, last: 1 });
}

/** The next record, taken off the queue; null when it is empty, and then an overflow is acknowledged. */
function takeRecord(world: World, smmu: number): Record | null {
  const { eventBits, eventQueue } = unitOf(world, smmu);
  const prod = readl(world, smmu, REGISTER.EVENTQ_PROD);
  const cons = readl(world, smmu, REGISTER.EVENTQ_CONS);
  if (ringLength({ log2Size: eventBits }, prod, cons) === 0) {
    writel(world, smmu, REGISTER.EVENTQ_CONS, (cons & ~FLAG) | (prod & FLAG));
    return null;
  }
  const at = (cons & (2 ** eventBits - 1)) * ENTRY_BYTES;
  const words = readWords(world, eventQueue + (at >>> 12), at & 0xfff, scratch.length, scratch);
  writel(world, smmu, REGISTER.EVENTQ_CONS, (cons & FLAG) | ((cons + 1) & (2 ** (eventBits + 1) - 1)));
  return decode(EVT_TRANSLATION_CLASS, words);
}
