import { CORE_VERSION } from '../export/version.ts';
import { suggestion } from '../lib/suggestion.ts';
import { check } from './check.ts';
import { compare } from './compare.ts';
import { conformance } from './conformance.ts';
import { explore } from './explore.ts';
import { generate } from './generate.ts';
import { EXPLORE_HELP, HELP } from './help.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { list } from './list.ts';
import { museum } from './museum.ts';
import { run } from './run.ts';
import { stream } from './stream.ts';

const COMMANDS: Readonly<Record<string, (io: Io, given: readonly string[]) => Exit | Promise<Exit>>> = {
  list,
  run,
  check,
  compare,
  explore,
  generate,
  museum,
  conformance,
  stream,
};

/** The svm command: answers with the exit code, later where several threads search. */
export function svm(io: Io, given: readonly string[]): Exit | Promise<Exit> {
  const [name = '', ...rest] = given;
  if (given.includes('--help') || given.includes('-h') || name === 'help') {
    io.out(given.includes('explore') ? EXPLORE_HELP : HELP);
    return EXIT.held;
  }
  if (name === '--version') {
    io.out(`${CORE_VERSION}\n`);
    return EXIT.held;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command(io, rest);
  const hint = suggestion(name, Object.keys(COMMANDS));
  io.say(name === '' ? HELP.trimEnd() : `svm: there is no command ${name}${hint} (svm --help)`);
  return EXIT.usage;
}
