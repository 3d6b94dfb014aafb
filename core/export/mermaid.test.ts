import { expect, test } from 'vitest';
import { playScript } from '../play/script.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { mermaidOf } from './mermaid.ts';

const linesOf = (script: string) =>
  mermaidOf({ name: 'x.svm', script, play: playScript(script, { files: FILES }).play })
    .trimEnd()
    .split('\n');

test('a sequence diagram names its participants, and has an arrow or a note for each row of the chart', () => {
  const lines = linesOf(SCENARIOS.find(({ id }) => id === 'first-touch')?.text ?? '');

  expect(lines.slice(0, 5)).toEqual([
    '%% svm run x.svm --policy rfcv2 --format mermaid',
    expect.stringMatching(/^%% core \S+, fingerprint [0-9a-f]{16}$/),
    'sequenceDiagram',
    '  participant p0 as app',
    '  participant p1 as device driver',
  ]);
  const participants = lines.filter((line) => line.startsWith('  participant'));
  for (const line of lines.slice(3 + participants.length)) {
    expect(line).toMatch(
      /^ {2}(p\d+(->>|-->>|-\)|--\))p\d+|Note over p\d+(,p\d+)?): [^#;<>{}&"%]*(#\d+;[^#;<>{}&"%]*)*$/,
    );
    const used = [...(line.split(':')[0] ?? '').matchAll(/p(\d+)/g)].map(([, number]) => Number(number));
    expect(Math.max(...used)).toBeLessThan(participants.length);
  }
  expect(lines.some((line) => /p\d+-\)p\d+: \d+ ATS translation request/.test(line))).toBe(true);
});

test('a text that means something to Mermaid or to HTML is written as codes', () => {
  const [note] = linesOf('process app\nchapter "<b>x</b>; end # 100%"\nmmap app h 4K rw-\nexit app\n').filter((line) =>
    line.includes('end'),
  );

  expect(note).toMatch(/: #60;b#62;x#60;\/b#62;#59; end #35; 100#37;$/);
});
