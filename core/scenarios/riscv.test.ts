import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { judge } from '../cli/verdict.ts';
import { chartOf } from '../export/chart.ts';
import type { Run } from '../export/run.ts';
import { traceText } from '../export/trace-text.ts';
import { CORE_VERSION } from '../export/version.ts';
import { readBackEnd } from '../hardware/back-end.ts';
import { playScript } from '../play/script.ts';
import { FILES, SCENARIOS, whyNotOn } from './catalogue.ts';

/** What scenarios do on a RISC-V machine, word for word: `UPDATE_GOLDEN=1 npx vitest run core/scenarios` writes it anew. */
const UPDATES = process.env['UPDATE_GOLDEN'] === '1';
const folder = new URL('golden-riscv/', import.meta.url);

/** One for each thing that its driver does in its own way. */
const TOLD = ['first-touch', 'munmap', 'exit-mm', 'detach-device', 'private-pasid', 'priq-overflow', 'httu'];

function runOn(name: string, id: string): Run {
  const backEnd = readBackEnd(name);
  const scenario = SCENARIOS.find((each) => each.id === id);
  if (!backEnd.ok || scenario === undefined) throw new Error(`${id} on ${name}`);
  const { play } = playScript(scenario.text, { files: FILES, paging: backEnd.value.paging });
  return { name: id, script: scenario.text, play };
}

function compare(file: string, text: string): void {
  const own = text.replace(`core ${CORE_VERSION}`, 'core VERSION');
  if (UPDATES) writeFileSync(new URL(file, folder), own);
  expect(own).toBe(readFileSync(new URL(file, folder), 'utf8'));
}

test.each(TOLD)('%s goes on a RISC-V machine as its golden trace says, and all that it expects holds', (id) => {
  const run = runOn('riscv', id);

  expect(judge(id, run.play)).toEqual({ exit: 0, lines: [] });
  compare(`${id}.trace`, traceText(run));
});

test('first-touch has the chart of a mail, with the words of its silicon', () => {
  const chart = chartOf(runOn('riscv', 'first-touch'));

  compare('first-touch.chart', chart);
  expect(chart).toContain('iommu drv');
  expect(chart).not.toMatch(/smmu/i);
});

test('with Sv39 a process with 47-bit addresses is refused with the reason', () => {
  const { play } = runOn('riscv-sv39', 'first-touch');

  const mapping = play.outcomes.find(({ command }) => command.verb === 'mmap');
  expect(mapping).toMatchObject({ state: 'refused', errno: 'EFAULT' });
  expect(mapping?.output.join()).toMatch(/38 bits/);
});

test('scenarios that need an SMMU say why, and so does the back end that is asked for', () => {
  const [, riscv] = ['smmuv3', 'riscv'].map(readBackEnd);
  const refused = SCENARIOS.filter((scenario) => riscv?.ok === true && whyNotOn(scenario, riscv.value) !== null);

  expect(refused.map(({ id }) => id).toSorted()).toEqual([
    ...['asid-share', 'asid-steal', 'fault-stall', 'feature-check'],
    ...['museum-answered-unmatched', 'museum-device-released-early', 'museum-listed-late'],
  ]);
});
