import { expect, test } from 'vitest';
import { describeScript, FILES, SCENARIOS } from './catalogue.ts';

test('a script tells its title and summary in the comments that it begins with', () => {
  const text = '# Two words: one sentence.\n# Another: with a colon.\nmachine smmuv3\n# not this\n';

  expect(describeScript('x', text)).toEqual({
    id: 'x',
    title: 'Two words',
    summary: 'One sentence. Another: with a colon.',
    text,
  });
});

test('a script without comments has neither', () => {
  expect(describeScript('x', 'machine smmuv3\n')).toMatchObject({ title: '', summary: '' });
});

test('every scenario has a name, a title and a summary of its own', () => {
  expect(SCENARIOS.map(({ id }) => id)).toEqual(['first-touch', 'shared-pointer', 'unmap-during-dma', 'real-process']);
  for (const { title, summary } of SCENARIOS) {
    expect(title).toMatch(/^[A-Z].{3,40}$/);
    expect(summary).toMatch(/^[A-Z].{20,}\.$/);
  }
});

test('the files that scripts name are memory maps of real processes', () => {
  for (const text of Object.values(FILES)) expect(text).toMatch(/^[0-9a-f]+-[0-9a-f]+ r--p .*\n/);
});
