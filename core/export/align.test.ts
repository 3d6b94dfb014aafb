import { expect, test } from 'vitest';
import { eventsOf, type Machine } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { readPolicy } from '../policy/policy.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { align } from './align.ts';
import { comparisonText, differenceText } from './compare-text.ts';
import { diffOf } from './diff.ts';

/** Work of one process is under way while another one is bound, which takes more steps in one design than in the other. */
const BUSY = `device gpu0 pci 00:01.0 ats pri pasid 16
process app
process tool
mmap app heap 64K rw- at 0x7f0000000000
bind app gpu0
dma gpu0 app write heap+0x1000 64
bind tool gpu0
run
`;

function machine(scenario: string, policy: string): Machine {
  const text = SCENARIOS.find(({ id }) => id === scenario)?.text ?? scenario;
  const design = readPolicy(policy);
  if (!design.ok) throw new Error(design.error);
  return machineOf(playScript(text, { files: FILES, policy: design.value }).play);
}

const eventOf = ({ trace }: Machine, step: string, nth = 0): number =>
  trace.filter((entry) => entry.step === step)[nth]?.event ?? -1;

test('two policies that take different ways from submit to completion have the completion in one row', () => {
  const [left, right] = [machine(BUSY, 'rfcv2'), machine(BUSY, 'mainline')];
  const way = (run: Machine) => eventOf(run, 'dma_engine.finish') - eventOf(run, 'accel_submit.submit');
  expect(way(left)).not.toBe(way(right));

  const rows = align(left, right);

  for (const step of ['accel_submit.submit', 'dma_engine.finish', 'handle_mm_fault.install']) {
    const row = rows.left.indexOf(eventOf(left, step));
    expect(rows.right[row], step).toBe(eventOf(right, step));
  }
  const gaps = rows.left.filter((event, row) => event === 0 || rows.right[row] === 0);
  expect(gaps.length).toBeGreaterThan(0);
});

test('each event of each run stands in one row, in its order, and partners are of one step', () => {
  for (const scenario of ['unmap-during-dma', 'fault-pri', 'fork-cow']) {
    const [left, right] = [machine(scenario, 'rfcv2'), machine(scenario, 'mainline')];
    const rows = align(left, right);
    const ascending = (run: Machine) => Array.from({ length: eventsOf(run) }, (_, index) => index + 1);
    expect(rows.left.filter((event) => event > 0)).toEqual(ascending(left));
    expect(rows.right.filter((event) => event > 0)).toEqual(ascending(right));
    rows.left.forEach((event, row) => {
      const other = rows.right[row] ?? 0;
      if (event > 0 && other > 0) expect(left.trace[event - 1]?.step).toBe(right.trace[other - 1]?.step);
    });
  }
});

test('a run has no gap beside itself, and no state differs from itself', () => {
  const [one, other] = [machine('first-touch', 'rfcv2'), machine('first-touch', 'rfcv2')];
  expect(align(one, other)).toMatchObject({ shared: eventsOf(one), left: align(one, other).right });
  expect(diffOf({ machine: one, event: 60 }, { machine: other, event: 60 })).toEqual([]);
});

test('two moments differ by what happened between them, field by field', () => {
  const run = machine('first-touch', 'rfcv2');
  const moments = [eventOf(run, 'accel_submit.submit'), eventOf(run, 'dma_engine.group')] as const;

  const things = diffOf({ machine: run, event: moments[0] }, { machine: run, event: moments[1] });

  const job = things.find(({ kind }) => kind === 'job');
  expect(job?.change).toBe('changed');
  expect(job?.fields).toContainEqual({ name: 'state', left: 'queued', right: 'waiting' });
  expect(things.find(({ kind }) => kind === 'request-group')?.change).toBe('created');
});

test('as text both are ASCII, and two runs fit 75 columns', () => {
  const [left, right] = [machine('first-touch', 'rfcv2'), machine('first-touch', 'mainline')];
  const sides = [
    { name: 'first-touch', machine: left, event: null },
    { name: 'first-touch under mainline', machine: right, event: null },
  ] as const;
  const text = comparisonText(...sides);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(75);
  expect(`${text}${differenceText(...sides)}`).toMatch(/^[\x20-\x7e\n]*$/);
  expect(text).toMatch(/^ +\d+ .* <$/m);
});
