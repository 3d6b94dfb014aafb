import { siliconOf } from '../iommu/silicon.ts';
import { machineOf } from '../play/play.ts';
import { CHART_WIDTH, drawChart, plain } from './chart-drawing.ts';
import { chartRows, toldOf } from './chart-rows.ts';
import { commandOf, fingerprintOf, type Run } from './run.ts';
import { lanesOf } from './story.ts';
import { CORE_VERSION } from './version.ts';

/**
 * The run as a sequence chart for a mail: 7-bit ASCII, at most 75 columns, no tabs, no trailing blanks. The first
 * lines say where it comes from. An arrow is a call or a message, a dashed one an answer, a waved one a wake-up; `o` is
 * something done in one column, `(12)` stands for so many steps of which the last is told, and
 * `* BROKEN` for the invariant at which the machine stopped.
 */
export function chartOf(run: Run): string {
  const machine = machineOf(run.play);
  const rows = chartRows(toldOf(run));
  const order = lanesOf(machine).map((lane) => lane.id);
  const driver = siliconOf(machine.world).driver.toLowerCase().replace('driver', 'drv');
  const lines = [...provenance(run), '', ...drawChart(rows, order, new Map([['smmu-driver', driver]]))];
  return `${lines.join('\n')}\n`;
}

/** Where a chart comes from: the command that makes it again, and what it is a chart of. */
export function provenance(run: Run, format?: string): string[] {
  const command = format === undefined ? commandOf(run) : `${commandOf(run)} --format ${format}`;
  return [...commandLines(plain(command)), `core ${CORE_VERSION}, fingerprint ${fingerprintOf(run)}`];
}

/** A command that a shell takes as it stands, in lines that fit: it goes on below before one of its options. */
function commandLines(command: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of command.split(/ (?=--)/)) {
    if (line !== '' && `${line} ${part} \\`.length > CHART_WIDTH) {
      lines.push(`${line} \\`);
      line = `    ${part}`;
    } else line = line === '' ? part : `${line} ${part}`;
  }
  return [...lines, line].map((each) => each.slice(0, CHART_WIDTH));
}
