import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHART_WIDTH, drawChart } from './chart-drawing.ts';
import type { ChartRow } from './chart-rows.ts';

const LANES = ['app', 'iommu', 'smmu-driver', 'smmu0', 'gpu0'];

const arrow = (
  traffic: 'call' | 'response' | 'message' | 'wakeup',
  from: string,
  to: string,
  text: string,
  level = 0,
) => ({ kind: 'arrow', event: 7, traffic, from, to, text, level }) as const;

test('a chart has a column for each lane that takes part, named above', () => {
  const rows: ChartRow[] = [
    { kind: 'chapter', text: 'Fault' },
    { kind: 'command', event: 1, text: 'bind app gpu0' },
    arrow('call', 'app', 'smmu-driver', 'accel_bind()', 1),
    arrow('message', 'gpu0', 'smmu0', 'ATS translation request: 7f00...1000'),
    { kind: 'mark', event: 54, lane: 'smmu0', steps: 12, text: 'walks', level: 0 },
    arrow('response', 'smmu0', 'gpu0', 'ATS completion'),
    arrow('wakeup', 'smmu0', 'smmu-driver', 'PRI queue interrupt'),
    { kind: 'mark', event: 63, lane: 'smmu-driver', steps: 1, text: 'arm_smmu_priq_thread()', level: 0 },
    { kind: 'note', text: 'So it goes.' },
  ];

  expect(drawChart(rows, LANES, new Map([['smmu-driver', 'smmu drv']]))).toEqual([
    '      app          smmu0',
    '          smmu drv        gpu0',
    '',
    '-- Fault ------------------------------------------------------------------',
    '   1  $ bind app gpu0',
    '   7   |----->|      |      |   accel_bind()',
    '   7   |      |      |<-----| ATS translation request: 7f00...1000',
    '  54   |      |    (12)     | walks',
    '   7   |      |      |- - ->| ATS completion',
    '   7   |      |<~~~~~|      | PRI queue interrupt',
    '  63   |      o      |      | arm_smmu_priq_thread()',
    '      # So it goes.',
  ]);
});

test('a text that is too long goes on below, between the bars', () => {
  const text = 'walks level 3: slot 1 of table 0x827 is not valid, so that this is F_TRANSLATION';

  expect(drawChart([arrow('message', 'app', 'gpu0', text)], LANES)).toEqual([
    '      app',
    '            gpu0',
    '   7   |----->| walks level 3: slot 1 of table 0x827 is not valid, so that',
    '       |      |   this is F_TRANSLATION',
  ]);
});

test('of very many columns, those that have no place of their own share the last', () => {
  const crowd = Array.from({ length: 40 }, (_none, index) => `dev${index}`);
  const lines = drawChart(
    crowd.map((name) => arrow('message', 'dev0', name, 'hello')),
    crowd,
  );

  expect(lines.filter((line) => line.length > CHART_WIDTH)).toEqual([]);
  expect(lines.at(-1)).toMatch(/^ {3}7 {3}\|-+>\| hello$/);
});

const lane = fc.oneof(fc.constantFrom(...LANES), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }));
const text = fc.string({ unit: fc.constantFrom('a', ' ', '_', '\t', 'é'), maxLength: 200 });
const event = fc.nat(99_999);
const level = fc.nat(9);
const traffic = fc.constantFrom('call' as const, 'response' as const, 'message' as const, 'wakeup' as const);
const anyRow: fc.Arbitrary<ChartRow> = fc.oneof(
  fc.record({ kind: fc.constantFrom('chapter' as const, 'note' as const), text }),
  fc.record({ kind: fc.constantFrom('command' as const, 'answer' as const), event: fc.option(event), text }),
  fc.record({ kind: fc.constant('arrow' as const), event, traffic, from: lane, to: lane, text, level }),
  fc.record({ kind: fc.constant('mark' as const), event, lane, steps: fc.integer({ min: 1, max: 9999 }), text, level }),
);

test('whatever happens, a chart is ASCII of at most 75 columns without trailing blanks', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 20 }), (rows) => {
      const lines = drawChart(rows, LANES);

      expect(lines.filter((line) => line.length > CHART_WIDTH || /[^ -~]| $/.test(line))).toEqual([]);
    }),
  );
});
