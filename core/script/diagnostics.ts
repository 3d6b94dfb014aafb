import { suggestion } from '../lib/suggestion.ts';
import { type Expectation, type Match, nextWord } from './match.ts';

/** What is wrong in a text and where: lines and columns from 1, `endColumn` one past the last. */
export interface Diagnostic {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  readonly message: string;
  /** What could have stood there: keywords, nouns of parameters, names. */
  readonly expected: readonly string[];
}

const LONGEST_QUOTATION = 32;
const LONGEST_LIST = 10;

/** Says why the first word that the grammar did not take, or the end of the line, cannot stand there. */
export function diagnose(match: Match, line: number): Diagnostic {
  const word = nextWord(match);
  const end = match.words.at(-1)?.endColumn ?? 1;
  const expected = [...new Set([...match.expected].map(nameOf))];
  if (match.complete) expected.push('the end of the line');
  const { column, endColumn } = word ?? { column: end, endColumn: end + 1 };
  return { line, column, endColumn, message: messageOf(match, expected), expected };
}

/** The first word whose quotes are wrong, as a diagnostic; null if there is none. */
export function diagnoseQuotes({ words }: Pick<Match, 'words'>, line: number): Diagnostic | null {
  for (const { problem, column, endColumn } of words) {
    if (problem !== null) return { line, column, endColumn, message: problem, expected: ['a text in double quotes'] };
  }
  return null;
}

function messageOf(match: Match, expected: readonly string[]): string {
  const word = nextWord(match);
  if (match.problem !== null) return match.problem;
  if (word === undefined) return `expected ${listOf(expected)}, found the end of the line`;
  const keywords = [...match.expected].flatMap((phrase) => (phrase.kind === 'word' ? [phrase.word] : []));
  const hint = word.quoted ? '' : suggestion(word.text, keywords);
  if (match.taken.length === 0) return `${quotation(word.text)} is not a command${hint}`;
  return `expected ${listOf(expected)}, found ${quotation(word.text)}${hint}`;
}

function nameOf(phrase: Expectation): string {
  return phrase.kind === 'word' ? phrase.word : phrase.type.noun;
}

function listOf(things: readonly string[]): string {
  if (things.length > LONGEST_LIST) return `one of ${things.slice(0, LONGEST_LIST).join(', ')}, ...`;
  const [last = '', ...before] = things.toReversed();
  return before.length === 0 ? last : `${before.toReversed().join(', ')} or ${last}`;
}

function quotation(text: string): string {
  return `"${text.length > LONGEST_QUOTATION ? `${text.slice(0, LONGEST_QUOTATION)}...` : text}"`;
}
