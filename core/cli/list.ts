import { SCENARIOS, SUBJECTS } from '../scenarios/catalogue.ts';
import { readArguments } from './arguments.ts';
import { EXIT, type Exit, type Io } from './io.ts';

/** svm list: the scenarios of the catalogue under their subjects, for people or as JSON. */
export function list(io: Io, given: readonly string[]): Exit {
  const read = readArguments(given, { words: [], flags: ['--json'] });
  if (!read.ok) {
    io.say(`svm list: ${read.error}`);
    return EXIT.usage;
  }
  io.out(read.value.options.has('--json') ? asJson() : asText());
  return EXIT.held;
}

function asJson(): string {
  const all = SUBJECTS.flatMap(({ title: subject, scenarios }) =>
    scenarios.map(({ id, title, summary, counterpart }) => ({ id, title, summary, subject, counterpart })),
  );
  return `${JSON.stringify(all, null, 2)}\n`;
}

function asText(): string {
  const width = Math.max(...SCENARIOS.map(({ id }) => id.length)) + 2;
  const told = SUBJECTS.map(({ title, scenarios }) =>
    [title, ...scenarios.map(({ id, summary }) => `  ${id.padEnd(width)}${firstSentence(summary)}`)].join('\n'),
  );
  return `${told.join('\n\n')}\n`;
}

function firstSentence(text: string): string {
  return /^.*?\.(?= |$)/.exec(text)?.[0] ?? text;
}
