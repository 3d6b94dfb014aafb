import { expect, test } from 'vitest';
import type { TraceEntry } from '../machine/trace.ts';
import type { Outcome } from '../play/play.ts';
import { parseLine } from '../script/index.ts';
import { type ChartRow, chartRows } from './chart-rows.ts';
import { traceEntry, traceMessage } from './testing.ts';

/** Events in order; each gets its number. */
const trace = (...steps: Partial<TraceEntry>[]): TraceEntry[] =>
  steps.map((step, index) => traceEntry({ ...step, event: index + 1 }));

function outcome(line: string, first: number, last: number, given: Partial<Outcome> = {}): Outcome {
  const { command } = parseLine(line);
  if (command === null) throw new Error(`${line} is a command`);
  return { command, state: 'done', output: [], errno: null, first, last, ...given };
}

/** The rows in short: `54 smmu0 (12) text`, `42 gpu0->smmu0 text`, `-- chapter`. */
function short(rows: readonly ChartRow[]): string[] {
  return rows.map((row) => {
    const indent = 'level' in row ? ' '.repeat(row.level * 2) : '';
    if (row.kind === 'arrow') return `${row.event} ${row.from}->${row.to} ${indent}${row.text}`;
    if (row.kind === 'mark') return `${row.event} ${row.lane} (${row.steps}) ${indent}${row.text}`;
    return `${row.kind}: ${row.text}`;
  });
}

const rowsOf = (entries: readonly TraceEntry[], outcomes: readonly Outcome[] = []) =>
  short(chartRows({ entries, outcomes, whole: true, broken: null }));

const bind = { actor: 1, lane: 'iommu' } as const;

test('a call into another layer is an arrow, its return none', () => {
  const entries = trace(
    { ...bind, step: 'bind.alloc', depthAfter: 2, messages: [traceMessage('call', 'iommu', 'smmu-driver', 'pin()')] },
    {
      ...{ actor: 1, lane: 'smmu-driver', step: 'pin.take', depth: 2, depthAfter: 1 },
      messages: [traceMessage('response', 'smmu-driver', 'iommu', 'return')],
    },
  );

  expect(rowsOf(entries)).toEqual(['1 iommu (1) bind()', '1 iommu->smmu-driver   pin()']);
});

test('a step of the kernel goes by the function that it cites, once', () => {
  const cite = 'RFCv2 08/36 down_read()';
  const entries = trace(
    { ...bind, step: 'bind.a' },
    { ...bind, step: 'bind.b', cite },
    { ...bind, step: 'bind.c', cite },
  );

  expect(rowsOf(entries)).toEqual(['1 iommu (1) bind()', '2 iommu (1)   down_read()']);
});

test('a store of the kernel that others see is told', () => {
  const entries = trace(
    { ...bind, step: 'bind.a' },
    { ...bind, step: 'bind.valid', text: 'makes it valid', transaction: true },
  );

  expect(rowsOf(entries)).toEqual(['1 iommu (1) bind()', '2 iommu (1)   makes it valid']);
});

test('few silent steps of hardware vanish, many are counted and the last is told', () => {
  const walk = (length: number) => Array.from({ length }, (_none, level) => ({ text: `walks level ${level}` }));

  expect(rowsOf(trace(...walk(5)))).toEqual([]);
  expect(rowsOf(trace(...walk(6)))).toEqual(['6 gpu0 (6) walks level 5']);
  expect(rowsOf(trace(...walk(3), { lane: 'smmu0' }, ...walk(3)))).toEqual([]);
});

test('many silent steps of the kernel go by the function that the last of them is in', () => {
  const inside = { lane: 'smmu-driver', step: 'arm_smmu_probe.next', cite: 'SMMUv3 6.3' };
  const entries = trace(...Array.from({ length: 7 }, () => inside));

  expect(rowsOf(entries)).toEqual(['1 smmu-driver (1) arm_smmu_probe()', '7 smmu-driver (6) arm_smmu_probe()']);
});

test('what hardware does for all to see is told, by its moment where that has a name', () => {
  const entries = trace(
    { text: 'writes a record', transaction: true },
    { text: 'completes it', moments: ['command.synced'] },
    { text: 'fills its cache', moments: ['tlb.filled'] },
  );

  expect(rowsOf(entries)).toEqual(['1 gpu0 (1) writes a record', '2 gpu0 (1) CMD_SYNC complete']);
});

test('a command and its CMD_SYNC share a row, unless something comes between', () => {
  const command = (text: string): Partial<TraceEntry> => ({
    ...{ actor: 2, lane: 'smmu-driver', step: 'cmdq.insert' },
    messages: [traceMessage('message', 'smmu-driver', 'smmu0', text)],
  });
  const other = { messages: [traceMessage('message', 'smmu0', 'gpu0', 'invalidate')] };

  expect(rowsOf(trace(command('CMD_CFGI_CD'), {}, command('CMD_SYNC')))).toEqual([
    '1 smmu-driver->smmu0 CMD_CFGI_CD, CMD_SYNC',
  ]);
  expect(rowsOf(trace(command('CMD_ATC_INV'), other, command('CMD_SYNC')))).toEqual([
    '1 smmu-driver->smmu0 CMD_ATC_INV',
    '2 smmu0->gpu0 invalidate',
    '3 smmu-driver->smmu0 CMD_SYNC',
  ]);
});

test('commands, chapters and notes stand where they were given, answers where they came', () => {
  const submit = { text: 'submits', transaction: true, lane: 'app' };
  const entries = trace({ step: 'script.command' }, submit, { step: 'script.command' }, submit);
  const outcomes = [
    outcome('chapter "Bind"', 0, 0),
    outcome('bind app gpu0', 0, 2, { output: ['PASID 1'] }),
    outcome('expect pasid app 1', 2, 2),
    outcome('note "Now."', 2, 2),
    outcome('dma gpu0 app read heap 4', 2, 4, { output: ['job 0 submitted'] }),
    outcome('unbind app gpu1', 4, 4, {
      state: 'refused',
      errno: 'ENODEV',
      output: ['ENODEV: there is no device gpu1'],
    }),
  ];

  expect(rowsOf(entries, outcomes)).toEqual([
    'chapter: Bind',
    'command: bind app gpu0',
    '2 app (1) submits',
    'answer: PASID 1',
    'note: Now.',
    'command: dma gpu0 app read heap 4',
    '4 app (1) submits',
    'command: unbind app gpu1',
    'answer: ENODEV: there is no device gpu1',
  ]);
});

test('a chart up to a moment ends there', () => {
  const entries = trace({ text: 'one', transaction: true });
  const outcomes = [outcome('run', 0, 1), outcome('chapter "Later"', 1, 1), outcome('bind app gpu0', 1, 9)];

  expect(short(chartRows({ entries, outcomes, whole: false, broken: null }))).toEqual(['1 gpu0 (1) one']);
});

test('a machine that stopped at a broken invariant says which, and nothing that was not played follows', () => {
  const broken = { event: 2, claims: [{ id: 'one-pasid', claim: 'One each.', detail: 'app has two' }] };
  const played = [
    outcome('bind app gpu0', 0, 2),
    outcome('note "That is why."', 2, 2),
    outcome('chapter "Later"', 2, 2),
    outcome('unbind app gpu0', 2, 2, { state: 'skipped' }),
  ];

  const rows = chartRows({ entries: trace({}, {}), outcomes: played, whole: true, broken });

  expect(rows.filter(({ kind }) => kind !== 'mark').map(({ text }) => text)).toEqual([
    'bind app gpu0',
    'BROKEN one-pasid: app has two. (One each.)',
    'That is why.',
  ]);
});
