import { at } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { chartOf } from './chart.ts';
import { eventLog } from './event-log.ts';
import { invariantsText } from './invariants-view.ts';
import { mermaidOf } from './mermaid.ts';
import { perfettoOf } from './perfetto.ts';
import { raceChartOf } from './race-chart.ts';
import { isWhole, type Run } from './run.ts';
import { viewOf } from './state.ts';
import { traceText } from './trace-text.ts';

interface Form {
  /** How a file of it ends, without the first dot. */
  readonly ending: string;
  make(run: Run): string;
}

/** Every text that a run can be taken away as, told up to the moment that its machine stands at. */
export const FORMATS = {
  chart: { ending: 'chart.txt', make: chartOf },
  race: { ending: 'race.txt', make: raceChartOf },
  mermaid: { ending: 'mmd', make: mermaidOf },
  trace: { ending: 'trace.txt', make: traceText },
  jsonl: { ending: 'jsonl', make: eventLog },
  perfetto: { ending: 'perfetto.json', make: perfettoOf },
  invariants: { ending: 'invariants.txt', make: invariantsText },
  state: { ending: 'state.json', make: (run) => `${JSON.stringify(viewOf(machineOf(run.play)), null, 2)}\n` },
} as const satisfies Readonly<Record<string, Form>>;

export type Format = keyof typeof FORMATS;

/** Whether there is a format of this name. */
export function isFormat(name: string): name is Format {
  return Object.hasOwn(FORMATS, name);
}

/** A name for a file with this run: what was run, under which design, and up to which event if that is not the end. */
export function fileNameOf({ name, play }: Run, ending: string): string {
  const machine = machineOf(play);
  const { policy, bug } = play.hardware;
  const parts = [
    name.replace(/\.svm$/, ''),
    policy.name,
    ...(bug === null ? [] : [bug]),
    ...(isWhole(machine) ? [] : [`at-${at(machine)}`]),
  ];
  return [...parts.map((part) => part.replaceAll(/[^\w-]+/g, '-')), ending].join('.');
}
