import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

test('every feature that docs/features.md lists names a journey that is there', () => {
  const rows = [...read('docs/features.md').matchAll(/^\|.*\| `([\w-]+)`: (.+) \|$/gm)];

  expect(rows.length).toBeGreaterThan(30);
  const missing = rows.filter(([, spec, title]) => !read(`e2e/${spec}.spec.ts`).includes(String(title)));
  expect(missing.map(([row]) => row)).toEqual([]);
});
