import { generateScript, MOST_EVENTS } from '../scenarios/generate.ts';
import { readArguments } from './arguments.ts';
import { EXIT, type Exit, type Io } from './io.ts';

/** svm generate: a script of a long run, to scrub through, to measure or to test a tool with. */
export function generate(io: Io, given: readonly string[]): Exit {
  const read = readArguments(given, { words: [], values: ['--events', '--seed'] });
  if (!read.ok) return misused(io, read.error);
  const [events, seed] = [read.value.options.get('--events') ?? '100000', read.value.options.get('--seed') ?? '1'];
  if (!/^\d{1,9}$/.test(events) || Number(events) > MOST_EVENTS) {
    return misused(io, `--events ${events}: a number up to ${MOST_EVENTS}`);
  }
  if (!/^\d{1,9}$/.test(seed)) return misused(io, `--seed ${seed}: a number`);
  io.out(generateScript({ events: Number(events), seed: Number(seed) }));
  return EXIT.held;
}

function misused(io: Io, why: string): Exit {
  io.say(`svm generate: ${why}`);
  return EXIT.usage;
}
