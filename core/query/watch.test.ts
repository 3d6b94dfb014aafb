import { expect, test } from 'vitest';
import { at, eventsOf, type Machine, seek } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { playCommand, playScript } from '../play/script.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { parseScript } from '../script/index.ts';
import { evaluate } from './evaluate.ts';
import { parseExpression } from './parse.ts';
import { type Series, seriesOf, stopFrom, valueAt, vocabularyOf } from './watch.ts';
import { watchView } from './watch-view.ts';

function machine(scenario = 'first-touch'): Machine {
  const text = SCENARIOS.find(({ id }) => id === scenario)?.text ?? '';
  return machineOf(playScript(text, { files: FILES }).play);
}

function series(of: Machine, text: string): Series {
  const made = seriesOf(of, text);
  if (!made.ok) throw new Error(`${made.error.column}: ${made.error.message}`);
  return made.value;
}

const stepAt = (of: Machine, event: number): string => of.trace[event - 1]?.step ?? '';

test('a field of a row has one value per change, by the words of the inspector', () => {
  const run = machine();

  const { events, values } = series(run, 'job/0.state');

  expect(values.map(({ words }) => words)).toEqual(['none', 'queued', 'running', 'waiting', 'running', 'done']);
  expect(events.map((event) => stepAt(run, event))).toEqual([
    ...['', 'accel_submit.submit', 'dma_engine.idle', 'dma_engine.group', 'dma_engine.retry', 'dma_engine.finish'],
  ]);
});

test.each([
  ['process/app.pasid', '1'],
  ['count(job)', '1'],
  ['count(job where state = done)', '1'],
  ['count(job where state = "done" and pasid = 2)', '0'],
  ['length(smmu0/priq)', '0'],
  ['not job/0.state = done or 1 > 2', 'no'],
  ['(event + 1) - event = 1', 'yes'],
  ['cd/0/1.ASID = 0x10', 'yes'],
  ['job/7.state', 'none'],
  ['job/7.state = none', 'yes'],
  ['step ~ FINISH', 'yes'],
  ['who = gpu0', 'yes'],
  ['page/0/7f0000001.valid', '0x1'],
])('%s is %s at the end of first-touch', (text, words) => {
  const run = machine();
  expect(valueAt(series(run, text), eventsOf(run)).words).toBe(words);
});

test.each([
  ['', 1, 'a value is missing'],
  ['job/0.stat', 7, 'did you mean "state"'],
  ['jbo/0.state', 1, 'there is nothing of the kind jbo'],
  ['job.state', 1, 'which job is meant'],
  ['count(jobs)', 7, 'there is no table jobs; did you mean "job"'],
  ['count(job where stat = done)', 17, 'did you mean "state"'],
  ['count(job', 10, '")" is missing'],
  ['length(priq)', 8, 'smmu0/priq'],
  ['pasid', 1, 'there is no pasid'],
  ['1 2', 3, 'not expected'],
  ['event = ', 9, 'a value is missing'],
  ['event = 1 &', 11, 'not expected'],
  ['constructor/0.x', 1, 'nothing of the kind'],
  ['('.repeat(500), 1, 'at most 400'],
])('%s is refused at column %i: %s', (text, column, message) => {
  const read = parseExpression(text, vocabularyOf(machine()));
  expect(read).toMatchObject({ ok: false, error: { column, message: expect.stringContaining(message) } });
});

test('what is left out because nothing was written is what asking at every event gives', () => {
  const run = machine('unmap-during-dma');
  const texts = [
    'count(message)',
    'job/0.state',
    'length(smmu0/cmdq)',
    'atc/0/0.Page',
    'page/0/7f0000001.OA',
    'count(frame)',
    'lock/0.holder',
  ].filter((text) => parseExpression(text, vocabularyOf(run)).ok);
  for (const text of texts) {
    const made = series(run, text);
    const read = parseExpression(text, vocabularyOf(run));
    for (let event = 0; event <= eventsOf(run); event += 1) {
      seek(run, event);
      const value = read.ok ? evaluate(run, read.value).words : '';
      expect(valueAt(made, event).words, `${text} after event ${event}`).toBe(value);
    }
  }
  expect(texts.length).toBeGreaterThan(5);
});

test('a stop on the state is where it becomes true, and the same from both sides', () => {
  const run = machine();
  seek(run, 20);

  const waits = series(run, 'job/0.state = waiting');

  expect(at(run)).toBe(20);
  const stop = stopFrom(waits, 0, 1) ?? 0;
  expect(stepAt(run, stop)).toBe('dma_engine.group');
  expect([stopFrom(waits, stop, 1), stopFrom(waits, eventsOf(run), -1), stopFrom(waits, stop, -1)]).toEqual([
    null,
    stop,
    null,
  ]);
});

test('a stop on messages is at each event that has one', () => {
  const run = machine();

  const syncs = series(run, 'message ~ CMD_SYNC');

  expect(syncs.stops.length).toBeGreaterThan(1);
  for (const stop of syncs.stops)
    expect(run.trace[stop - 1]?.messages.map(({ text }) => text).join()).toContain('CMD_SYNC');
});

test('the view of a watch lists the changes around the moment and draws the run', () => {
  const run = machine();
  const view = watchView('job/0.state', series(run, 'job/0.state'), 70);

  expect(view).toMatchObject({ value: 'waiting', count: 5 });
  expect(view.changes.filter(({ now }) => now)).toEqual([expect.objectContaining({ value: 'waiting' })]);
  expect(view.spark.at(0)).toMatchObject({ low: 0 });
  expect(view.spark.at(-1)?.high).toBe(1);
});

test('the view of a watch over a part of the run has the changes of that part alone', () => {
  const run = machine();
  const all = series(run, 'job/0.state');
  const [first = 0, second = 0] = all.events.slice(1);
  const view = watchView('job/0.state', all, second, { first, last: second });

  expect(view.count).toBe(1);
  expect(view.changes.map(({ event }) => event)).toEqual([first, second]);
  expect(view.spark).toHaveLength(Math.min(160, second - first));
  expect(watchView('job/0.state', all, second, { first: second, last: second + 1 }).count).toBe(0);
});

test('going on after a watch gives the events that would have come without it', () => {
  const text = SCENARIOS.find(({ id }) => id === 'first-touch')?.text ?? '';
  const [plain, watched] = [playScript(text, { files: FILES }).play, playScript(text, { files: FILES }).play];
  const more = parseScript('dma gpu0 app write heap+0x3000 64\nrun').commands;

  for (const command of more) {
    series(machineOf(watched), 'count(message) + length(smmu0/cmdq)');
    for (const play of [plain, watched]) playCommand(play, command);
  }

  const stepsOf = ({ trace }: Machine) => trace.map(({ step, time }) => `${time} ${step}`);
  expect(stepsOf(machineOf(watched))).toEqual(stepsOf(machineOf(plain)));
  expect(machineOf(watched).trace.length).toBeGreaterThan(150);
});
