import { mistakesIn } from '../script/index.ts';
import { readArguments } from './arguments.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { findSource, located } from './source.ts';

/** svm check: says what is wrong with a script without running it, one line for each mistake. */
export function check(io: Io, given: readonly string[]): Exit {
  const read = readArguments(given, { words: ['FILE'] });
  if (!read.ok) {
    io.say(`svm check: ${read.error}`);
    return EXIT.usage;
  }
  const source = findSource(io, read.value.words[0] as string);
  if (!source.ok) {
    const { malformed, message } = source.error;
    io.say(malformed ? message : `svm check: ${message}`);
    return malformed ? EXIT.failed : EXIT.usage;
  }
  const diagnostics = mistakesIn(source.value.text);
  io.out(diagnostics.map((diagnostic) => `${located(source.value.name, diagnostic)}\n`).join(''));
  return diagnostics.length > 0 ? EXIT.failed : EXIT.held;
}
