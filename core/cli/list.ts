import { SCENARIOS } from '../scenarios/catalogue.ts';
import { readArguments } from './arguments.ts';
import { EXIT, type Exit, type Io } from './io.ts';

/** svm list: the scenarios of the catalogue, for people or as JSON. */
export function list(io: Io, given: readonly string[]): Exit {
  const read = readArguments(given, { words: [], flags: ['--json'] });
  if (!read.ok) {
    io.say(`svm list: ${read.error}`);
    return EXIT.usage;
  }
  const all = SCENARIOS.map(({ id, title, summary }) => ({ id, title, summary }));
  const width = Math.max(...all.map(({ id }) => id.length)) + 2;
  if (read.value.options.has('--json')) io.out(`${JSON.stringify(all, null, 2)}\n`);
  else io.out(all.map(({ id, summary }) => `${id.padEnd(width)}${firstSentence(summary)}\n`).join(''));
  return EXIT.held;
}

function firstSentence(text: string): string {
  return /^.*?\.(?= |$)/.exec(text)?.[0] ?? text;
}
