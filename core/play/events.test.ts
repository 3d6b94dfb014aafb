import { expect, test } from 'vitest';
import { allSteps, type Lane } from '../sim/procedure.ts';
// Whoever plays scripts has loaded every procedure of the machine.
import './script.ts';

/** Columns of the chart that a step can stand in, beside the actor's own. */
const LANES: Readonly<Record<Lane, true>> = {
  self: true,
  mm: true,
  iommu: true,
  faults: true,
  'smmu-driver': true,
  'device-driver': true,
};

/** What a sentence is made of: words, placeholders and the signs between them; a name like ipsr.fip has its dot inside. */
const SENTENCE = /^(?:\{[a-z]+\}|[a-z])(?:(?:[^.]|\b\.\b)*[^\s.,:])?$/;
/** Room for a citation on the page: one line. */
const LONGEST_CITATION = 64;

const each = allSteps().map((step) => [step.name, step] as const);

test('the whole machine is loaded: hardware, kernel and devices', () => {
  expect(each.length).toBeGreaterThan(300);
  const procedures = new Set(allSteps().map(({ procedure }) => procedure));
  for (const name of ['iommu_process_bind_device', 'smmuv3_translation', 'handle_mm_fault', 'dma_engine']) {
    expect(procedures).toContain(name);
  }
});

test.each(each)('%s is told in a plain sentence, with its source, in a column of the chart', (_name, step) => {
  const { text, notes, lane } = step;

  expect(text).toMatch(SENTENCE);
  expect(text).not.toMatch(/ {2}|[^ -~]|\b(?:TBD|undefined|null)\b/);
  expect(text.replace(/\{[a-z]+\}/gi, '')).not.toMatch(/[{}]/);
  expect(notes.cite ?? '').toMatch(/^\S.*[^\s.]$/);
  expect((notes.cite ?? '').length).toBeLessThanOrEqual(LONGEST_CITATION);
  expect(LANES[lane]).toBe(true);
});

test.each(each)('%s says what it waits for, and whether it sleeps', (_name, { notes }) => {
  if (notes.wait !== undefined && notes.when !== undefined) expect(notes.awaits).toMatch(/\S/);
  if (notes.awaits !== undefined) expect(notes.when).toBeDefined();
});
