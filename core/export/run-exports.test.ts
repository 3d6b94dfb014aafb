import { beforeAll, expect, test } from 'vitest';
import { eventsOf, seek } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { readPolicy } from '../policy/policy.ts';
import { FILES } from '../scenarios/catalogue.ts';
import { chartOf } from './chart.ts';
import { eventLog } from './event-log.ts';
import { fingerprintOf, type Run } from './run.ts';
import { traceText } from './trace-text.ts';
import { CORE_VERSION, hashOf } from './version.ts';

const SCRIPT = `machine smmuv3
device gpu0 pci 00:01.0 ats pri pasid 16
process perl maps perl.maps
chapter "Bind"
bind perl gpu0
note "Bound."
chapter "Work"
dma gpu0 perl write heap 64
run
`;

let run: Run;
beforeAll(() => {
  run = { name: 'some.svm', script: SCRIPT, play: playScript(SCRIPT, { files: FILES }).play };
});

const linesOf = (text: string): string[] => text.trimEnd().split('\n');

test('a trace has one line for each event, after two that say where it comes from', () => {
  const [first, second, ...lines] = linesOf(traceText(run));

  expect(first).toBe('# svm run some.svm --policy rfcv2');
  expect(second).toBe(`# core ${CORE_VERSION}, fingerprint ${fingerprintOf(run)}`);
  const events = lines.filter((line) => !line.startsWith('=='));
  expect(events).toHaveLength(eventsOf(machineOf(run.play)));
  expect(events[1]).toMatch(
    /^ {4}2 {6}<1 +[0-9.]+ [mnu]?s +device driver +accel_bind\.enter +is asked to share .* \[RFCv2 .*\]$/,
  );
  expect(lines.filter((line) => line.startsWith('=='))).toEqual(['== Bind', '== Work']);
});

test('an event log holds all that is needed to come to its end again', () => {
  const [header, ...events] = linesOf(eventLog(run)).map((line) => JSON.parse(line));

  const policy = readPolicy(header.policy);
  if (!policy.ok) throw new Error(policy.error);
  const again = playScript(header.script, { policy: policy.value, files: header.files }).play;
  seek(machineOf(again), header.events);
  expect(fingerprintOf({ ...run, play: again })).toBe(header.fingerprint);
  expect(Object.keys(header.files)).toEqual(['perl.maps']);
  expect(events).toEqual(JSON.parse(JSON.stringify(machineOf(run.play).trace)));
  expect(header.marks).toEqual(run.play.marks);
});

test('a run that stands at a moment is told up to there, with the command that leads there', () => {
  const machine = machineOf(run.play);
  const whole = fingerprintOf(run);
  seek(machine, 20);

  expect(linesOf(chartOf(run))[0]).toBe('svm run some.svm --policy rfcv2 --at 20');
  expect(linesOf(traceText(run)).at(-1)).toMatch(/^ +20 /);
  const [header, ...events] = linesOf(eventLog(run)).map((line) => JSON.parse(line));
  expect([header.events, events.length]).toEqual([20, 20]);
  expect(header.fingerprint).not.toBe(whole);
  seek(machine, eventsOf(machine));
});

test('the version of the core changes with any fingerprint', () => {
  expect(CORE_VERSION).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{8}$/);
  expect(hashOf({ a: '01', b: '02' })).not.toBe(hashOf({ a: '01', b: '03' }));
  expect(hashOf({ a: '01', b: '02' })).not.toBe(hashOf({ a: '02', b: '01' }));
});
