import { expect, test } from 'vitest';
import { queueOf } from '../testing/model.ts';
import { slotsOf, toldSlot } from './queue.ts';

const queue = queueOf('q', 'PRI queue', 3, ['first', 'second']);

test('the marks stand where both sides go on', () => {
  const slots = slotsOf(queue);

  expect(slots.filter(({ consumer }) => consumer).map(({ slot }) => slot.index)).toEqual([3]);
  expect(slots.filter(({ producer }) => producer).map(({ slot }) => slot.index)).toEqual([5]);
});

test('the ring has a seam where slot 0 follows the last', () => {
  const [last, zero, ...rest] = [31, 0, 1].map((index) => ({
    ...queue.slots[0],
    key: `q/${index}`,
    index,
    live: false,
  }));

  const wrapped = slotsOf({ ...queue, slots: [last, zero, ...rest] as typeof queue.slots });

  expect(wrapped.map(({ seam }) => seam)).toEqual([false, true, false]);
});

test('the record that the moment touched is told, else the oldest', () => {
  expect(toldSlot(queue, new Set())?.label).toBe('first');
  expect(toldSlot(queue, new Set(['q/4']))?.label).toBe('second');
  expect(toldSlot(queueOf('q', 'PRI queue', 3, []), new Set())).toBeNull();
});
