import { readArguments } from './arguments.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { diagnose, findSource, located } from './source.ts';

/** svm check: says what is wrong with a script without running it, one line for each mistake. */
export function check(io: Io, given: readonly string[]): Exit {
  const read = readArguments(given, { words: ['FILE'] });
  const source = read.ok ? findSource(io, read.value.words[0] as string) : read;
  if (!source.ok) {
    io.say(`svm check: ${source.error}`);
    return EXIT.usage;
  }
  const diagnostics = diagnose(source.value);
  io.out(diagnostics.map((diagnostic) => `${located(source.value.name, diagnostic)}\n`).join(''));
  return diagnostics.length > 0 ? EXIT.failed : EXIT.held;
}
