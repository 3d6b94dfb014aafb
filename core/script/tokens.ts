import { LANGUAGE } from './grammar.ts';
import { type Expectation, matchWords } from './match.ts';
import type { TokenKind } from './values.ts';
import { splitLine } from './words.ts';

/** A coloured stretch of a line: columns from 1, `endColumn` one past the last. */
export interface Token {
  readonly kind: TokenKind;
  readonly column: number;
  readonly endColumn: number;
}

/** The words and the comment of one line, in order; the first word that cannot stand where it does is an error. */
export function tokens(line: string): readonly Token[] {
  const { words, comment } = splitLine(line);
  const { taken } = matchWords(LANGUAGE, words);
  const coloured = words.map(({ column, endColumn, problem }, index): Token => {
    const phrase = taken[index]?.phrase;
    const unread: TokenKind = index === taken.length ? 'error' : 'plain';
    const kind = problem !== null ? 'error' : phrase === undefined ? unread : kindOf(phrase);
    return { kind, column, endColumn };
  });
  return comment === null ? coloured : [...coloured, { kind: 'comment', ...comment }];
}

function kindOf(phrase: Expectation): TokenKind {
  return phrase.kind === 'word' ? phrase.token : phrase.type.token;
}
