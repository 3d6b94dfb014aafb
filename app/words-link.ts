import type { Diagnostic } from './engine/contract.ts';
import { sentenceOf } from './sentences.ts';

/** What is told of a link that was not understood. */
export const link = {
  badEvent: (text: string) => `The link's event "${text}" is not a number, so it opens at the start.`,
  badScript: 'The script in the link is damaged: it cannot be unpacked.',
  tooLong: 'The script in the link is too long.',
  fallback: 'First touch is shown instead.',
  located: ({ line, column, message }: Diagnostic) =>
    line === 0 ? sentenceOf(message) : `Line ${line}, column ${column}: ${message}.`,
} as const;
