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

/** `; did you mean "munmap"?` if one of the words is near, else nothing. */
export function suggestion(text: string, words: readonly string[]): string {
  if (text.length > LONGEST_QUOTATION) return '';
  const near = words
    .map((word) => ({ word, distance: distanceOf(text.toLowerCase(), word) }))
    .filter(({ word, distance }) => distance <= Math.min(2, Math.floor(word.length / 2)))
    .sort((one, other) => one.distance - other.distance);
  return near[0] === undefined ? '' : `; did you mean "${near[0].word}"?`;
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function distanceOf(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const least = Math.min(at(next, j - 1) + 1, at(row, j) + 1, at(row, j - 1) + (same ? 0 : 1));
      next.push(swapped ? Math.min(least, at(before, j - 2) + 1) : least);
    }
    before = row;
    row = next;
  }
  return at(row, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
