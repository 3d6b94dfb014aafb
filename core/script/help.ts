import { suggestion } from '../lib/suggestion.ts';
import type { Verb } from './command.ts';
import type { Entry } from './entry.ts';
import { GRAMMAR } from './grammar.ts';
import { type Phrase, type Phrases, partsOf } from './phrases.ts';
import type { ValueType } from './values.ts';

const VERBS = Object.keys(GRAMMAR) as readonly Verb[];
const COLUMN = 12;
const VERB_COLUMN = Math.max(...VERBS.map((verb) => verb.length)) + 2;

/** The commands with their summaries; or, by name, one command with its forms, parameters and an example. */
export function help(name: string | null = null): string {
  if (name === null) return VERBS.map((verb) => `${verb.padEnd(VERB_COLUMN)}${GRAMMAR[verb].summary}`).join('\n');
  const verb = VERBS.find((known) => known === (name === 'under' ? 'expect' : name));
  if (verb === undefined) return `"${name}" is not a command${suggestion(name, VERBS)}`;
  const { summary, phrases, example } = GRAMMAR[verb];
  const parameters = [...parametersOf(phrases)].map(([label, noun]) => `  ${label.padEnd(COLUMN)}${noun}`);
  return [summary, ...usage(GRAMMAR[verb]).map((line) => `  ${line}`), ...parameters, `Example: ${example}`].join('\n');
}

/** The forms of a command, a line each: capitals stand for parameters, brackets for what may be left out. */
function usage({ phrases, posted }: Entry): readonly string[] {
  const ending = posted ? ' [&]' : '';
  return formsOf(phrases).map(
    (form) =>
      form
        .map(usageOf)
        .filter((text) => text !== '')
        .join(' ') + ending,
  );
}

/** One list of phrases for each alternative, where a choice stands between whole forms rather than single words. */
function formsOf(phrases: Phrases): readonly Phrases[] {
  const at = phrases.findIndex((phrase) => phrase.kind === 'choice' && !isOneWord(phrase));
  const phrase = phrases[at];
  if (phrase === undefined) return [phrases];
  const [before, after] = [phrases.slice(0, at), phrases.slice(at + 1)];
  return partsOf(phrase).flatMap((part) => formsOf([...before, ...part, ...after]));
}

function isOneWord(phrase: Phrase): boolean {
  return partsOf(phrase).every((part) => part.filter(({ kind }) => kind !== 'mark').length === 1);
}

function usageOf(phrase: Phrase): string {
  const inside = partsOf(phrase).map((part) =>
    part
      .map(usageOf)
      .filter((text) => text !== '')
      .join(' '),
  );
  switch (phrase.kind) {
    case 'word':
      return phrase.word;
    case 'param':
      return phrase.type.label;
    case 'mark':
      return '';
    case 'repeat':
      return `${inside.join()} ...`;
    case 'choice':
      return inside.join('|');
    case 'optional':
    case 'options':
      return inside.map((text) => `[${text}]`).join(' ');
  }
}

function parametersOf(phrases: Phrases): ReadonlyMap<string, string> {
  const nouns = new Map<string, Set<string>>();
  for (const { label, noun } of typesIn(phrases)) nouns.set(label, (nouns.get(label) ?? new Set()).add(noun));
  return new Map([...nouns].map(([label, all]) => [label, [...all].join(', or ')]));
}

function* typesIn(phrases: Phrases): Generator<ValueType<unknown>> {
  for (const phrase of phrases) {
    if (phrase.kind === 'param') yield phrase.type;
    for (const part of partsOf(phrase)) yield* typesIn(part);
  }
}
