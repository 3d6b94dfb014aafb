import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { build, type Plugin } from 'vite';
import { afterAll, describe, expect, test } from 'vitest';
import { startVitest } from 'vitest/node';
import type { Verdict } from './compare.ts';
import { FAULTS, type Fault } from './faults.data.ts';
import type { Case } from './format.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const HARDWARE = `${ROOT}core/hardware/`;
const PAGE = `${ROOT}docs/conformance-riscv.md`;
const packed = readFileSync(new URL('../testdata/riscv-dev.jsonl.gz', import.meta.url));
const cases = gunzipSync(packed)
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);
/** What is asked where the cases of the reference model say nothing. */
const RISCV = ['core/conformance/riscv/rules.test.ts', 'core/conformance/riscv/beyond-vectors.test.ts'];
const SMMU = ['core/hardware/smmuv3/conformance.test.ts'];
const caught = new Map<Fault, string>();

test('each fault changes one place of a source that is there', () => {
  const lost = FAULTS.filter(({ file, before }) => readFileSync(HARDWARE + file, 'utf8').split(before).length !== 2);

  expect(lost.map(({ file, does }) => `${file}: ${does}`)).toEqual([]);
});

describe.each([...new Set(FAULTS.map(({ rule }) => rule))])('%s', (rule) => {
  const faults = FAULTS.filter((fault) => fault.rule === rule);
  test.each(faults)('it is noticed if $does', async (fault) => {
    const by = (await firstCaseThatDiffers(fault)) ?? (await firstTestThatFails(fault));
    if (by !== null) caught.set(fault, by);

    expect(by).not.toBeNull();
  });
});

afterAll(() => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, page());
  // A run of some of the faults only says nothing of the rest.
  if (caught.size === FAULTS.length) expect(readFileSync(PAGE, 'utf8')).toBe(page());
});

/** Puts a fault into the source when it is loaded; the file itself stays as it is. */
function faulty({ file, before, after }: Fault): Plugin {
  return {
    name: 'fault',
    enforce: 'pre',
    transform: (code, id) => (id.split('?')[0] === HARDWARE + file ? code.replace(before, () => after) : null),
  };
}

async function firstCaseThatDiffers(fault: Fault): Promise<string | null> {
  if (fault.file.startsWith('smmuv3/')) return null;
  const judge = await faultyJudge(fault);
  for (const one of cases) {
    const found = differenceIn(judge, one);
    if (found !== null) return `case ${one.id}: ${found}`;
  }
  return null;
}

/** The judge of cases, with all that it plays them on, as one module with the fault in it. */
async function faultyJudge(fault: Fault): Promise<(given: Case) => Verdict> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [faulty(fault)],
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      lib: { entry: fileURLToPath(new URL('compare.ts', import.meta.url)), formats: ['es'] },
    },
  });
  const { output } = (Array.isArray(built) ? built[0] : built) as { output: readonly { readonly code: string }[] };
  const url = `data:text/javascript;base64,${Buffer.from(output[0]?.code ?? '').toString('base64')}`;
  const { judge } = (await import(/* @vite-ignore */ url)) as { judge: (given: Case) => Verdict };
  return judge;
}

/** Where a case differs from what the reference model says; a fault can also break an assertion. */
function differenceIn(judge: (given: Case) => Verdict, given: Case): string | null {
  try {
    const [first] = judge(given).differences;
    return first === undefined ? null : `${first.field} of ${first.op}`;
  } catch (error) {
    return `the assertion that ${(error as Error).message}`;
  }
}

async function firstTestThatFails(fault: Fault): Promise<string | null> {
  const vitest = await startVitest(
    'test',
    fault.file.startsWith('smmuv3/') ? SMMU : RISCV,
    { config: false, root: ROOT, watch: false, reporters: [{}], bail: 1 },
    { plugins: [faulty(fault)] },
  );
  const failed = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests('failed')]);
  await vitest.close();
  process.exitCode = 0;
  return failed[0] === undefined ? null : `test: ${failed[0].name}`;
}

/** docs/conformance-riscv.md. */
function page(): string {
  const rows = FAULTS.map((fault) => `| ${fault.rule} | ${fault.does} | ${caught.get(fault) ?? 'not noticed'} |`);
  const byCase = [...caught.values()].filter((by) => by.startsWith('case')).length;
  return `# Conformance: the RISC-V IOMMU of the playground

Two things say that the RISC-V IOMMU here does what its specification says (RISC-V IOMMU 1.0, RISC-V Privileged 12 to 15):

1. The ${cases.length.toLocaleString('en')} cases of \`core/conformance/testdata/riscv-dev.jsonl.gz\`, made with the reference model of the RISC-V IOMMU
   working group, all agree: \`npm run -s svm -- conformance riscv core/conformance/testdata/riscv-dev.jsonl.gz\` plays them and
   prints each difference with its step and field. \`core/conformance/testdata/SCHEMA.md\` describes the form of such a file.
   What the cases do not touch is tested beside them, in \`core/conformance/riscv/rules.test.ts\` and \`beyond-vectors.test.ts\`.
2. Faults put in on purpose are noticed. \`core/conformance/riscv/faults.data.ts\` has at least one for each rule of the
   translation and of its answers; each is put into the sources alone, and then the cases are played until one differs. If
   none does, the tests have to fail. ${caught.size} of ${FAULTS.length} faults are noticed, ${byCase} of them by a case.

## The faults, and what noticed each

Made by \`UPDATE_DOCS=1 npx vitest run core/conformance/riscv/faults\` (\`npm run prove\` runs it too). Sections are those of the RISC-V IOMMU
specification unless it says Privileged; a trap is a row of the table of traps in [common-ground.md](common-ground.md).

| Rule | What the faulty translator does | Noticed by |
| --- | --- | --- |
${rows.join('\n')}

## Left out

| Part of the specification | Why |
| --- | --- |
| Second stage and MSI translation (2.3 steps 18 and 19) | There are no guests: their modes are checked and accepted, and their tables are not walked. |
| What only the second stage can fault with: causes 20 to 23, 261 to 264, 270, 271 | They need the part above. |
| A write page fault (15) of a translation request | It cannot occur: a translation request reads, and the cause of a read comes first. |
| Trap 8 | The encoding of AMD's INVALIDATE_IOTLB_PAGES; no such IOMMU is here. |
`;
}
