import { comparisonText, differenceText, type Side } from '../export/compare-text.ts';
import { backEndFor } from '../hardware/back-end.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { eventsOf } from '../machine/machine.ts';
import { type ChoiceNames, readChoice } from '../play/choice.ts';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { whyNotOn } from '../scenarios/catalogue.ts';
import { type Arguments, readArguments } from './arguments.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { findSource, located } from './source.ts';

/**
 * svm compare A B: two runs beside each other, aligned by cause; with moments, as in first-touch@40, what differs
 * between these two states of the machine.
 */
export function compare(io: Io, given: readonly string[]): Exit {
  const values = ['--policy-a', '--policy-b', '--backend-a', '--backend-b'];
  const read = readArguments(given, { words: ['A', 'B'], values });
  if (!read.ok) return misused(io, read.error);
  const [a = '', b = ''] = read.value.words;
  const sides = [sideOf(io, a, choiceOf(read.value.options, 'a')), sideOf(io, b, choiceOf(read.value.options, 'b'))];
  const [left, right] = sides;
  for (const side of sides) if (!side.ok) return misused(io, side.error);
  if (!left?.ok || !right?.ok) return EXIT.usage;
  const moments = left.value.event !== null || right.value.event !== null;
  io.out(moments ? differenceText(left.value, right.value) : comparisonText(left.value, right.value));
  return EXIT.held;
}

/** What was asked for of one side. */
function choiceOf(options: Arguments['options'], side: 'a' | 'b'): ChoiceNames {
  return { policy: options.get(`--policy-${side}`), backend: options.get(`--backend-${side}`) };
}

/** The run that a word means: a scenario or file, and behind @ a moment of it. */
function sideOf(io: Io, word: string, choice: ChoiceNames): Result<Side, string> {
  const [, name = word, moment] = /^(.*?)(?:@(\d{1,9}))?$/s.exec(word) ?? [];
  const source = findSource(io, name);
  if (!source.ok) return err(source.error.message);
  const chosen = readChoice(choice);
  if (!chosen.ok) return chosen;
  const { paging } = chosen.value;
  const why = paging === undefined ? null : whyNotOn(source.value, backEndFor(paging));
  if (why !== null) return err(`${name} makes no sense on ${choice.backend}: ${why}`);
  const { text, files } = source.value;
  const { play, diagnostics } = playScript(text, { files, ...chosen.value });
  const [wrong] = diagnostics;
  if (wrong !== undefined) return err(located(name, wrong));
  const machine = machineOf(play);
  const event = moment === undefined ? null : Number(moment);
  if (event !== null && event > eventsOf(machine)) return err(`${word}: the run has ${eventsOf(machine)} events`);
  const { policy, backend } = choice;
  const design = policy === undefined ? '' : ` under ${policy}`;
  return ok({ name: `${name}${design}${backend === undefined ? '' : ` on ${backend}`}`, machine, event });
}

function misused(io: Io, why: string): Exit {
  io.say(`svm compare: ${why}`);
  return EXIT.usage;
}
