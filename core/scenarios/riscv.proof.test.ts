import { expect, test } from 'vitest';
import { golden, runOn } from '../cli/testing/on-riscv.ts';
import { judge } from '../cli/verdict.ts';
import { chartOf } from '../export/chart.ts';
import { traceText } from '../export/trace-text.ts';
import { readBackEnd } from '../hardware/back-end.ts';
import { SCENARIOS, whyNotOn } from './catalogue.ts';

const RISCV = readBackEnd('riscv');
const PLAYED = SCENARIOS.filter((scenario) => RISCV.ok && whyNotOn(scenario, RISCV.value) === null);

/** `SVM_PROVE=1 UPDATE_GOLDEN=1 npx vitest run core/scenarios/riscv.proof.test.ts` writes the files anew. */
test.each(PLAYED)('$id goes on a RISC-V machine as its golden trace and chart say', ({ id }) => {
  const run = runOn('riscv', id);
  const [trace, chart] = [golden(`${id}.trace`, traceText(run)), golden(`${id}.chart`, chartOf(run))];

  expect(judge(id, run.play)).toEqual({ exit: 0, lines: [] });
  expect(trace.own + chart.own).not.toMatch(/\bSMMUs?\b|arm_smmu/);
  expect(trace.own).toBe(trace.kept);
  expect(chart.own).toBe(chart.kept);
});
