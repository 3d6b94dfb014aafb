import { expect, test } from 'vitest';
import type { MessageView } from '../engine/contract.ts';
import { chooseLanes, foldLocals, laneColumns, lanesWith, layoutRow, lockWaits, windowOf } from './lanes.ts';

const message = (event: number, from: string, to = from, text = 'x'): MessageView => ({
  event,
  traffic: from === to ? 'local' : 'call',
  from,
  to,
  text,
  mm: null,
  fault: false,
});
const lanes = ['app', 'mm', 'smmu'].map((id) => ({ id, label: id }));
const columns = laneColumns(lanes, 600);
const drawn = { at: columns, order: lanes.map(({ id }) => id) };

test('lanes stand at equal distances in their order', () => {
  const [app = 0, mm = 0, smmu = 0] = [...columns.values()];

  expect(mm - app).toBeCloseTo(smmu - mm);
  expect(app).toBeGreaterThan(0);
  expect(smmu).toBeLessThan(600);
});

test('an actor that only a message names has a lane', () => {
  expect(lanesWith(lanes, [message(1, 'app', 'nic1')]).map(({ id }) => id)).toEqual(['app', 'mm', 'smmu', 'nic1']);
});

test('words stand on an arrow that is long enough, else beside it, and always inside', () => {
  const short = layoutRow(message(1, 'app', 'smmu', 'SYNC'), drawn, 600);
  const long = layoutRow(message(1, 'mm', 'smmu', 'a page request of group 7, the last, to write'), drawn, 600);

  expect(short.on).toBe(true);
  expect(long.on).toBe(false);
  for (const { x, width } of [short, long]) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(600);
  }
});

test('local events of one actor in a row are one row', () => {
  const runs = foldLocals([message(1, 'app'), message(2, 'app'), message(3, 'app', 'mm'), message(4, 'app')], 9);

  expect(runs.map(({ first, last, count }) => [first, last, count])).toEqual([
    [1, 2, 2],
    [3, 3, 1],
    [4, 4, 1],
  ]);
});

test('the row of the moment stands alone', () => {
  const events = [1, 2, 3, 4].map((event) => message(event, 'app'));

  expect(foldLocals(events, 3).map(({ first, last }) => [first, last])).toEqual([
    [1, 2],
    [3, 3],
    [4, 4],
  ]);
});

test('messages of one event are rows of their own', () => {
  const runs = foldLocals([message(1, 'app', 'mm'), message(1, 'mm', 'smmu'), message(2, 'app', 'mm')], 2);

  expect(runs.map(({ id }) => id)).toEqual(['1/0', '1/1', '2/0']);
});

test('the window ends a little after the moment, and shows more past where there is no future', () => {
  const runs = foldLocals(
    Array.from({ length: 20 }, (_, index) => message(index + 1, 'app', 'mm')),
    10,
  );
  const shown = (at: number) => windowOf(runs, at, { past: 4, future: 2 }).map(({ first }) => first);

  expect(shown(10)).toEqual([7, 8, 9, 10, 11, 12]);
  expect(shown(20)).toEqual([15, 16, 17, 18, 19, 20]);
  expect(shown(0)).toEqual([1, 2]);
});

test('an end without a lane is near the other one, on the side on which its lane would be', () => {
  const [mm = 0] = [columns.get('mm')];
  const some = { at: new Map([['mm', mm]]), order: drawn.order };

  const out = layoutRow(message(1, 'mm', 'smmu'), some, 600);
  const back = layoutRow(message(1, 'app', 'mm'), some, 600);

  expect([out.from, out.to > mm, out.stub]).toEqual([mm, true, 'to']);
  expect([back.to, back.from < mm, back.stub]).toEqual([mm, true, 'from']);
  expect(layoutRow(message(1, 'app', 'smmu'), some, 600).stub).toBe('both');
});

const many = Array.from({ length: 30 }, (_, n) => ({ id: `actor${n}`, label: `actor number ${n}` }));
const chosen = (messages: readonly MessageView[], wishes: [string, boolean][] = [], at = 5) =>
  chooseLanes(many, messages, { at, width: 600 }, new Map(wishes)).map(({ id }) => id);

test('of more lanes than fit those are shown that something is said between, in their order', () => {
  const shown = chosen([message(3, 'actor20', 'actor4'), message(4, 'actor9')]);

  expect(shown).toEqual(['actor4', 'actor9', 'actor20']);
  expect(chosen([message(3, 'actor20', 'actor4')], [], 300)).toEqual([]);
});

test('what the person wants is shown, and what not is not', () => {
  const said = [message(3, 'actor20', 'actor4')];

  expect(
    chosen(said, [
      ['actor1', true],
      ['actor4', false],
    ]),
  ).toEqual(['actor1', 'actor20']);
  expect(chooseLanes(lanes, [], { at: 0, width: 600 }, new Map([['mm', false]]))).toHaveLength(2);
});

test('whoever waits for a lock is drawn towards the one who has it', () => {
  const lock = { key: 'lock/1', name: 'mmap_sem', holder: 'fault worker', holderLane: 'faults' };

  const [wait] = lockWaits([{ ...lock, waiters: ['app'], waiterLanes: ['app'] }], 7);

  expect(wait).toMatchObject({ event: 7, traffic: 'wait', from: 'app', to: 'faults', text: 'app waits for mmap_sem' });
});
