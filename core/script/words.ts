/** A word of a line with its columns: from 1, the end one past the last. */
export interface Word {
  readonly text: string;
  readonly quoted: boolean;
  readonly column: number;
  readonly endColumn: number;
  /** What is wrong with its quotes; null if nothing. */
  readonly problem: string | null;
}

interface SplitLine {
  readonly words: readonly Word[];
  readonly comment: { readonly column: number; readonly endColumn: number } | null;
}

// A backslash that ends the line belongs to the quoted text before it, which then lacks its closing quote.
const PIECE = /\s+|(#.*)|"((?:[^"\\]|\\.)*)\\?("?)|&|[^\s"#&]+/gsu;

/** Splits one line into words, quoted texts and the sign `&`; `#` outside quotes begins a comment. */
export function splitLine(line: string): SplitLine {
  const words: Word[] = [];
  let comment: SplitLine['comment'] = null;
  for (const piece of line.matchAll(PIECE)) {
    const [text, hash, inside, closing] = piece;
    const columns = { column: piece.index + 1, endColumn: piece.index + 1 + text.length };
    if (hash !== undefined) comment = columns;
    else if (inside !== undefined) words.push({ ...unquote(inside, closing === '"'), quoted: true, ...columns });
    else if (text.trim() !== '') words.push({ text, quoted: false, ...columns, problem: null });
  }
  return { words, comment };
}

function unquote(inside: string, closed: boolean): Pick<Word, 'text' | 'problem'> {
  const strange = /\\[^"\\]/u.exec(inside.replaceAll(/\\["\\]/gu, ''));
  const text = inside.replaceAll(/\\(["\\])/gu, '$1');
  if (!closed) return { text, problem: 'expected a closing quote before the end of the line' };
  if (strange !== null) return { text, problem: `expected \\" or \\\\ after a backslash, found ${strange[0]}` };
  return { text, problem: null };
}

/** A text in the quotes that splitLine() takes off again; a text has no line breaks. */
export function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/gu, '\\$&')}"`;
}

/** Whether splitLine() gives the text back as one word without quotes. */
export function isBare(text: string): boolean {
  return /^[^\s"#&]+$/u.test(text);
}
