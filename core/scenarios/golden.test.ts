import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT } from '../cli/io.ts';
import { judge } from '../cli/verdict.ts';
import { chartOf } from '../export/chart.ts';
import { raceChartOf } from '../export/race-chart.ts';
import { fingerprintOf, type Run } from '../export/run.ts';
import { traceText } from '../export/trace-text.ts';
import { CORE_VERSION } from '../export/version.ts';
import { playScript } from '../play/script.ts';
import { FILES, SCENARIOS, type Scenario } from './catalogue.ts';

/**
 * What each scenario does, word for word. When a change of the machine is meant, `UPDATE_GOLDEN=1 npx vitest run
 * core/scenarios` writes the files anew; then read the difference line by line.
 */
const UPDATES = process.env['UPDATE_GOLDEN'] === '1';

/** The core's version follows from all fingerprints: in these files it stands for itself. */
const OWN_VERSION = 'core VERSION';

const folder = new URL('golden/', import.meta.url);

const runs = new Map<string, Run>();

function runOf({ id, text }: Scenario): Run {
  const known = runs.get(id);
  if (known !== undefined) return known;
  const { play, diagnostics } = playScript(text, { files: FILES });
  expect(diagnostics).toEqual([]);
  const run = { name: id, script: text, play };
  runs.set(id, run);
  return run;
}

function compare(file: string, text: string): void {
  const own = text.replace(`core ${CORE_VERSION}`, OWN_VERSION);
  if (UPDATES) writeFileSync(new URL(file, folder), own);
  expect(own).toBe(readFileSync(new URL(file, folder), 'utf8'));
}

test.each(SCENARIOS)('$id holds, and goes as its golden trace and chart say', (scenario) => {
  const run = runOf(scenario);

  expect(judge(scenario.id, run.play)).toEqual({ exit: EXIT.held, lines: [] });
  compare(`${scenario.id}.trace`, traceText(run));
  compare(`${scenario.id}.chart`, chartOf(run));
});

/** Races worth a mail: two threads, three and more, an IOMMU that has to be waited for, a break, a worker. */
const RACES = ['two-binders', 'bind-vs-exit', 'bind-vs-detach', 'unmap-during-dma', 'fault-while-exiting'];

test.each(RACES)('%s goes as its golden race chart says', (id) => {
  const run = runOf(SCENARIOS.find((scenario) => scenario.id === id) as Scenario);

  compare(`${id}.race`, raceChartOf(run));
});

test('the list of fingerprints, from which the version of the core follows, is that of the scenarios', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const fingerprints = Object.fromEntries(SCENARIOS.map((scenario) => [scenario.id, fingerprintOf(runOf(scenario))]));

  compare('fingerprints.json', `${JSON.stringify({ version, fingerprints }, null, 2)}\n`);
});

test.each(SCENARIOS)(
  'the charts of $id can be pasted into a mail: ASCII, at most 75 columns, no trailing blanks',
  (scenario) => {
    for (const chart of [chartOf, raceChartOf]) {
      const lines = chart(runOf(scenario)).trimEnd().split('\n');

      expect(lines.length).toBeGreaterThan(20);
      expect(lines.filter((line) => line.length > 75 || /[^ -~]| $/.test(line))).toEqual([]);
    }
  },
);

test('first-touch tells the life of a fault in its order', () => {
  const chart = chartOf(runOf(SCENARIOS[0] as Scenario));

  const story = [
    ...['bind app gpu0', 'CMD_CFGI_CD', 'ATS translation request', 'R=W=0', 'PRI record', 'handle_mm_fault()'],
    ...['CMD_PRI_RESP', 'ATS completion: frame 0x', 'rw-', 'translated write'],
  ];
  let rest = chart;
  for (const words of story) {
    expect(rest, `what follows in the chart has ${words}`).toContain(words);
    rest = rest.slice(rest.indexOf(words));
  }
});
