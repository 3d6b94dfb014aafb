import { expect, test } from 'vitest';
import type { Engine, MessageView, RunInfo } from '../engine/contract.ts';
import { createHearing } from './hearing.ts';
import { createPageStore } from './state.ts';

/** An engine whose every event says one thing, and what was asked of it. */
function talking() {
  const asked: string[] = [];
  const messages = async (first: number, last: number): Promise<readonly MessageView[]> => {
    asked.push(`${first} to ${last}`);
    const events = Array.from({ length: last - first }, (_, place) => first + place + 1);
    return events.map((event) => ({ event, text: `${asked.length}` }) as MessageView);
  };
  const store = createPageStore();
  const open = () => store.setState({ run: { events: 1000 } as RunInfo });
  open();
  return { asked, open, store, hear: createHearing({ messages } as Partial<Engine> as Engine, store) };
}

const eventsOf = (messages: readonly MessageView[]) => messages.map(({ event }) => event);

test('it asks once for what is said around a moment, and gives the same objects while nothing is new', async () => {
  const { asked, hear } = talking();

  const one = await hear(500);
  const next = await hear(510);

  expect(asked).toEqual(['360 to 560']);
  expect(next).toBe(one);
  expect(eventsOf(one)).toEqual(Array.from({ length: 200 }, (_, place) => 361 + place));
});

test('it asks for what is new alone, as far as the run goes', async () => {
  const { asked, hear } = talking();

  await hear(900);
  const last = await hear(1000);

  expect(asked).toEqual(['760 to 960', '960 to 1000']);
  expect(eventsOf(last).at(-1)).toBe(1000);
  expect(eventsOf(await hear(0))).toEqual(Array.from({ length: 40 }, (_, place) => 1 + place));
});

test('it forgets what another run has said', async () => {
  const { asked, hear, open } = talking();
  await hear(10);

  open();
  const [first] = await hear(10);

  expect(asked).toEqual(['0 to 80', '0 to 80']);
  expect(first?.text).toBe('2');
});

test('of a part of the run it asks event by event, for those that are in it', async () => {
  const { asked, hear, store } = talking();
  store.setState({ stretch: { first: 10, last: 20, only: [12, 17] } });

  expect(eventsOf(await hear(17))).toEqual([12, 17]);
  expect(asked).toEqual(['11 to 12', '16 to 17']);
});
