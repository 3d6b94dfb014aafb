import { GRAMMAR, LANGUAGE } from './grammar.ts';
import { help } from './help.ts';
import { type Expectation, matchWords } from './match.ts';
import { splitLine } from './words.ts';

/** What a word of a line is. Columns are counted from 1, `endColumn` is one past the last. */
export interface Explanation {
  readonly column: number;
  readonly endColumn: number;
  readonly word: string;
  /** The parameter that it is, as `help` writes it (PROC, POLICY), or null for a fixed word. */
  readonly parameter: string | null;
  /** What may stand there, or the help of the command that it begins. */
  readonly text: string;
}

/** The word at a column of a line, explained; null where there is none, or where the grammar does not lead. */
export function explain(line: string, column: number): Explanation | null {
  const { words } = splitLine(line);
  const { taken } = matchWords(LANGUAGE, words);
  const found = taken.find(({ word }) => word.column <= column && column < word.endColumn);
  if (found === undefined) return null;
  const { text: word, column: start, endColumn } = found.word;
  const parameter = found.phrase.kind === 'param' ? found.phrase.type.label : null;
  return { column: start, endColumn, word, parameter, text: meaningOf(found.phrase, taken[0]?.word.text ?? '') };
}

function meaningOf(phrase: Expectation, verb: string): string {
  if (phrase.kind === 'param') return phrase.type.noun;
  if (Object.hasOwn(GRAMMAR, phrase.word) || phrase.word === 'under') return help(phrase.word);
  return phrase.word === '&' ? 'posts the command: the lines after it do not wait' : `belongs to ${verb}`;
}
