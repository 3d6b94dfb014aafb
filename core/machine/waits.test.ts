import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import '../play/script.ts';
import { allSteps } from '../sim/procedure.ts';

const CORE = fileURLToPath(new URL('..', import.meta.url));

/** The procedures that are declared in a folder of core/. */
function declaredIn(...folders: readonly string[]): string[] {
  const files = folders.flatMap((folder) =>
    readdirSync(join(CORE, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(CORE, folder, file), 'utf8')),
  );
  return files.flatMap((text) => [...text.matchAll(/\bprocedure\(\s*'(\w+)'/g)].map(([, name = '']) => name));
}

const waits = allSteps().filter(({ when }) => when !== null);

test('a step that waits says for what; software says whether its waiter spins or sleeps, and silicon does neither', () => {
  const silicon = new Set(declaredIn('hardware', 'devices'));
  const software = new Set(declaredIn('process', 'iommu', 'faults', 'drivers'));

  expect(waits.length).toBeGreaterThan(90);
  expect(waits.filter(({ procedure }) => silicon.has(procedure) === software.has(procedure))).toEqual([]);
  expect(waits.flatMap(({ name, notes }) => (notes.awaits === undefined ? name : []))).toEqual([]);
  expect(
    waits.flatMap(({ name, procedure, notes }) => ((notes.wait !== undefined) !== software.has(procedure) ? name : [])),
  ).toEqual([]);
});
