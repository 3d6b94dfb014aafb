import { expect, test } from 'vitest';
import { golden, runOn } from '../cli/testing/on-riscv.ts';
import { judge } from '../cli/verdict.ts';
import { chartOf } from '../export/chart.ts';
import { traceText } from '../export/trace-text.ts';
import { readBackEnd } from '../hardware/back-end.ts';
import { SCENARIOS, whyNotOn } from './catalogue.ts';

/** One for each thing that its driver does in its own way; `riscv.proof.test.ts` has all the others. */
const TOLD = ['first-touch', 'munmap', 'exit-mm', 'detach-device', 'private-pasid', 'priq-overflow', 'httu'];

test.each(TOLD)('%s goes on a RISC-V machine as its golden trace says, and all that it expects holds', (id) => {
  const run = runOn('riscv', id);

  expect(judge(id, run.play)).toEqual({ exit: 0, lines: [] });
  const { own, kept } = golden(`${id}.trace`, traceText(run));
  expect(own).toBe(kept);
});

test('first-touch has the chart of a mail, with the words of its silicon', () => {
  const chart = chartOf(runOn('riscv', 'first-touch'));

  const { own, kept } = golden('first-touch.chart', chart);
  expect(own).toBe(kept);
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
