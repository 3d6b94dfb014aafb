import type { Field } from './command.ts';
import { fieldsLeftOut, type ParamPhrase, type Phrase, type Phrases, partsOf, type WordPhrase } from './phrases.ts';
import type { Word } from './words.ts';

/** What may stand at one place of a line. */
export type Expectation = WordPhrase | ParamPhrase;

/** A word and the phrase that took it. */
interface Taken {
  readonly word: Word;
  readonly phrase: Expectation;
}

/** How far the grammar led along a line; what it expected belongs to the first word not taken. */
export interface Match {
  readonly words: readonly Word[];
  readonly fields: Map<Field, unknown>;
  readonly taken: Taken[];
  readonly expected: Set<Expectation>;
  /** Whether the line may end here. */
  complete: boolean;
  /** Why the next word is refused although its shape is right; null if that is not the reason. */
  problem: string | null;
}

/** Follows a phrase along the words as far as it leads. One word always decides the way, so nothing is tried twice. */
export function matchWords(phrase: Phrase, words: readonly Word[]): Match {
  const match: Match = { words, fields: new Map(), taken: [], expected: new Set(), complete: false, problem: null };
  match.complete = follow(match, phrase);
  return match;
}

/** The first word that the grammar did not take; undefined at the end of the line. */
export function nextWord(match: Match): Word | undefined {
  return match.words[match.taken.length];
}

function follow(match: Match, phrase: Phrase): boolean {
  switch (phrase.kind) {
    case 'word':
      return fits(phrase, nextWord(match)) ? take(match, phrase) : refuse(match, phrase);
    case 'param':
      return followParam(match, phrase, (value) => match.fields.set(phrase.field, value));
    case 'mark':
      match.fields.set(phrase.field, phrase.value);
      return true;
    case 'optional':
      if (startsWith(phrase.phrases, nextWord(match))) return followAll(match, phrase.phrases);
      leaveOut(match, phrase.phrases);
      return true;
    case 'repeat':
      return followRepeat(match, phrase.param);
    case 'options':
      return followOptions(match, phrase.options);
    case 'choice':
      return followChoice(match, phrase.alternatives);
  }
}

function followAll(match: Match, phrases: Phrases): boolean {
  return phrases.every((phrase) => follow(match, phrase));
}

function followParam(match: Match, phrase: ParamPhrase, keep: (value: unknown) => void): boolean {
  const word = nextWord(match);
  if (word === undefined || !fits(phrase, word)) return refuse(match, phrase);
  const reading = phrase.type.read(word.text);
  if (!reading.ok) return refuse(match, phrase, reading.error);
  keep(reading.value);
  return take(match, phrase);
}

function followRepeat(match: Match, param: ParamPhrase): boolean {
  const values: unknown[] = [];
  do {
    if (!followParam(match, param, (value) => values.push(value))) return false;
  } while (fits(param, nextWord(match)));
  match.expected.add(param);
  match.fields.set(param.field, values);
  return true;
}

function followOptions(match: Match, all: readonly Phrases[]): boolean {
  const left = new Set(all);
  for (;;) {
    const word = nextWord(match);
    const chosen = all.find((phrases) => startsWith(phrases, word));
    if (chosen === undefined) break;
    if (!left.delete(chosen)) {
      match.problem = `"${word?.text}" is given twice`;
      return false;
    }
    if (!followAll(match, chosen)) return false;
  }
  for (const phrases of left) leaveOut(match, phrases);
  return true;
}

function followChoice(match: Match, alternatives: readonly Phrases[]): boolean {
  const word = nextWord(match);
  const chosen = alternatives.find((phrases) => startsWith(phrases, word));
  if (chosen !== undefined) return followAll(match, chosen);
  for (const phrases of alternatives) expectStart(match, phrases);
  const empty = alternatives.find((phrases) => firstOf(phrases).passable);
  return empty !== undefined && followAll(match, empty);
}

function take(match: Match, phrase: Expectation): boolean {
  const word = nextWord(match);
  if (word !== undefined) match.taken.push({ word, phrase });
  match.expected.clear();
  return true;
}

function refuse(match: Match, phrase: Expectation, problem: string | null = null): boolean {
  match.expected.add(phrase);
  match.problem = problem;
  return false;
}

function leaveOut(match: Match, phrases: Phrases): void {
  expectStart(match, phrases);
  for (const [field, value] of fieldsLeftOut(phrases)) match.fields.set(field, value);
}

function expectStart(match: Match, phrases: Phrases): void {
  for (const phrase of firstOf(phrases).expected) match.expected.add(phrase);
}

function startsWith(phrases: Phrases, word: Word | undefined): boolean {
  return firstOf(phrases).expected.some((phrase) => fits(phrase, word));
}

function fits(phrase: Expectation, word: Word | undefined): boolean {
  if (word === undefined) return false;
  if (phrase.kind === 'word') return !word.quoted && word.text === phrase.word;
  const { quotes, shape } = phrase.type;
  return (quotes === 'maybe' || word.quoted === (quotes === 'always')) && shape.test(word.text);
}

/** The words that phrases can begin with, and whether they can be passed without any. */
function firstOf(phrases: Phrases): { readonly expected: readonly Expectation[]; readonly passable: boolean } {
  const expected: Expectation[] = [];
  for (const phrase of phrases) {
    if (phrase.kind === 'mark') continue;
    if (phrase.kind === 'word' || phrase.kind === 'param') return { expected: [...expected, phrase], passable: false };
    const starts = partsOf(phrase).map(firstOf);
    expected.push(...starts.flatMap((start) => start.expected));
    const passable = phrase.kind === 'optional' || phrase.kind === 'options' || starts.some((start) => start.passable);
    if (!passable) return { expected, passable };
  }
  return { expected, passable: true };
}
