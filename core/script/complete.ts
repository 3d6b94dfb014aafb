import { GRAMMAR, LANGUAGE } from './grammar.ts';
import type { Known } from './known.ts';
import { type Expectation, type Match, matchWords } from './match.ts';
import type { ParamPhrase } from './phrases.ts';
import type { TokenKind } from './values.ts';
import { splitLine, type Word } from './words.ts';

/** A word that may stand at the cursor: it replaces the characters `from` up to, not including, `to`. */
export interface Completion {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly kind: TokenKind;
  /** What the word is: the summary of a command, or the noun of a parameter. */
  readonly detail: string;
}

/** The words that may stand at the cursor (an offset into the text, from 0), given the names that are live. */
export function complete(text: string, cursor: number, known: Known): readonly Completion[] {
  const before = text.slice(0, cursor);
  const start = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1;
  const line = /^[^\r\n]*/u.exec(text.slice(start))?.[0] ?? '';
  const offset = before.length - start;
  const { words, comment } = splitLine(line);
  if (comment !== null && offset >= comment.column) return [];
  const under = words.find((word) => word.column - 1 <= offset && offset <= word.endColumn - 1);
  const [from, to] = under === undefined ? [offset, offset] : [under.column - 1, under.endColumn - 1];
  return offersAfter(
    words.filter((word) => word.endColumn - 1 <= from && word !== under),
    known,
  )
    .filter((offer) => offer.text.startsWith(line.slice(from, offset)))
    .map((offer) => ({ ...offer, from: start + from, to: start + to }));
}

type Offer = Pick<Completion, 'text' | 'kind' | 'detail'>;

function offersAfter(words: readonly Word[], known: Known): readonly Offer[] {
  const match = matchWords(LANGUAGE, words);
  if (match.taken.length < words.length) return [];
  const offers = [...match.expected].flatMap((phrase) => offersOf(phrase, match, known));
  return offers.filter((offer, index) => offers.findIndex((other) => other.text === offer.text) === index);
}

function offersOf(phrase: Expectation, match: Match, known: Known): readonly Offer[] {
  if (phrase.kind === 'param') return namesOf(phrase, match, known);
  // Posting is for those who know it: a lone `&` would be typed for everybody who asks for the next word.
  if (phrase.word === '&') return [];
  return [{ text: phrase.word, kind: phrase.token, detail: summaryOf(phrase.word) }];
}

/** The live names that would parse here; a region may have a name that the language cannot write. */
function namesOf(param: ParamPhrase, match: Match, known: Known): readonly Offer[] {
  const { type } = param;
  const process = match.fields.get('process');
  return type
    .names(known, typeof process === 'string' ? process : null)
    .filter((text) => matchWords(param, splitLine(text).words).complete && splitLine(text).words.length === 1)
    .map((text) => ({ text, kind: type.token, detail: type.noun }));
}

function summaryOf(word: string): string {
  return Object.hasOwn(GRAMMAR, word) ? GRAMMAR[word as keyof typeof GRAMMAR].summary : 'keyword';
}
