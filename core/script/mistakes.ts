import { checkNames } from './check-names.ts';
import type { Diagnostic } from './diagnostics.ts';
import { parseScript } from './parse.ts';

/** What is wrong with a script before it is played, in the order of its lines: what cannot be read, and names of nothing. */
export function mistakesIn(text: string): readonly Diagnostic[] {
  const { commands, diagnostics } = parseScript(text);
  const found = [...diagnostics, ...checkNames(commands, text)];
  return found.sort((one, other) => one.line - other.line || one.column - other.column);
}
