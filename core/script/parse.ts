import type { Command } from './command.ts';
import { type Diagnostic, diagnose, diagnoseQuotes } from './diagnostics.ts';
import { LANGUAGE } from './grammar.ts';
import { matchWords, nextWord } from './match.ts';
import { splitLine } from './words.ts';

export const MAX_LINES = 2000;
export const MAX_COLUMNS = 400;

/** What one line says: a command, or why it is none; both null for a blank line or a comment. */
export interface ParsedLine {
  readonly command: Command | null;
  readonly diagnostic: Diagnostic | null;
}

export interface ParsedScript {
  readonly commands: readonly Command[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads one line (without its line break), and numbers what it finds with `line`, from 1. */
export function parseLine(text: string, line = 1): ParsedLine {
  if (text.length > MAX_COLUMNS) return { command: null, diagnostic: tooLong(text, line) };
  const { words } = splitLine(text);
  if (words.length === 0) return { command: null, diagnostic: null };
  const diagnostic = diagnoseQuotes({ words }, line);
  if (diagnostic !== null) return { command: null, diagnostic };
  const match = matchWords(LANGUAGE, words);
  if (!match.complete || nextWord(match) !== undefined) return { command: null, diagnostic: diagnose(match, line) };
  // The grammar gives each verb the fields of its command; the round trip through the printer proves it.
  return { command: { line, ...Object.fromEntries(match.fields) } as unknown as Command, diagnostic: null };
}

/** Reads a script: at most one diagnostic a line, and every line that is right becomes a command. */
export function parseScript(text: string): ParsedScript {
  const lines = linesOf(text);
  const parsed = lines.slice(0, MAX_LINES).map((line, index) => parseLine(line, index + 1));
  const diagnostics = parsed.flatMap(({ diagnostic }) => diagnostic ?? []);
  if (lines.slice(MAX_LINES).some((line) => line.trim() !== '')) diagnostics.push(tooMany(MAX_LINES + 1));
  return { commands: parsed.flatMap(({ command }) => command ?? []), diagnostics };
}

/** The lines of a text, whatever its line breaks. */
export function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/u);
}

function tooLong({ length }: string, line: number): Diagnostic {
  const message = `expected at most ${MAX_COLUMNS} columns, found ${length}`;
  return { line, column: MAX_COLUMNS + 1, endColumn: length + 1, message, expected: ['the end of the line'] };
}

function tooMany(line: number): Diagnostic {
  const message = `expected at most ${MAX_LINES} lines; what follows is not read`;
  return { line, column: 1, endColumn: 2, message, expected: ['the end of the script'] };
}
