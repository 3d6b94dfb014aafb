/** Width of one character in px, per px of font size: JetBrains Mono is exact, Inter is a mean on the safe side. */
const MONO_ADVANCE = 0.6;
const SANS_ADVANCE = 0.57;
const ELLIPSIS = '\u2026';
/** Three dots between digits. */
const LEFT_OUT = /(?<=[\da-f])\.{3}(?=[\da-f])/g;

/** Width in px that a text of the machine's type takes. */
export function monoWidth(text: string, size = 11): number {
  return text.length * size * MONO_ADVANCE;
}

/** Width in px that words take at most, nearly. */
export function wordsWidth(text: string, size = 11): number {
  return text.length * size * SANS_ADVANCE;
}

/** The text with its middle left out, so that it has at most `length` characters. */
export function inMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const tail = Math.floor((length - 1) / 2);
  return `${text.slice(0, length - 1 - tail)}${ELLIPSIS}${text.slice(text.length - tail)}`;
}

/** An address as a person tells them apart: 0x00007f0000001000 is 7f00...1000, and 0x400000 is 400000. */
export function shortAddress(address: string): string {
  const digits = address
    .replace(/^0x/, '')
    .replaceAll('_', '')
    .replace(/\.\.\./, ELLIPSIS);
  const plain = digits.replace(/^0+(?=.)/, '');
  if (plain.length <= 8 || plain.includes(ELLIPSIS)) return plain;
  return `${plain.slice(0, 4)}${ELLIPSIS}${plain.slice(-4)}`;
}

/** Plain data with its texts as they are printed: where the machine leaves digits out of an address it writes dots. */
export function typeset<T>(value: T): T {
  if (typeof value === 'string') return (value.includes('...') ? value.replace(LEFT_OUT, ELLIPSIS) : value) as T;
  if (Array.isArray(value)) return value.map(typeset) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, typeset(part)])) as T;
}

/** A record's label that fits in `length` characters: its addresses are shortened first, then its last words go. */
export function shortLabel(label: string, length: number): string {
  const parts = label.split(' ').map((part) => (/^(0x)?[0-9a-f_]{9,}$|\.\.\./.test(part) ? shortAddress(part) : part));
  while (parts.length > 1 && parts.join(' ').length > length) parts.pop();
  return inMiddle(parts.join(' '), length);
}

/** The last part of a file's path; other names stay as they are. */
export function fileName(path: string): string {
  return path.startsWith('/') ? path.slice(path.lastIndexOf('/') + 1) : path;
}

/** Simulated nanoseconds in the unit that reads best. */
export function duration(nanoseconds: number): string {
  if (nanoseconds < 1000) return `${nanoseconds} ns`;
  if (nanoseconds < 1_000_000) return `${(nanoseconds / 1000).toFixed(2)} \u00b5s`;
  if (nanoseconds < 1_000_000_000) return `${(nanoseconds / 1_000_000).toFixed(2)} ms`;
  return `${(nanoseconds / 1_000_000_000).toFixed(2)} s`;
}
