import { err, ok, type Result } from '../lib/result.ts';
import { eventsOf, type Machine, seek } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { LOG_SCHEMA } from './event-log.ts';
import { fingerprintOf, type Run } from './run.ts';
import { CORE_VERSION } from './version.ts';

/** An event log that was read: how to come to its end again, and what it promises of that. */
export interface EventLog {
  readonly core: string;
  readonly script: string;
  readonly files: Readonly<Record<string, string>>;
  readonly policy: string;
  /** The bug of the museum in its kernel, null for none. */
  readonly bug: string | null;
  /** The back end that it was played on. */
  readonly backend: string;
  readonly events: number;
  readonly fingerprint: string;
  /** The lines of its events, first event first. */
  readonly lines: readonly string[];
}

/** What is wrong with a log, and in which of its lines; 1 is the header. */
export interface LogMistake {
  readonly line: number;
  readonly message: string;
}

/** A log of more letters, a script of more, or more events are not read: they would fill the memory. */
const [LONGEST, LONGEST_SCRIPT, MOST_EVENTS] = [200_000_000, 200_000, 1_000_000];

/** Whether a text is meant to be an event log: a script never begins so. */
export function isEventLog(text: string): boolean {
  return text.trimStart().startsWith('{');
}

/** Reads what `eventLog` writes. Nothing is played yet. */
export function readEventLog(text: string): Result<EventLog, LogMistake> {
  if (text.length > LONGEST) return wrong(1, `the log has more than ${LONGEST / 1_000_000} million letters`);
  const [first = '', ...lines] = text.trim().split(/\r?\n/);
  const header = objectIn(first);
  if (header === null) return wrong(1, 'the header is not a JSON object; an event log begins with one');
  const { schema } = header;
  if (schema !== LOG_SCHEMA) return wrong(1, `schema ${shown(schema)} is not known here, only ${LOG_SCHEMA}`);
  const { bug = null, backend = 'smmuv3' } = header;
  if (typeof backend !== 'string') return wrong(1, `"backend" is ${shown(backend)}, and should be a text`);
  if (bug !== null && typeof bug !== 'string') return wrong(1, `"bug" is ${shown(bug)}, and should be a text or null`);
  const fault = TEXTS.find((name) => typeof header[name] !== 'string') ?? (isFiles(header['files']) ? null : 'files');
  if (fault !== null) return wrong(1, `"${fault}" is ${shown(header[fault])}, and should be ${SHAPES[fault]}`);
  const log = header as unknown as Omit<EventLog, 'bug' | 'backend' | 'lines'>;
  if (log.script.length > LONGEST_SCRIPT) return wrong(1, `the script has more than ${LONGEST_SCRIPT} letters`);
  if (!Number.isInteger(log.events) || log.events < 0 || log.events > MOST_EVENTS) {
    return wrong(1, `"events" is ${shown(log.events)}, and should be a number of events up to ${MOST_EVENTS}`);
  }
  if (lines.length !== log.events) {
    return wrong(
      Math.min(lines.length, log.events) + 2,
      `the header says ${log.events} events, and ${lines.length} follow`,
    );
  }
  const odd = lines.findIndex((line, index) => objectIn(line)?.['event'] !== index + 1);
  return odd < 0
    ? ok({ ...log, bug, backend, lines })
    : wrong(odd + 2, `this is not event ${odd + 1} as a JSON object`);
}

const TEXTS = ['core', 'script', 'policy', 'fingerprint'] as const;
const SHAPES = { core: 'a text', script: 'a text', policy: 'a text', fingerprint: 'a text', files: 'texts by name' };

function wrong(line: number, message: string): Result<never, LogMistake> {
  return err({ line, message });
}

/** A value for a message: short, whatever it is. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function objectIn(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    // Not JSON: the caller says in which line.
    return null;
  }
}

function isFiles(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

/** Goes to the end of the log in a run of its script, and says what is not as the log has it; null if all is. */
export function compareWithLog(run: Run, log: EventLog): string | null {
  const machine = machineOf(run.play);
  const why =
    log.core === CORE_VERSION ? 'its text was changed' : `it was made by core ${log.core}, this is ${CORE_VERSION}`;
  if (eventsOf(machine) < log.events) return `The run of this log ends after ${eventsOf(machine)} events: ${why}.`;
  seek(machine, log.events);
  const other = firstDifference(machine, log);
  if (other !== null)
    return `Line ${other + 1} of the log tells event ${other} otherwise than it happens here: ${why}.`;
  if (fingerprintOf(run) === log.fingerprint) return null;
  return `This is not the state that the log ends with: ${why}.`;
}

/** The first event that the log has otherwise, null for none. */
function firstDifference({ trace }: Machine, { lines }: EventLog): number | null {
  const index = lines.findIndex((line, at) => {
    const told = JSON.stringify(trace[at]);
    // As a rule it is written letter by letter as here; only another way of writing it has to be read.
    return told !== line && told !== JSON.stringify(JSON.parse(line));
  });
  return index < 0 ? null : index + 1;
}
