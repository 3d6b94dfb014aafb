import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { judge } from '../cli/verdict.ts';
import { BACK_ENDS, type BackEnd } from '../hardware/back-end.ts';
import { eventsOf } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { FILES, SCENARIOS, type Scenario, whyNotOn } from './catalogue.ts';

/** Made from real runs: `UPDATE_DOCS=1 SVM_PROVE=1 npx vitest run core/scenarios/back-ends.proof.test.ts`. */
const PAGE = new URL('../../docs/back-ends.md', import.meta.url);

const HEAD = `# Scenarios and back ends

Every scenario was played on every back end, and this table says what came of it: the number of events of a run in which
all that it expects held, or why there is none. \`svm run SCENARIO --backend riscv\` plays one; the page has the choice beside
the kernel design. The table is made by \`core/scenarios/back-ends.proof.test.ts\`, which \`npm run prove\` plays.

| scenario | ${BACK_ENDS.map(({ title }) => title).join(' | ')} |
| --- | ${BACK_ENDS.map(() => '---').join(' | ')} |
`;

/** What came of a scenario on a back end, in a few words. */
function outcomeOf(scenario: Scenario, backEnd: BackEnd): string {
  const why = whyNotOn(scenario, backEnd);
  if (why !== null) return `no: ${why}`;
  const { play } = playScript(scenario.text, { files: FILES, paging: backEnd.paging });
  const verdict = judge(scenario.id, play);
  if (verdict.exit === 0) return `${eventsOf(machineOf(play))} events`;
  const refused = play.outcomes.find(({ state }) => state === 'refused');
  return refused?.output.some((text) => text.includes('38 bits')) ? 'no: its addresses have 47 bits' : 'FAILS';
}

test('every scenario holds on every back end, or says why not', () => {
  const rows = SCENARIOS.map((scenario) => {
    const cells = BACK_ENDS.map((backEnd) => outcomeOf(scenario, backEnd));
    return `| ${[scenario.id, ...cells].join(' | ')} |`;
  });
  const text = `${HEAD}${rows.join('\n')}\n`;

  expect(text).not.toContain('FAILS');
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, text);
  expect(readFileSync(PAGE, 'utf8')).toBe(text);
}, 900_000);
