import type { Diagnostic } from './engine/contract.ts';
import { sentenceOf } from './sentences.ts';

/** What is told of a link that was not understood. */
export const link = {
  badEvent: (text: string) => `The link's event "${text}" is not a number, so it opens at the start.`,
  badScript: 'The script in the link is damaged: it cannot be unpacked.',
  tooLong: 'The script in the link is too long.',
  badSelection: (text: string) =>
    `The link's selection "${text.slice(0, 40)}" is no key of a thing, so nothing is selected.`,
  badBookmarks: 'The bookmarks in the link are damaged: they are left out.',
  fallback: 'First touch is shown instead.',
  located: ({ line, column, message }: Diagnostic) =>
    line === 0 ? sentenceOf(message) : `Line ${line}, column ${column}: ${message}.`,
} as const;
