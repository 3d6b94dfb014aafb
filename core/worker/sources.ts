/** What a source means: a text, and what runs instead of what it says. */
import { backEndFor } from '../hardware/back-end.ts';
import { type Chosen, readChoice } from '../play/choice.ts';
import { describeScript, SCENARIOS, type Scenario, whyNotOn } from '../scenarios/catalogue.ts';
import type { Diagnostic } from '../script/index.ts';
import type { Answer, Source } from './protocol.ts';

/** Longest script that is accepted, in characters. */
const MAX_SCRIPT = 200_000;

/** A script, and the scenario that it is, null for none. */
export interface Text extends Pick<Scenario, 'only'> {
  readonly title: string;
  readonly text: string;
  readonly scenario: string | null;
}

/** What is wrong with a source as a whole: no line of a script, so line 0. */
export function problem(message: string): { ok: false; diagnostics: Diagnostic[] } {
  return { ok: false, diagnostics: [{ line: 0, column: 0, endColumn: 0, message, expected: [] }] };
}

/** The text that a source means. */
export function textOf(source: Source): Answer<Text> {
  const script = source.file ?? source.script;
  if (script !== undefined) {
    if (script.length > MAX_SCRIPT) return problem(`a script has at most ${MAX_SCRIPT} characters`);
    const same = SCENARIOS.find((each) => each.text === script);
    const { only } = describeScript('', script);
    return { ok: true, value: { title: same?.title ?? 'Your script', text: script, scenario: same?.id ?? null, only } };
  }
  const id = source.scenario ?? 'first-touch';
  const scenario = SCENARIOS.find((each) => each.id === id);
  if (scenario === undefined) return problem(`there is no scenario ${id}`);
  const { title, text, only } = scenario;
  return { ok: true, value: { title, text, scenario: id, only } };
}

/** What runs instead of what a script says, if that makes sense. */
export function chosenFor(source: Source, { title, only }: Text): Answer<Chosen> {
  const chosen = readChoice(source);
  if (!chosen.ok) return problem(chosen.error);
  const { paging } = chosen.value;
  const why = paging === undefined ? null : whyNotOn({ only }, backEndFor(paging));
  return why === null ? chosen : problem(`${title} makes no sense on this back end: ${why}`);
}
