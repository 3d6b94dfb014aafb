import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { judge } from './compare.ts';
import { type Case, readCase } from './format.ts';
import { startRun } from './run.ts';

const packed = readFileSync(new URL('../testdata/riscv-dev.jsonl.gz', import.meta.url));
const lines = gunzipSync(packed).toString('utf8').trim().split('\n');

test('the RISC-V IOMMU agrees with the reference model in all 4,000 cases', () => {
  const run = startRun();
  for (const line of lines) expect(run.add(line)).toBeNull();

  expect(run.report().lines.at(-1)).toBe('4000 cases: 4000 agree, 0 differ');
});

test('a case that expects something else is told with its step and field', () => {
  const run = startRun();
  const first = caseAt(1);
  const step = first.steps[0];
  run.add(JSON.stringify({ ...first, steps: [{ ...step, out: { ...step?.out, cause: 99 } }] }));

  const report = run.report();
  expect(report.differ).toBe(1);
  expect(report.lines[0]).toContain(`${first.cls}, ${step?.op} cause`);
  expect(report.lines[1]).toMatch(/case 1, step 1 \(\w+\), cause: expected 99, got \d+/);
});

test('an answer that mends a known defect of the model agrees, and is counted', () => {
  const stale = lines.find((line) => line.includes('"q":"staleD"') || line.includes('"q": "staleD"')) ?? '';
  const read = readCase(stale);

  expect(read.ok && judge(read.value)).toMatchObject({ differences: [], mended: ['staleD'] });
});

describe('a line is refused', () => {
  const whole = lines[0] ?? '';
  const changed = (change: object): string => JSON.stringify({ ...caseAt(0), ...change });

  test.each([
    ['that is cut', whole.slice(0, 200), 'it is cut, or no JSON'],
    ['that is no object', '[1, 2]', 'it is no JSON object'],
    ['without memory', changed({ mem: undefined }), 'it is of another schema: "mem" is missing'],
    [
      'with a number for an address',
      changed({ ddtp: 4 }),
      'it is of another schema: "ddtp" is not a hex string such as "0x1f"',
    ],
    [
      'with an unknown step',
      changed({ steps: [{ op: 'jump' }] }),
      'it is of another schema: step 1 has the unknown op "jump"',
    ],
    [
      'with half a step',
      changed({ steps: [{ op: 'reg', off: 1, out: {} }] }),
      'it is of another schema: step 1 (reg): "v" is missing',
    ],
  ])('%s', (_what, line, error) => {
    expect(readCase(line)).toEqual({ ok: false, error });
  });
});

function caseAt(index: number): Case {
  const read = readCase(lines[index] ?? '');
  if (!read.ok) throw new Error(read.error);
  return read.value;
}
