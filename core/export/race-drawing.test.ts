import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHART_WIDTH } from './chart-drawing.ts';
import { drawRace, type RaceColumn } from './race-drawing.ts';
import type { RaceRow } from './race-rows.ts';

const column = (label: string, ...actors: [number, string][]): RaceColumn => ({ label, actors: new Map(actors) });

const deed = (event: number, actor: number, text: string, level = 0): RaceRow => ({
  ...{ kind: 'deed', event, actor, text, level },
});

test('two threads stand side by side, calls nested, as reviewers write it down', () => {
  const rows: RaceRow[] = [
    { kind: 'command', event: 1, text: 'unbind app gpu0 &' },
    deed(2, 1, 'iommu_sva_unbind_device()'),
    deed(2, 1, 'mutex_lock(&group->mutex)', 1),
    deed(3, 1, 'iopf_queue_flush_dev()', 1),
    { kind: 'wait', event: 3, actor: 1, text: '... waits for the fault worker', level: 2, until: null },
    deed(4, 2, 'iopf_handle_group()'),
    { kind: 'wait', event: 4, actor: 2, text: '... waits for group->mutex, held by app', level: 1, until: null },
    { kind: 'broken', event: null, text: 'DEADLOCK: nobody can move.' },
  ];

  expect(drawRace(rows, [column('app', [1, '']), column('fault worker', [2, ''])])).toEqual([
    '      app                             | fault worker',
    '   1  $ unbind app gpu0 &',
    '   2  iommu_sva_unbind_device()       |',
    '        mutex_lock(&group->mutex)     |',
    '   3    iopf_queue_flush_dev()        |',
    '          ... waits for the fault worker',
    '   4                                  | iopf_handle_group()',
    '                                      |   ... waits for group->mutex, held',
    '                                      |     by app',
    '      * DEADLOCK: nobody can move.',
  ]);
});

test('who acts in a shared column is named when it changes, and the last column has room for its longest word', () => {
  const rows = [deed(1, 1, 'dma'), deed(2, 2, 'walk'), deed(3, 2, 'fault'), deed(4, 1, 'x'.repeat(40))];

  expect(drawRace(rows, [column('app', [0, '']), column('hardware', [1, 'gpu0'], [2, 'smmu0'])])).toEqual([
    '      app                        | hardware',
    '   1                             | gpu0: dma',
    '   2                             | smmu0: walk',
    '   3                             | fault',
    '   4                             | gpu0:',
    `                                 | ${'x'.repeat(40)}`,
  ]);
});

const anyText = fc.string({ unit: fc.oneof(fc.constantFrom('a', ' ', '(', '_', 'ü'), fc.string()), maxLength: 90 });

test('whatever happens, no line is too long, has a trailing blank, or a letter that is not ASCII', () => {
  const someColumns = fc.array(anyText, { minLength: 1, maxLength: 4 });
  const someRows = fc.array(
    fc.record({ event: fc.nat(99_999), actor: fc.nat(3), text: anyText, level: fc.nat(40), wait: fc.boolean() }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(someColumns, someRows, anyText, (labels, deeds, across) => {
      const columns = labels.map((label, index) => column(label, [index, label]));
      const rows: RaceRow[] = deeds
        .map((each) => ({ ...each, actor: each.actor % labels.length }))
        .map(({ wait, ...each }) => (wait ? { ...each, kind: 'wait', until: null } : { ...each, kind: 'deed' }));
      const lines = drawRace(
        [...rows, { kind: 'note', text: across }, { kind: 'broken', event: 3, text: across }],
        columns,
      );

      expect(lines.filter((line) => line.length > CHART_WIDTH || /[^ -~]| $/.test(line))).toEqual([]);
    }),
  );
});
