import { compareWithLog, type EventLog, readEventLog } from '../export/read-log.ts';
import { backEndFor } from '../hardware/back-end.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { readChoice } from '../play/choice.ts';
import type { Play } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { NO_BUG } from '../policy/policy.ts';
import { FILES } from '../scenarios/catalogue.ts';
import type { Diagnostic } from '../script/index.ts';

/** The run of an event log, played again; its machine stands at the end of the log. */
export interface Replay {
  readonly log: EventLog;
  readonly play: Play;
  /** What is not as the log has it, null if all is. */
  readonly difference: string | null;
}

/** Plays the script of an event log under the kernel that the log names. */
export function replay(text: string): Result<Replay, readonly Diagnostic[]> {
  const read = readEventLog(text);
  if (!read.ok) return err([mistake(read.error.line, read.error.message)]);
  const log = read.value;
  const kernel = readChoice({ policy: log.policy, bug: log.bug ?? NO_BUG, backend: log.backend });
  if (!kernel.ok) return err([mistake(1, kernel.error)]);
  const files = { ...FILES, ...log.files };
  const asWritten = playScript(log.script, { files });
  const isIts = ({ hardware }: Play): boolean =>
    hardware.policy.name === log.policy && hardware.bug === log.bug && backEndFor(hardware.paging).name === log.backend;
  const { play, diagnostics } = isIts(asWritten.play) ? asWritten : playScript(log.script, { files, ...kernel.value });
  const [first] = diagnostics;
  if (first !== undefined) return err([mistake(1, `its script, line ${first.line}: ${first.message}`)]);
  return ok({ log, play, difference: compareWithLog({ name: 'log', script: log.script, play }, log) });
}

/** Something wrong in a line of a log. */
function mistake(line: number, message: string): Diagnostic {
  return { line, column: 1, endColumn: 1, message, expected: [] };
}
