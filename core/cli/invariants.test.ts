import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { INVARIANTS } from '../machine/invariants/index.ts';
import type { Invariant } from '../machine/invariants/invariant.ts';
import { invariantsFor, STATEMENTS } from '../machine/invariants/statements.ts';
import { PRESETS } from '../policy/policy.ts';

/** `UPDATE_DOCS=1 npx vitest run core/cli` writes the page anew from the invariants; read what changed. */
const UPDATES = process.env['UPDATE_DOCS'] === '1';
const PAGE = new URL('../../docs/invariants.md', import.meta.url);

test('every statement of the references is stood for by an invariant, is seen to elsewhere, or cannot apply', () => {
  const ids = STATEMENTS.map(({ id }) => id);
  const numbered = (letter: string, last: number): string[] =>
    Array.from({ length: last }, (_, i) => `${letter}${i + 1}`);

  expect(ids).toEqual(expect.arrayContaining([...numbered('I', 36), ...numbered('P', 17)]));
  expect(new Set(ids).size).toBe(ids.length);
  expect(INVARIANTS.flatMap(({ stands }) => stands).filter((id) => !ids.includes(id))).toEqual([]);
  for (const { id, also, absent } of STATEMENTS) {
    const isCovered = also !== undefined || invariantsFor(id, INVARIANTS).length > 0;
    expect(isCovered, id).toBe(absent === undefined);
  }
});

test('an invariant is a sentence about something, and says why it makes an exception', () => {
  for (const { id, claim, cases, exceptions = [] } of INVARIANTS) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(claim, id).toMatch(/^[A-Z].*\.$/);
    expect(cases, id).toMatch(/^\S.*[^.]$/);
    for (const { because } of exceptions) expect(because, id).toMatch(/^[A-Z].*\.$/);
  }
  expect(new Set(INVARIANTS.map(({ id }) => id)).size).toBe(INVARIANTS.length);
});

test('docs/invariants.md tells what must hold, and what becomes of each statement', () => {
  const page = `${[...head(), ...INVARIANTS.flatMap(entryOf), ...table()].join('\n')}\n`;

  if (UPDATES) writeFileSync(PAGE, page);
  expect(page, 'UPDATE_DOCS=1 npx vitest run core/cli').toBe(readFileSync(PAGE, 'utf8'));
});

function head(): string[] {
  return [
    '# Invariants: what must hold in every state',
    '',
    'Made from the code by `UPDATE_DOCS=1 npx vitest run core/cli`. Each invariant is a function of `core/machine/invariants/`',
    'that reads rows and words of memory. All of them are asked after every event of a run that is watched: on the page, by',
    '`svm run`, and in the tests; and in every state of a search ([exploring.md](exploring.md)). One that does not hold stops the',
    'machine, and the run ends with exit code 2, unless the script expects it (`expect broken ID`). The premise of an invariant is met in a state in which there is something that it looks',
    'at; `svm run ID --format invariants` and the page count the events after which it was. For each invariant a test breaks it',
    'by hand, and another sees its premise met in random sequences.',
    '',
    'I1 to I36 were gathered from bugs of real kernels and IOMMUs, P1 to P17 from the RFC and its review.',
    '',
    '## The invariants',
    '',
  ];
}

function entryOf({ id, claim, cases, stands, exceptions = [] }: Invariant): string[] {
  const lines = exceptions.map(({ decision, answer, because }) => {
    const where = Object.entries(PRESETS).filter(([, { answers }]) => answers[decision] === answer);
    const names = where.map(([name]) => `\`${name}\``).join(', ') || 'no preset';
    return `- Not where [${decision}](policies.md#${decision}) is \`${answer}\` (${names}): ${because}`;
  });
  const numbers = stands.length === 0 ? [] : [`- Stands for: ${stands.join(', ')}`];
  return [`### ${id}`, '', claim, '', `- Looks at: ${cases}`, ...numbers, ...lines, ''];
}

function table(): string[] {
  const rows = STATEMENTS.map(({ id, says, also = '', absent }) => {
    const by = invariantsFor(id, INVARIANTS).map((each) => `[${each.id}](#${each.id})`);
    const seenTo =
      absent === undefined ? [by.join(', '), also].filter((part) => part !== '').join('. ') : `Not here: ${absent}`;
    return `| ${id} | ${says} | ${seenTo} |`;
  });
  return ['## The statements', '', '| number | what it says | how it is seen to |', '| --- | --- | --- |', ...rows];
}
