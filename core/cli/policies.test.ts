import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DECISION_NAMES, DECISIONS } from '../policy/decisions.ts';
import { PRESET_NAMES, PRESETS } from '../policy/policy.ts';
import { SUBJECTS as ALL_SUBJECTS, type Scenario } from '../scenarios/catalogue.ts';
import { cellOf, differencesOf, type Trial, tryUnder } from './testing/differences.ts';

/** `UPDATE_DOCS=1 npx vitest run core/cli` writes the page anew from real runs; read what changed. */
const UPDATES = process.env['UPDATE_DOCS'] === '1';
const PAGE = new URL('../../docs/policies.md', import.meta.url);

/** An exhibit of the museum is about one bug of one design: it is played under that (core/scenarios/exhibits.test.ts). */
const SUBJECTS = ALL_SUBJECTS.filter(({ title }) => title !== 'Bug museum');
const SCENARIOS = SUBJECTS.flatMap(({ scenarios }) => scenarios);

const trials = new Map<string, readonly Trial[]>();

function trialsOf(scenario: Scenario): readonly Trial[] {
  const known = trials.get(scenario.id) ?? PRESET_NAMES.map((preset) => tryUnder(scenario, preset));
  trials.set(scenario.id, known);
  return known;
}

test.each(SCENARIOS)('$id holds under every design, or is refused with the reason', (scenario) => {
  for (const { preset, exit, lines } of trialsOf(scenario)) {
    expect([0, 3], `${preset}: ${lines.join('\n')}`).toContain(exit);
    if (exit === 3) expect(lines.join('\n'), preset).toMatch(/EOPNOTSUPP: .*\S/);
  }
});

test.each(SCENARIOS)('$id holds under the design that it is written for', (scenario) => {
  const wanted = trialsOf(scenario).find(({ preset }) => preset === 'rfcv2');

  expect(wanted?.lines).toEqual([]);
  expect(wanted?.exit).toBe(0);
});

test('docs/policies.md tells what the designs decide, and what differs in real runs', () => {
  const page = [...head(), ...decisions(), ...table(), ...details()].join('\n');

  if (UPDATES) writeFileSync(PAGE, `${page}\n`);
  expect(`${page}\n`).toBe(readFileSync(PAGE, 'utf8'));
});

function head(): string[] {
  return [
    '# Policies: one machine under different kernel designs',
    '',
    'Made from the code and from real runs by `UPDATE_DOCS=1 npx vitest run core/cli`. A script names its design in a line such',
    'as `policy rfcv2`; `svm run ID --policy P` and the list "Kernel design" of the page play it under another one. Each decision',
    'can be set alone: `policy rfcv2,repeat-bind=refused`.',
    '',
    '| design | what it is |',
    '| --- | --- |',
    ...PRESET_NAMES.map((name) => `| \`${name}\` | ${PRESETS[name].title} |`),
    '',
  ];
}

function decisions(): string[] {
  const rows = DECISION_NAMES.map((name) => {
    const answers = PRESET_NAMES.map((preset) => PRESETS[preset].answers[name]);
    return `| [${name}](#${name}) | ${answers.join(' | ')} |`;
  });
  const entries = DECISION_NAMES.flatMap((name) => {
    const { question, answers, cite } = DECISIONS[name];
    const meanings = Object.entries(answers).map(([answer, meaning]) => `- \`${answer}\`: ${meaning}`);
    return [`### ${name}`, '', question, '', ...meanings, '', `Source: ${cite}.`, ''];
  });
  return [
    ...['## The decisions', ''],
    ...[`| decision | ${PRESET_NAMES.join(' | ')} |`, `| --- | ${PRESET_NAMES.map(() => '---').join(' | ')} |`],
    ...[...rows, '', ...entries],
  ];
}

/** Everything but the design that the scenarios are written for. */
const OTHERS = PRESET_NAMES.filter((preset) => preset !== 'rfcv2');

function pairsOf(scenario: Scenario): { trial: Trial; usual: Trial }[] {
  const all = trialsOf(scenario);
  const usual = all.find(({ preset }) => preset === 'rfcv2') as Trial;
  return OTHERS.map((preset) => ({ trial: all.find((each) => each.preset === preset) as Trial, usual }));
}

function table(): string[] {
  const rows = SCENARIOS.map((scenario) => {
    const cells = pairsOf(scenario).map(({ trial, usual }) => cellOf(trial, usual));
    return `| [${scenario.id}](#${scenario.id}) | ${cells.join(' | ')} |`;
  });
  return [
    ...['## What differs from rfcv2, scenario by scenario', ''],
    ...['How a driver asks to hear of exits (`exit-callback`) differs in every scenario, so it is left out here.', ''],
    ...[`| scenario | ${OTHERS.join(' | ')} |`, `| --- | ${OTHERS.map(() => '---').join(' | ')} |`],
    ...[...rows, ''],
  ];
}

function details(): string[] {
  return SUBJECTS.flatMap(({ title, scenarios }) => [`## ${title}`, '', ...scenarios.flatMap(detailsOf)]).slice(0, -1);
}

function detailsOf(scenario: Scenario): string[] {
  const told = pairsOf(scenario).flatMap(({ trial, usual }) =>
    differencesOf(trial, usual).map((difference) => `- ${trial.preset}: ${difference}.`),
  );
  return [`### ${scenario.id}`, '', scenario.summary, '', ...(told.length === 0 ? ['No difference.'] : told), ''];
}
