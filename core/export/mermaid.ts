import { machineOf } from '../play/play.ts';
import { chartRows, type StepRow, toldOf } from './chart-rows.ts';
import { commandOf, fingerprintOf, type Run } from './run.ts';
import { lanesOf } from './story.ts';
import { CORE_VERSION } from './version.ts';

/** Arrows of Mermaid by what travels: a call, an answer, a message that nobody waits for, a wake-up. */
const ARROWS = { call: '->>', response: '-->>', message: '-)', wakeup: '--)' } as const;

/** The run as a sequence diagram for Mermaid: the rows of the text chart, with the number of each event before its text. */
export function mermaidOf(run: Run): string {
  const lanes = lanesOf(machineOf(run.play));
  const rows = chartRows(toldOf(run));
  const names = new Set(
    rows.flatMap((row) => (row.kind === 'arrow' ? [row.from, row.to] : row.kind === 'mark' ? [row.lane] : [])),
  );
  const known = lanes.filter(({ id }) => names.has(id));
  const strangers = [...names].filter((name) => known.every(({ id }) => id !== name));
  const all = [...strangers.map((id) => ({ id, label: id })), ...known];
  const idOf = (name: string): string => `p${all.findIndex(({ id }) => id === name)}`;
  const everyone = all.length > 1 ? `p0,p${all.length - 1}` : 'p0';
  const lines = rows.map((row) => {
    if (row.kind === 'arrow' || row.kind === 'mark') return stepLine(row, idOf);
    const head = 'event' in row && row.event !== null ? `${row.event} ` : '';
    return `Note over ${everyone}: ${head}${SIGNS[row.kind]}${plainText(row.text)}`;
  });
  return `${[
    `%% ${plainText(commandOf(run))} --format mermaid`,
    `%% core ${CORE_VERSION}, fingerprint ${fingerprintOf(run)}`,
    'sequenceDiagram',
    ...all.map(({ label }, index) => `  participant p${index} as ${plainText(label)}`),
    ...(all.length === 0 ? [] : lines.map((line) => `  ${line}`)),
  ].join('\n')}\n`;
}

const SIGNS = { chapter: '', note: '', command: '$ ', answer: '= ', broken: '' } as const;

function stepLine(row: StepRow, idOf: (name: string) => string): string {
  const text = `${row.event} ${plainText(row.text)}`;
  if (row.kind === 'mark') return `Note over ${idOf(row.lane)}: ${row.steps === 1 ? '' : `(${row.steps}) `}${text}`;
  return `${idOf(row.from)}${ARROWS[row.traffic]}${idOf(row.to)}: ${text}`;
}

/** Letters that mean something to Mermaid or to the page that shows it, as its own codes (`#35;` is #). */
function plainText(text: string): string {
  return text.replaceAll(/[#;<>{}&"%\n\r]/g, (letter) => `#${letter.charCodeAt(0)};`);
}
