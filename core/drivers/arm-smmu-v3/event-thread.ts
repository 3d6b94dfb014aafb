import { clear, isPending } from '../../hardware/irq.ts';
import { getField } from '../../hardware/layout.ts';
import { EVENT, EVT_CONFIG } from '../../hardware/smmuv3/events.layout.ts';
import { REGISTER } from '../../hardware/smmuv3/registers.layout.ts';
import { smmus } from '../../hardware/smmuv3/smmu.ts';
import { procedure, step } from '../../sim/procedure.ts';
import { reach, tell } from '../../sim/telling.ts';
import { readWords } from '../../world/memory.ts';
import { ringLength } from '../../world/ring.ts';
import type { World } from '../../world/world.ts';
import { readl, unitOf, writel } from './unit.ts';

const ENTRY_BYTES = 32;
const FLAG = 0x8000_0000;
const scratch = new Uint32Array(ENTRY_BYTES / 4);
const NAMES = new Map<number, string>(Object.entries(EVENT).map(([name, id]) => [id, name]));

/** The interrupt thread of the event queue, arm_smmu_evtq_thread(): what cannot be repaired is printed. */
export const eventThread = procedure(
  'arm_smmu_evtq_thread',
  'smmu-driver',
  { wait: ['smmu'], read: ['smmu'] },
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
      'prints {event}',
      { atomic: 'one write of EVENTQ_CONS', cite: 'SMMUv3 7.2; arm_smmu_evtq_thread()', transaction: true },
      (world, { smmu }) => {
        const event = takeEvent(world, smmu);
        tell(world, { event: event ?? 'nothing more: the event queue is empty', fault: event === null ? 0 : 1 });
        if (event === null) return go.wait({ smmu });
        reach(world, 'event.printed');
        return go.read({ smmu });
      },
    ),
  }),
);

/** The next event in words, taken off the queue; null when it is empty, and then an overflow is acknowledged. */
function takeEvent(world: World, smmu: number): string | null {
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
  const id = getField(words, EVT_CONFIG.fields.EventID);
  const sid = getField(words, EVT_CONFIG.fields.StreamID);
  return `event ${NAMES.get(id) ?? `0x${id.toString(16)}`} from stream 0x${sid.toString(16)}`;
}
