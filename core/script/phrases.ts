import type { Field } from './command.ts';
import type { ValueType } from './values.ts';

/** A fixed word. */
export interface WordPhrase {
  readonly kind: 'word';
  readonly word: string;
  readonly token: 'verb' | 'keyword' | 'operator';
}

/** A word of a type, read into a field. */
export interface ParamPhrase {
  readonly kind: 'param';
  readonly field: Field;
  readonly type: ValueType<unknown>;
}

/** No word at all: what having come this way says. */
export interface MarkPhrase {
  readonly kind: 'mark';
  readonly field: Field;
  readonly value: string | boolean | null;
}

/** All or nothing; left out, its fields are null or false. */
interface OptionalPhrase {
  readonly kind: 'optional';
  readonly phrases: Phrases;
}

/** One or more words of a type, read into a list. */
interface RepeatPhrase {
  readonly kind: 'repeat';
  readonly param: ParamPhrase;
}

/** Any of them in any order, each once; left out, the fields are null or false. */
interface OptionsPhrase {
  readonly kind: 'options';
  readonly options: readonly Phrases[];
}

/** Exactly one; an alternative that begins with a mark is printed where the command says so, another where none is. */
interface ChoicePhrase {
  readonly kind: 'choice';
  readonly alternatives: readonly Phrases[];
}

export type Phrase =
  | WordPhrase
  | ParamPhrase
  | MarkPhrase
  | OptionalPhrase
  | RepeatPhrase
  | OptionsPhrase
  | ChoicePhrase;
export type Phrases = readonly Phrase[];

export const word = (text: string, token: WordPhrase['token'] = 'keyword'): WordPhrase => ({
  kind: 'word',
  word: text,
  token,
});
export const param = <T>(field: Field, type: ValueType<T>): ParamPhrase => ({ kind: 'param', field, type });
export const mark = (field: Field, value: MarkPhrase['value']): MarkPhrase => ({ kind: 'mark', field, value });
export const optional = (...phrases: Phrases): Phrase => ({ kind: 'optional', phrases });
export const repeat = <T>(field: Field, type: ValueType<T>): Phrase => ({ kind: 'repeat', param: param(field, type) });
export const options = (...all: readonly Phrases[]): Phrase => ({ kind: 'options', options: all });
export const choice = (...alternatives: readonly Phrases[]): Phrase => ({ kind: 'choice', alternatives });

/** A word that sets a field to true. */
export const flag = (text: string, field: Field): Phrases => [mark(field, true), word(text)];
/** A word followed by a parameter. */
export const option = <T>(text: string, field: Field, type: ValueType<T>): Phrases => [word(text), param(field, type)];
/** One of several words, kept in the field. */
export const oneOf = (field: Field, ...words: readonly string[]): Phrase =>
  choice(...words.map((text) => [mark(field, text), word(text)]));
/** An alternative that a mark tells from the others by its own first word. */
export const form = (field: Field, text: string, ...phrases: Phrases): Phrases => [
  mark(field, text),
  word(text),
  ...phrases,
];

/** The value that a field has when the phrases that set it are left out. */
export function* fieldsLeftOut(phrases: Phrases): Generator<[Field, null | false]> {
  for (const phrase of phrases) {
    if (phrase.kind === 'param') yield [phrase.field, null];
    else if (phrase.kind === 'mark') yield [phrase.field, phrase.value === true ? false : null];
    else for (const part of partsOf(phrase)) yield* fieldsLeftOut(part);
  }
}

/** The phrases inside a phrase, one list for each way through. */
export function partsOf(phrase: Phrase): readonly Phrases[] {
  if (phrase.kind === 'optional') return [phrase.phrases];
  if (phrase.kind === 'options') return phrase.options;
  if (phrase.kind === 'choice') return phrase.alternatives;
  return phrase.kind === 'repeat' ? [[phrase.param]] : [];
}
