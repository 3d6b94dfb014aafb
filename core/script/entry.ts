import type { Verb } from './command.ts';
import { type Phrases, word } from './phrases.ts';

/** One command of the language: the parser, completion, highlighting, help and the printer all read this. */
export interface Entry {
  readonly summary: string;
  readonly phrases: Phrases;
  readonly example: string;
  /** Whether a trailing `&` may post it without waiting. */
  readonly posted: boolean;
}

export const entry = (summary: string, example: string, ...phrases: Phrases): Entry => ({
  summary,
  example,
  phrases,
  posted: false,
});
export const posted = (...parts: Parameters<typeof entry>): Entry => ({ ...entry(...parts), posted: true });

export const verb = (text: Verb) => word(text, 'verb');
