import { expect, test } from 'vitest';
import { playScript } from '../play/script.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { perfettoOf, type TraceEvent } from './perfetto.ts';
import { slicesOf } from './slices.ts';
import { traceEntry } from './testing.ts';

function traceOf(id: string): { otherData: Record<string, string>; traceEvents: TraceEvent[] } {
  const text = SCENARIOS.find((scenario) => scenario.id === id)?.text ?? '';
  return JSON.parse(perfettoOf({ name: id, script: text, play: playScript(text, { files: FILES }).play }));
}

const trackOf = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`;
const spanOf = ({ ts = Number.NaN, dur = Number.NaN }: TraceEvent) => {
  const start = Math.round(ts * 1000);
  return { start, end: start + Math.round(dur * 1000) };
};

/** The names of what is open on a track when each slice begins; a slice that ends after what it is in is an error. */
function nestingOf(slices: readonly TraceEvent[]): string[][] {
  const open: TraceEvent[] = [];
  return slices.map((slice) => {
    while (open.length > 0 && spanOf(open.at(-1) as TraceEvent).end <= spanOf(slice).start) open.pop();
    const around = open.at(-1);
    if (around !== undefined && spanOf(around).end < spanOf(slice).end)
      throw new Error(`${slice.name} leaves ${around.name}`);
    open.push(slice);
    return open.map(({ name }) => name);
  });
}

const some = ['first-touch', 'unmap-during-dma', 'two-binders', 'fault-while-exiting', 'bug-exit-handler', 'httu'];

test.each(some)(
  'the trace of %s is one that a viewer can read: tracks are named, slices nest, flows and jobs pair up',
  (id) => {
    const { traceEvents } = traceOf(id);
    const of = (...kinds: TraceEvent['ph'][]) => traceEvents.filter(({ ph }) => kinds.includes(ph));

    const named = new Set(
      of('M')
        .filter(({ name }) => name === 'thread_name')
        .map(trackOf),
    );
    expect(of('X', 's', 'f', 'i').filter((event) => !named.has(trackOf(event)))).toEqual([]);
    const tracks = new Map<string, TraceEvent[]>();
    for (const slice of of('X')) tracks.set(trackOf(slice), [...(tracks.get(trackOf(slice)) ?? []), slice]);
    for (const slices of tracks.values()) nestingOf(slices);
    expect(tracks.size).toBeGreaterThan(2);

    const pairs = (begin: TraceEvent['ph'], end: TraceEvent['ph']) => {
      const [begun, ended] = [of(begin), of(end)];
      expect(new Set(begun.map((each) => each.id)).size).toBe(begun.length);
      expect(ended.map((each) => each.id).sort()).toEqual(begun.map((each) => each.id).sort());
      for (const each of begun)
        expect(each.ts).toBeLessThanOrEqual(ended.find(({ id: same }) => same === each.id)?.ts ?? -1);
      return begun.length;
    };
    expect(pairs('s', 'f')).toBeGreaterThan(3);
    pairs('b', 'e');
    const ends = of('s', 'f');
    const isOpen = (end: TraceEvent) =>
      (tracks.get(trackOf(end)) ?? []).some((slice) => {
        const at = Math.round((end.ts ?? -1) * 1000);
        return spanOf(slice).start <= at && at < spanOf(slice).end;
      });
    expect(ends.filter((end) => !isOpen(end))).toEqual([]);
    expect(traceEvents.filter((each) => each.id !== undefined && typeof each.id !== 'string')).toEqual([]);
  },
);

test('the trace of first-touch has its calls, its job, its page request and where it comes from', () => {
  const { traceEvents, otherData } = traceOf('first-touch');

  expect(otherData['command']).toBe('svm run first-touch --policy rfcv2');
  const bind = traceEvents.filter(({ ph, pid, tid }) => ph === 'X' && pid === 1 && tid === 13);
  expect(nestingOf(bind).map((names) => names.join(' > '))).toContain(
    'accel_bind() > iommu_process_bind_device() > arm_smmu_process_alloc() > share',
  );
  expect(traceEvents.filter(({ cat }) => cat === 'job').map(({ args }) => args?.['outcome'])).toEqual([
    undefined,
    'done',
  ]);
  const queued = traceEvents.filter(({ ph, name }) => ph === 'C' && name === 'PRI queue');
  expect(queued.map(({ args }) => args?.['records'])).toEqual([0, 1, 0]);
  expect(traceEvents.filter(({ cat }) => cat === 'command').map(({ name }) => name)[0]).toContain('bind app gpu0');
});

test('a thread that is woken again begins its function anew, and a tail call is another one', () => {
  const step = (event: number, given: object) => traceEntry({ event, time: event * 100, actor: 1, ...given });
  const slices = slicesOf([
    step(1, { step: 'thread.wait' }),
    step(2, { step: 'thread.work', depthAfter: 2 }),
    step(3, { step: 'helper.one', depth: 2, depthAfter: 2 }),
    step(4, { step: 'tail.one', depth: 2, depthAfter: 1 }),
    step(5, { step: 'thread.wait' }),
  ]);

  expect(slices.filter(({ entry }) => entry === null).map(({ name, start, end }) => [name, start, end])).toEqual([
    ['thread()', 100, 410],
    ['helper()', 300, 310],
    ['tail()', 400, 410],
    ['thread()', 500, 510],
  ]);
});
