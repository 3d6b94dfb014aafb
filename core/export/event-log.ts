import { backEndFor } from '../hardware/back-end.ts';
import { commandOf, entriesOf, fingerprintOf, type Run } from './run.ts';
import { CORE_VERSION } from './version.ts';

/** Version of the log's form; one that cannot be read as before gets a higher number. */
export const LOG_SCHEMA = 1;

/**
 * The run as JSON Lines. The first object is the header: `schema`, `core` (version), `command`, `script` (its text),
 * `files` (texts that it names, by name), `policy`, `bug` (null for none), `backend`, `events` (number of objects that follow), `fingerprint`
 * (of the moment after the last of them) and `marks` (chapters and notes of the script: `event`, `kind`, `text`).
 * Playing `script` with `files`, `policy` and `bug` up to event `events` leads to `fingerprint`. Every other object is one
 * event, a TraceEntry: `event`, `time` (simulated ns), `cause`, `actor`, `who`, `lane`, `step`, `text`, `cite`,
 * `chapter`, `transaction`, `depth`, `depthAfter`, `blocked`, `mm`, `fault`, `messages`, `moments`, `facts`.
 */
export function eventLog(run: Run): string {
  const entries = entriesOf(run);
  const { hardware, marks, options, outcomes } = run.play;
  const named = outcomes.flatMap(({ command }) => (command.verb === 'process' ? (command.maps ?? []) : []));
  const files = Object.entries(options.files ?? {}).filter(([name]) => named.includes(name));
  const header = {
    schema: LOG_SCHEMA,
    core: CORE_VERSION,
    command: commandOf(run),
    script: run.script,
    files: Object.fromEntries(files),
    policy: hardware.policy.name,
    bug: hardware.bug,
    backend: backEndFor(hardware.paging).name,
    events: entries.length,
    fingerprint: fingerprintOf(run),
    marks: marks.filter((mark) => mark.event <= entries.length),
  };
  return `${[header, ...entries].map((object) => JSON.stringify(object)).join('\n')}\n`;
}
