import { linesOf, parseLine, printCommand } from '../script/index.ts';
import type { Play } from './play.ts';

/** A script, and for each command that was played the line of it, from 1, that it stands in. */
export interface Written {
  readonly text: string;
  readonly lines: readonly number[];
}

/**
 * The script of what was played, as a person would have written it: what came from the source keeps its own words, with
 * the comments and empty lines before it; what was typed since, and what was cut, is printed.
 */
export function writtenScript({ outcomes, source }: Pick<Play, 'outcomes' | 'source'>): Written {
  const given = linesOf(source);
  const written: string[] = [];
  let copied = 0;
  const lines = outcomes.map(({ command }) => {
    const { line } = command;
    const printed = printCommand(command);
    const own = given[line - 1] ?? '';
    const isOwn = line > copied && says(own, printed);
    written.push(...given.slice(copied, Math.max(copied, line - 1)), isOwn ? own : printed);
    copied = Math.max(copied, line);
    return written.length;
  });
  return { text: written.join('\n'), lines };
}

function says(own: string, printed: string): boolean {
  const { command } = parseLine(own);
  return command !== null && printCommand(command) === printed;
}
