import { err, ok, type Result } from '../lib/result.ts';
import { suggestion } from '../lib/suggestion.ts';

/** Words of a command line, sorted. */
export interface Arguments {
  /** Words that are no options, in order. */
  readonly words: readonly string[];
  /** Options with their values; '' for one that takes none. */
  readonly options: ReadonlyMap<string, string>;
}

/** What a command takes. */
export interface Takes {
  /** What its words are, for instance FILE: there must be as many. */
  readonly words: readonly string[];
  /** Options that take a value. */
  readonly values?: readonly string[];
  /** Options that take none. */
  readonly flags?: readonly string[];
}

/** Reads `WORD --option VALUE --option=VALUE --flag` in any order; the error is a sentence. */
export function readArguments(given: readonly string[], takes: Takes): Result<Arguments, string> {
  const { values = [], flags = [] } = takes;
  const words: string[] = [];
  const options = new Map<string, string>();
  for (let at = 0; at < given.length; at++) {
    const [, name = '', attached] = /^(--?[^=]+)(?:=(.*))?$/s.exec(given[at] as string) ?? [];
    if (name === '') words.push(given[at] as string);
    else if (flags.includes(name) && attached === undefined) options.set(name, '');
    else if (flags.includes(name)) return err(`${name} takes no value`);
    else if (!values.includes(name)) return err(`there is no option ${name}${suggestion(name, [...values, ...flags])}`);
    else {
      const value = attached ?? given[++at];
      if (value === undefined) return err(`${name} needs a value`);
      options.set(name, value);
    }
  }
  if (words.length > takes.words.length) return err(`"${words[takes.words.length]}" is one word too many`);
  const missing = takes.words[words.length];
  return missing === undefined ? ok({ words, options }) : err(`${missing} is missing`);
}
