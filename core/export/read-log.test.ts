import { beforeAll, expect, test } from 'vitest';
import { eventsOf, seek } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { FILES } from '../scenarios/catalogue.ts';
import { eventLog } from './event-log.ts';
import { compareWithLog, readEventLog } from './read-log.ts';
import type { Run } from './run.ts';

const SCRIPT = `machine smmuv3
device gpu0 pci 00:01.0 ats pri pasid 16
process perl maps perl.maps
bind perl gpu0
note "Bound."
dma gpu0 perl write heap 64
run
`;

const play = (): Run => ({ name: 'some.svm', script: SCRIPT, play: playScript(SCRIPT, { files: FILES }).play });

let run: Run;
let text: string;
beforeAll(() => {
  run = play();
  seek(machineOf(run.play), 40);
  text = eventLog(run);
});

function read(changed: string) {
  const log = readEventLog(changed);
  if (!log.ok) throw new Error(`${log.error.line}: ${log.error.message}`);
  return log.value;
}

test('a log that is read leads to the identical run, event by event, and to its moment', () => {
  const log = read(text);
  const again = play();

  expect(log).toMatchObject({ script: SCRIPT, events: 40, policy: 'rfcv2' });
  expect(Object.keys(log.files)).toEqual(['perl.maps']);
  expect(compareWithLog(again, log)).toBeNull();
  expect(eventLog(again)).toBe(text);
  expect(eventsOf(machineOf(again.play))).toBeGreaterThan(40);
});

test('a log that was changed or comes from another core is not taken for the run', () => {
  const difference = (from: string | RegExp, to: string) => compareWithLog(play(), read(text.replace(from, to)));

  expect(difference('"fingerprint":"', '"fingerprint":"0')).toBe(
    'This is not the state that the log ends with: its text was changed.',
  );
  expect(difference('is asked to share', 'is told to share')).toMatch(/^Line \d+ of the log tells event 2 otherwise/);
  expect(difference(/"core":"[^"]+"/, '"core":"0.0.1+old"')).toBeNull();
  expect(compareWithLog(play(), { ...read(text), core: '0.0.1+old', fingerprint: '0' })).toContain(
    'made by core 0.0.1+old',
  );
  const longer = { ...read(text), events: 9000 };
  expect(compareWithLog(play(), longer)).toMatch(/^The run of this log ends after \d+ events: its text was changed\.$/);
});

test('what is no log is refused with line and reason', () => {
  const [header = '', ...events] = text.trimEnd().split('\n');
  const edited = (change: object) => [JSON.stringify({ ...JSON.parse(header), ...change }), ...events].join('\n');
  const mistakes: [string, number, string][] = [
    ['', 1, 'the header is not a JSON object'],
    ['[1]', 1, 'the header is not a JSON object'],
    [header.slice(0, 50), 1, 'the header is not a JSON object'],
    ['{"schema":2}', 1, 'schema 2 is not known here, only 1'],
    ['{}', 1, 'schema missing is not known here'],
    [edited({ script: 7 }), 1, '"script" is 7, and should be a text'],
    [edited({ files: { a: 1 } }), 1, '"files" is {"a":1}, and should be texts by name'],
    [edited({ files: null }), 1, '"files" is null, and should be texts by name'],
    [edited({ events: -1 }), 1, '"events" is -1'],
    [edited({ script: 'x'.repeat(200_001) }), 1, 'the script has more than 200000 letters'],
    [
      edited({ policy: { toString: '<img src=x onerror=alert(1)>, and much more of it' } }),
      1,
      '"policy" is {"toString":"<img src=x onerror=al',
    ],
    [[header, ...events.slice(0, 9)].join('\n'), 11, 'the header says 40 events, and 9 follow'],
    [[header, ...events, '{}'].join('\n'), 42, 'the header says 40 events, and 41 follow'],
    [text.replace('"event":17,', '"event":71,'), 18, 'this is not event 17 as a JSON object'],
    [text.replace('{"event":3,', '{"event":3,,'), 4, 'this is not event 3 as a JSON object'],
    [text.replaceAll('"schema":1', '"__proto__":{"schema":1}'), 1, 'schema missing'],
  ];

  for (const [changed, line, message] of mistakes) {
    const log = readEventLog(changed);
    expect(log.ok ? 'was read' : log.error, message).toEqual({ line, message: expect.stringContaining(message) });
  }
});
