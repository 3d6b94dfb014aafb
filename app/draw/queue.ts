import type { QueueView, SlotView } from '../engine/contract.ts';

export interface DrawnSlot {
  readonly slot: SlotView;
  /** The producer writes here next; the consumer reads here next. */
  readonly producer: boolean;
  readonly consumer: boolean;
  /** The ring closes before it: slot 0 after the last. */
  readonly seam: boolean;
}

/** The slots of a queue with the marks of both sides. */
export function slotsOf(queue: QueueView): readonly DrawnSlot[] {
  return queue.slots.map((slot, place) => ({
    slot,
    producer: slot.index === queue.prod,
    consumer: slot.index === queue.cons,
    seam: place > 0 && slot.index === 0,
  }));
}

/** The record that tells most of a queue: the one that the moment touched, else the oldest. */
export function toldSlot(queue: QueueView, touched: ReadonlySet<string>): SlotView | null {
  const live = queue.slots.filter((slot) => slot.live);
  return live.find(({ key }) => touched.has(key)) ?? live.find(({ index }) => index === queue.cons) ?? live[0] ?? null;
}
