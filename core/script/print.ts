import { present } from '../lib/assert.ts';
import type { Command, Field } from './command.ts';
import { LANGUAGE } from './grammar.ts';
import type { ParamPhrase, Phrase, Phrases } from './phrases.ts';

/** A printed word; for a parameter its phrase and value. */
export interface Part {
  readonly text: string;
  readonly param: ParamPhrase | null;
  readonly value: unknown;
}

type Values = Readonly<Partial<Record<Field, unknown>>>;

/** The line that parses to this command, but for `line` itself; single spaces, options in the order of `help`. */
export function printCommand(command: Command): string {
  return partsPrinted(command)
    .map((part) => part.text)
    .join(' ');
}

/** The words of the printed line, with what each stands for. */
export function partsPrinted(command: Command): readonly Part[] {
  return print(LANGUAGE, command as Values);
}

function print(phrase: Phrase, values: Values): readonly Part[] {
  switch (phrase.kind) {
    case 'word':
      return [{ text: phrase.word, param: null, value: null }];
    case 'param':
      return [printed(phrase, values[phrase.field])];
    case 'mark':
      return [];
    case 'optional':
      return printIfGiven(phrase.phrases, values);
    case 'repeat':
      return (values[phrase.param.field] as readonly unknown[]).map((value) => printed(phrase.param, value));
    case 'options':
      return phrase.options.flatMap((phrases) => printIfGiven(phrases, values));
    case 'choice':
      return printAll(chosen(phrase.alternatives, values), values);
  }
}

function printAll(phrases: Phrases, values: Values): readonly Part[] {
  return phrases.flatMap((phrase) => print(phrase, values));
}

function printed(param: ParamPhrase, value: unknown): Part {
  return { text: param.type.print(value), param, value };
}

function printIfGiven(phrases: Phrases, values: Values): readonly Part[] {
  return phrases.some((phrase) => isGiven(phrase, values)) ? printAll(phrases, values) : [];
}

function isGiven(phrase: Phrase, values: Values): boolean {
  if (phrase.kind === 'param') return (values[phrase.field] ?? null) !== null;
  if (phrase.kind === 'mark') return values[phrase.field] === phrase.value;
  return (
    phrase.kind === 'choice' && phrase.alternatives.some(([first]) => first !== undefined && isGiven(first, values))
  );
}

function chosen(alternatives: readonly Phrases[], values: Values): Phrases {
  const agrees = ([first]: Phrases) => first?.kind !== 'mark' || values[first.field] === first.value;
  return present(alternatives.find(agrees), 'a command has one of the forms of its verb');
}
