import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeScript, FILES, SCENARIOS } from './catalogue.ts';

test('a script tells its title and summary in the comments that it begins with', () => {
  const text = '# Two words: one sentence.\n# Another: with a colon.\nmachine smmuv3\n# not this\n';

  expect(describeScript('x', text)).toEqual({
    id: 'x',
    title: 'Two words',
    summary: 'One sentence. Another: with a colon.',
    counterpart: null,
    only: null,
    text,
  });
});

test('a script names the one to compare it with on a line of its own', () => {
  expect(describeScript('x', '# Two words: one sentence.\n# Compare with other-one.\n')).toMatchObject({
    summary: 'One sentence.',
    counterpart: 'other-one',
  });
});

test('a script says on a line of its own that it makes sense on one machine only, and why', () => {
  expect(describeScript('x', '# Two words: one sentence.\n# Only on smmuv3: nothing else stalls.\n')).toMatchObject({
    summary: 'One sentence.',
    only: { machine: 'smmuv3', why: 'nothing else stalls' },
  });
});

test('a script without comments has neither', () => {
  expect(describeScript('x', 'machine smmuv3\n')).toMatchObject({ title: '', summary: '' });
});

test('every scenario has a name, a title and a summary of its own', () => {
  expect(new Set(SCENARIOS.map(({ id }) => id)).size).toBe(SCENARIOS.length);
  for (const { title, summary } of SCENARIOS) {
    expect(title).toMatch(/^[A-Z].{3,40}$/);
    expect(summary).toMatch(/^[A-Z].{20,}\.$/);
  }
});

test('the files that scripts name are memory maps of real processes', () => {
  for (const text of Object.values(FILES)) expect(text).toMatch(/^[0-9a-f]+-[0-9a-f]+ r--p .*\n/);
});

test('every script of the folder is in the catalogue, under one subject', () => {
  const scripts = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.svm'));

  expect(SCENARIOS.map(({ id }) => `${id}.svm`).sort()).toEqual(scripts.sort());
});

test('whatever a script is to be compared with is a scenario', () => {
  const ids = SCENARIOS.map(({ id }) => id);

  expect(SCENARIOS.flatMap(({ counterpart }) => counterpart ?? []).filter((id) => !ids.includes(id))).toEqual([]);
});
