import { dirname, join } from 'node:path';
import { type EventLog, isEventLog, readEventLog } from '../export/read-log.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { suggestion } from '../lib/suggestion.ts';
import { describeScript, FILES, SCENARIOS, type Scenario } from '../scenarios/catalogue.ts';
import { type Diagnostic, parseScript } from '../script/index.ts';
import type { Io } from './io.ts';

/** A script from the catalogue, a file or the standard input. */
export interface Source {
  readonly name: string;
  readonly text: string;
  /** Texts that it can name: those of the catalogue, and files beside it. */
  readonly files: Readonly<Record<string, string>>;
  /** The event log that it was taken from, null for none. */
  readonly log: EventLog | null;
  /** What it says of machines that it makes no sense on. */
  readonly only: Scenario['only'];
}

/** Why a word of the command line gives no script, in a sentence; malformed: there is something, but it cannot be read. */
export interface NoSource {
  readonly malformed: boolean;
  readonly message: string;
}

/** The script that a word of the command line means. */
export function findSource(io: Io, word: string): Result<Source, NoSource> {
  const scenario = SCENARIOS.find(({ id }) => id === word);
  if (scenario !== undefined) return ok({ ...scenario, name: word, files: FILES, log: null });
  const text = io.read(word);
  if (text !== null && isEventLog(text)) return sourceInLog(word, text);
  if (text !== null) {
    const { only } = describeScript(word, text);
    return ok({ name: word, text, files: { ...filesBeside(io, word, text), ...FILES }, log: null, only });
  }
  const hint = suggestion(
    word,
    SCENARIOS.map(({ id }) => id),
  );
  return err({ malformed: false, message: `there is no scenario and no file ${word}${hint}` });
}

function sourceInLog(word: string, text: string): Result<Source, NoSource> {
  const log = readEventLog(text);
  if (!log.ok) return err({ malformed: true, message: `${word}:${log.error.line}: ${log.error.message}` });
  const { script, files } = log.value;
  return ok({ name: word, text: script, files: { ...FILES, ...files }, log: log.value, only: null });
}

/** The maps files that a script names, read from where it lies. */
function filesBeside(io: Io, path: string, text: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const command of parseScript(text).commands) {
    if (command.verb !== 'process' || command.maps === null) continue;
    const content = io.read(join(path === '-' ? '.' : dirname(path), command.maps));
    if (content !== null) files[command.maps] = content;
  }
  return files;
}

/** FILE:LINE:COL: message, as compilers write it. */
export function located(name: string, { line, column, message }: Diagnostic): string {
  return `${name}:${line}:${column}: ${message}`;
}
