import { duration } from '../lib/format.ts';
import type { TraceEntry } from '../machine/trace.ts';
import { commandOf, entriesOf, fingerprintOf, type Run } from './run.ts';
import { CORE_VERSION } from './version.ts';

/**
 * The run as text, one line per event after two that say where it comes from: number, cause, simulated time, who,
 * procedure.label, sentence, and in brackets the source. A chapter of the script is a line that begins with `==`.
 */
export function traceText(run: Run): string {
  const head = [`# ${commandOf(run)}`, `# core ${CORE_VERSION}, fingerprint ${fingerprintOf(run)}`];
  const chapters = run.play.marks.filter((mark) => mark.kind === 'chapter');
  const lines = entriesOf(run).flatMap((entry) => {
    const opened = chapters.filter(({ event }) => event === entry.event - 1);
    return [...opened.map(({ text }) => `== ${text}`), lineOf(entry)];
  });
  return `${[...head, ...lines].join('\n')}\n`;
}

function lineOf({ event, cause, time, who, step, text, cite }: TraceEntry): string {
  const columns = [
    String(event).padStart(5),
    `<${cause}`.padStart(6),
    duration(time).padStart(10),
    who.padEnd(24),
    step.padEnd(38),
    cite === '' ? text : `${text}  [${cite}]`,
  ];
  return columns.join('  ');
}
