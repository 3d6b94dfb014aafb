import { expect, test } from 'vitest';
import type { Engine, Source } from '../engine/contract.ts';
import { fixtureEngine } from '../testing/fixture-engine.ts';
import { createActions } from './actions.ts';
import { tellingKeys } from './desk.ts';
import { createPageStore, openTreeOf, treeOfMoment } from './state.ts';

const unasked = () => Promise.reject(new Error('nobody explores here'));

async function opened(source: Source = {}, engine: Engine = fixtureEngine()) {
  const store = createPageStore();
  const waits: number[] = [];
  let time = 0;
  const wait = async (ms: number) => {
    waits.push(ms);
    time += ms;
  };
  const shelf = { read: () => null, write: () => undefined };
  const bookmarks = { read: () => [], write: () => undefined };
  const host = { wait, now: () => time, shelf, tree: shelf, bookmarks, startSearcher: unasked };
  const actions = createActions(engine, store, host);
  await actions.start(source, []);
  const at = () => store.getState().moment?.at;
  return { store, actions, at, waits };
}

test('it opens on the first scenario, paused, by chapters, with everything shown', async () => {
  const { store } = await opened();

  const { run, moment, busy, playing, granularity, scenarios } = store.getState();
  expect([run?.scenario, moment?.at, busy, playing, granularity]).toEqual(['first-touch', 0, false, false, 'chapter']);
  expect(scenarios.map(({ id }) => id)).toEqual(['first-touch', 'real-process']);
});

test('steps that are asked for at once are all done, one after another', async () => {
  const { actions, at } = await opened();

  await Promise.all([1, 2, 3].map(() => actions.step(1)));
  expect(at()).toBe(26);

  await actions.step(-1);
  expect(at()).toBe(20);
});

test('the page is busy from the request until the moment is shown', async () => {
  const { actions, store } = await opened();

  const step = actions.step(1);
  expect(store.getState().busy).toBe(true);
  await step;

  expect(store.getState()).toMatchObject({ busy: false, stepped: true });
});

test('of moments asked for at once the last is shown', async () => {
  const { actions, at, store } = await opened();

  await Promise.all([5, 9, 30, 17].map((event) => actions.seek(event)));

  expect(at()).toBe(17);
  expect(store.getState()).toMatchObject({ busy: false, stepped: false });
});

test('a step goes on from what was asked for last', async () => {
  const { actions, at } = await opened();
  actions.setGranularity('step');

  const seek = actions.seek(30);
  await actions.step(1);
  await seek;

  expect(at()).toBe(31);
});

test('playing goes to the end, at the pace of the chosen steps and speed', async () => {
  const { actions, at, store, waits } = await opened();
  actions.setSpeed(2);

  await actions.play();

  expect(at()).toBe(49);
  expect(store.getState().playing).toBe(false);
  expect(new Set(waits)).toEqual(new Set([1300]));
});

test('whoever steps no longer plays', async () => {
  const { actions, store } = await opened();

  const play = actions.play();
  expect(store.getState().playing).toBe(true);
  await actions.step(1);
  await play;

  expect(store.getState().playing).toBe(false);
});

test('while playing no more is spoken than can be listened to, but every fault and the end', async () => {
  const { actions, store } = await opened();
  actions.setGranularity('step');
  actions.setSpeed(8);
  const spoken: string[] = [];
  const faults: number[] = [];
  store.subscribe(({ moment, spoken: text, playing }, old) => {
    if (playing && moment?.now.fault && moment !== old.moment) faults.push(moment.at);
    if (text !== old.spoken) spoken.push(text);
  });

  await actions.play();

  const events = spoken.map((text) => Number(/\d+/.exec(text)?.[0]));
  expect(faults.length).toBeGreaterThan(0);
  expect(events).toEqual(expect.arrayContaining(faults));
  expect(events.at(-1)).toBe(49);
  // 49 steps at 100 ms, and a sentence every 1500 ms.
  expect(events.filter((event) => !faults.includes(event)).length).toBeLessThan(8);
});

test('every step of a person is spoken', async () => {
  const { actions, store } = await opened();

  await actions.step(1);

  expect(store.getState().spoken).toMatch(/^Event 13\. /);
});

test('what did not change from one moment to the next is the same object', async () => {
  const { actions, store } = await opened({ at: 20 });
  const before = store.getState().moment?.view;

  await actions.seek(21);

  const after = store.getState().moment?.view;
  expect(after?.trees[0]).not.toBe(before?.trees[0]);
  expect(after?.trees[1]).toBe(before?.trees[1]);
  expect(after?.groups).toBe(before?.groups);
});

test('the inspector follows the moment until a thing is picked', async () => {
  const { actions, store } = await opened({ at: 25 });

  await actions.seek(26);
  expect(store.getState().inspection?.key).toBe('job/gpu0/1');

  await actions.select('cd/0/1');
  await actions.seek(28);
  expect(store.getState().inspection?.key).toBe('cd/0/1');
});

test('of an event\u2019s things those that are drawn come first, and actors last', async () => {
  const { store } = await opened({ at: 26 });
  const view = store.getState().moment?.view;

  const keys = view && tellingKeys({ view, touched: ['actor/app', 'message/1', 'smmu/0/priq/3'] });

  expect(keys).toEqual(['smmu/0/priq/3', 'message/1', 'actor/app']);
});

test('a tree that a person opened stays open while the moment is about the same memory', async () => {
  const { actions, store } = await opened({ at: 23 });
  expect(openTreeOf(store.getState())).toBe('mm/0');

  actions.openTree('mm/1');
  await actions.seek(24);

  expect(openTreeOf(store.getState())).toBe('mm/1');
});

test('what cannot be opened leaves the run that is there, and is told with its place', async () => {
  const { actions, store, at } = await opened({ at: 7 });

  await actions.open({ scenario: 'no-such' });

  expect(at()).toBe(7);
  expect(store.getState().run?.scenario).toBe('first-touch');
  expect(store.getState().notices.map(({ text }) => text)).toEqual([expect.stringContaining('Line 2, column 5')]);
});

test('a link that cannot be opened gives the first scenario and says so', async () => {
  const { store } = await opened({ script: 'frobnicate' });

  expect(store.getState().run?.scenario).toBe('first-touch');
  expect(store.getState().notices).toHaveLength(2);
});

test('notices go when they are dismissed, or when another run is opened', async () => {
  const { actions, store } = await opened({ version: 'older' });
  expect(store.getState().notices).toHaveLength(1);

  actions.dismiss(store.getState().notices[0]?.id ?? -1);
  expect(store.getState().notices).toEqual([]);

  await actions.open({ scenario: 'no-such' });
  await actions.open({ scenario: 'real-process' });
  expect(store.getState().notices).toEqual([]);
});

test('a refused command is told in words and leaves the moment', async () => {
  const { actions, store, at } = await opened({ at: 7 });

  await actions.command('frobnicate');

  expect(at()).toBe(7);
  expect(store.getState().lines.map(({ kind }) => kind)).toEqual(['typed', 'refused', 'refused', 'refused']);
});

test('an engine that fails is told once and for all, and the page is not busy for ever', async () => {
  const engine: Engine = { ...fixtureEngine(), seek: () => Promise.reject(new Error('out of memory')) };
  const { actions, store } = await opened({}, engine);

  await actions.seek(5);

  expect(store.getState()).toMatchObject({ dead: 'out of memory', busy: false });
  expect(store.getState().moment?.at).toBe(0);
});

test('an engine that is gone is asked nothing more', async () => {
  const { actions, store } = await opened();
  actions.die('out of memory');

  await actions.step(1);

  expect(store.getState()).toMatchObject({ dead: 'out of memory', busy: false });
  expect(store.getState().moment?.at).toBe(0);
});

test('the tree of the moment is that of its sentence, else that of the last walk, a process’s or one of DMA addresses', async () => {
  const { store } = await opened({ at: 26 });
  const moment = required(store.getState().moment);
  const tree = required(moment.view.trees[0]);
  const walk = { event: 0, walker: 'device', who: 'smmu0', page: '0x10000', path: [], end: 'found' } as const;
  const dma = { key: 'domain/0', name: 'domain A', root: '821', asid: 1, pasid: null, levels: [], leaves: [] };
  const withWalks = (ofProcess: number, ofDma: number) => {
    const trees = [{ ...tree, walk: { ...walk, event: ofProcess } }];
    const dmaTrees = [{ ...dma, walk: { ...walk, event: ofDma } }];
    return { ...moment, touched: [], now: { ...moment.now, mm: null }, view: { ...moment.view, trees, dmaTrees } };
  };

  expect(treeOfMoment(moment)).toBe('mm/0');
  expect(treeOfMoment(withWalks(20, 24))).toBe('domain/0');
  expect(treeOfMoment(withWalks(24, 20))).toBe('mm/0');
});

function required<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('the fixture has it');
  return value;
}
