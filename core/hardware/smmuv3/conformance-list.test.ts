import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LEFT_OUT, STATEMENTS } from './conformance-list.ts';

/** With `UPDATE_DOCS=1` the page is written anew; read what changed. */
const UPDATES = process.env['UPDATE_DOCS'] === '1';
const PAGE = new URL('../../../docs/conformance.md', import.meta.url);
const FOLDER = new URL('.', import.meta.url);

/** Numbers of the tests that are there, each with the files that have it: a title, or a row of a table, begins with one. */
function testedNumbers(): Map<string, string[]> {
  const tested = new Map<string, string[]>();
  for (const file of readdirSync(FOLDER).filter((name) => /^conformance.*\.test\.ts$/.test(name))) {
    const source = readFileSync(new URL(file, FOLDER), 'utf8');
    for (const [, number = ''] of source.matchAll(/^\s*(?:test\(|\]\)\(|test\.each\(.*\)\(|\[)'(S\d\d)[:']/gm)) {
      const files = tested.get(number) ?? [];
      if (!files.includes(file)) tested.set(number, [...files, file]);
    }
  }
  return tested;
}

const numberOf = (index: number): string => `S${String(index + 1).padStart(2, '0')}`;

/** docs/conformance.md. */
function page(): string {
  const tested = testedNumbers();
  const rows = STATEMENTS.map(({ section, text, why }, index) => {
    const files = (tested.get(numberOf(index)) ?? []).map((file) => `\`${file}\``).join(', ');
    return `| ${numberOf(index)} | ${text} | ${section} | ${why === undefined ? files : `not covered: ${why}`} |`;
  });
  const covered = STATEMENTS.filter(({ why }) => why === undefined).length;
  return `# Conformance: the SMMUv3 of the playground

Made by \`UPDATE_DOCS=1 npx vitest run core/hardware/smmuv3/conformance\` from \`conformance-list.ts\` and the tests that are
there. ${covered} of ${STATEMENTS.length} statements are covered: each is a test of that name in \`core/hardware/smmuv3/\`, which puts words into
memory as software would and looks at records, registers and answers. Layouts are compared bit for bit with encoded
examples besides (\`core/hardware/golden.test.ts\`). The RISC-V IOMMU has a page of its own: [conformance-riscv.md](conformance-riscv.md).

| Number | What has to be so | SMMUv3 (IHI 0070) | Tested in |
| --- | --- | --- | --- |
${rows.join('\n')}

## Left out

| Part of the architecture | Why |
| --- | --- |
${LEFT_OUT.map(([part, why]) => `| ${part} | ${why} |`).join('\n')}
`;
}

test('each statement has a test of its number, or a reason why not', () => {
  const tested = testedNumbers();
  const wanted = STATEMENTS.flatMap(({ why }, index) => (why === undefined ? [numberOf(index)] : []));

  expect(STATEMENTS).toHaveLength(75);
  expect([...tested.keys()].sort()).toEqual(wanted);
});

test('docs/conformance.md tells what is covered and where', () => {
  if (UPDATES) writeFileSync(PAGE, page());

  expect(page()).toBe(readFileSync(PAGE, 'utf8'));
});
