import { expect, test } from 'vitest';
import { addFocus, focusIn } from './link-focus.ts';

test('a link carries the part of the run that is looked at alone, and one that cannot be read is told', () => {
  const url = new URL('https://example.org/svm/?scenario=first-touch&at=50');
  addFocus(url, { stretch: { first: 40, last: 62, only: null } });
  expect(url.search).toContain('focus=40-62');
  expect(focusIn(url, [])).toEqual({ first: 40, last: 62 });
  const causes = new URL('https://example.org/svm/');
  addFocus(causes, { stretch: { first: 3, last: 62, only: [4, 9, 62] } });
  expect(focusIn(causes, [])).toEqual({ causes: 62 });
  addFocus(causes, { stretch: null });
  expect(causes.search).toBe('?causes=62');

  for (const bad of ['focus=62-40', 'focus=1', 'focus=<b>', 'causes=0', 'causes=1e3', 'focus=x&causes=5']) {
    const problems: string[] = [];
    expect(focusIn(new URL(`https://example.org/?${bad}`), problems), bad).toBeNull();
    expect(problems, bad).toHaveLength(1);
  }
  expect(focusIn(new URL('https://example.org/'), [])).toBeNull();
});
