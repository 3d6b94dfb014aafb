import { eventsOf, type Machine } from '../machine/machine.ts';
import { align } from './align.ts';
import { diffOf, type ThingDiff } from './diff.ts';
import { sentenceOf } from './story.ts';

/** A run that is compared, and the moment of it; null: its end. */
export interface Side {
  readonly name: string;
  readonly machine: Machine;
  readonly event: number | null;
}

/** Characters of one of the two columns: both, with what is between them, fit 75. */
const COLUMN = 36;

/** Two runs beside each other by cause, 75 columns of ASCII; what has no partner stands alone. */
export function comparisonText(left: Side, right: Side): string {
  const rows = align(left.machine, right.machine);
  const lines = rows.left.map((event, row) => {
    const other = rows.right[row] ?? 0;
    const sign = event === 0 ? '>' : other === 0 ? '<' : ' ';
    return `${cell(left.machine, event)} ${sign} ${cell(right.machine, other)}`.trimEnd();
  });
  const [only, others] = [eventsOf(left.machine) - rows.shared, eventsOf(right.machine) - rows.shared];
  const told = `# ${rows.shared} events of both runs, ${only} of the left one only, ${others} of the right one only`;
  return `${[titleOf(left, right), told, ...lines].join('\n')}\n`;
}

function cell({ trace }: Machine, event: number): string {
  const entry = trace[event - 1];
  const text = entry === undefined ? '' : `${String(event).padStart(5)} ${sentenceOf(entry)}`;
  return (text.length > COLUMN ? `${text.slice(0, COLUMN - 2)}..` : text).padEnd(COLUMN);
}

/** What differs between two moments, thing by thing. */
export function differenceText(left: Side, right: Side): string {
  const [one, other] = [left, right].map(({ machine, event }) => ({ machine, event: event ?? eventsOf(machine) }));
  const things = one === undefined || other === undefined ? [] : diffOf(one, other);
  const told = things.length === 0 ? ['Nothing differs.'] : things.flatMap(linesOf);
  return `${[titleOf(left, right), ...told].join('\n')}\n`;
}

function titleOf(left: Side, right: Side): string {
  const nameOf = ({ name, event }: Side): string => (event === null ? name : `${name}@${event}`);
  return `# ${nameOf(left)} | ${nameOf(right)}`;
}

function linesOf({ kind, title, change, fields }: ThingDiff): string[] {
  const head = `${kind} ${title}${change === 'changed' ? '' : `: ${change}`}`;
  return [head, ...fields.map(({ name, left, right }) => `  ${name.padEnd(16)} ${left || '-'} -> ${right || '-'}`)];
}
