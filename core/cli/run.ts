import { FORMATS, type Format, isFormat } from '../export/formats.ts';
import { compareWithLog, type EventLog } from '../export/read-log.ts';
import { backEndFor } from '../hardware/back-end.ts';
import type { Result } from '../lib/result.ts';
import { suggestion } from '../lib/suggestion.ts';
import { eventsOf, seek } from '../machine/machine.ts';
import { type Chosen, readChoice } from '../play/choice.ts';
import { machineOf, type Play } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { NO_BUG } from '../policy/policy.ts';
import { whyNotOn } from '../scenarios/catalogue.ts';
import { type Arguments, readArguments } from './arguments.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { findSource, located, type Source } from './source.ts';
import { judge } from './verdict.ts';

/** svm run: plays a script, prints the run as text, and answers whether what it expects held. */
export function run(io: Io, given: readonly string[]): Exit {
  const values = ['--policy', '--bug', '--backend', '--at', '--format'];
  const read = readArguments(given, { words: ['SCENARIO or FILE'], values });
  if (!read.ok) return misused(io, read.error);
  const { words, options } = read.value;
  const format = options.get('--format') ?? 'chart';
  if (!isFormat(format)) return misused(io, unknown('format', format, Object.keys(FORMATS)));
  const at = options.get('--at') ?? null;
  if (at !== null && !/^\d{1,9}$/.test(at)) return misused(io, `--at takes a number of events, not ${at}`);
  const design = designOf(options);
  if (!design.ok) {
    io.say(`svm: ${design.error}`);
    return EXIT.refused;
  }
  const source = findSource(io, words[0] as string);
  if (source.ok)
    return playSource(io, source.value, { format, at: at === null ? null : Number(at), kernel: design.value });
  if (!source.error.malformed) return misused(io, source.error.message);
  io.say(source.error.message);
  return EXIT.failed;
}

interface Wishes {
  readonly format: Format;
  readonly at: number | null;
  /** What runs instead of what the script says. */
  readonly kernel: Chosen;
}

/** An event log has to lead where it says, under its own design; its moment is its end. */
function playSource(io: Io, source: Source, wishes: Wishes): Exit {
  const { log } = source;
  if (log === null || Object.keys(wishes.kernel).length > 0) return play(io, source, wishes);
  const kernel = readChoice({ policy: log.policy, bug: log.bug ?? NO_BUG, backend: log.backend });
  if (kernel.ok) return play(io, source, { ...wishes, kernel: kernel.value, at: wishes.at ?? log.events });
  io.say(`${source.name}:1: ${kernel.error}`);
  return EXIT.refused;
}

function play(io: Io, source: Source, { format, at, kernel }: Wishes): Exit {
  const { name, text, files } = source;
  const why = kernel.paging === undefined ? null : whyNotOn(source, backEndFor(kernel.paging));
  if (why !== null) {
    io.say(`${name} makes no sense on this back end: ${why}`);
    return EXIT.refused;
  }
  const { play, diagnostics } = playScript(text, { files, ...kernel });
  if (diagnostics.length > 0) {
    for (const diagnostic of diagnostics) io.say(located(name, diagnostic));
    return EXIT.failed;
  }
  const run = { name, script: text, play };
  const other = isOf(source.log, play) ? compareWithLog(run, source.log) : null;
  if (other !== null) {
    io.say(`${name}: ${other}`);
    return EXIT.failed;
  }
  const machine = machineOf(play);
  const events = eventsOf(machine);
  seek(machine, events);
  if (at !== null && at > events) return misused(io, `--at ${at}: the run has ${events} events`);
  const { exit, lines } = judge(name, play);
  if (at !== null) seek(machine, at);
  io.out(FORMATS[format].make(run));
  for (const line of lines) io.say(line);
  return exit;
}

/** Whether a run has the kernel that a log tells of; under another it may well lead elsewhere. */
function isOf(log: EventLog | null, { hardware }: Play): log is EventLog {
  if (log === null || log.backend !== backEndFor(hardware.paging).name) return false;
  return log.policy === hardware.policy.name && log.bug === hardware.bug;
}

/** The policy, the bug and the back end that were asked for; the error says why there is no such machine. */
function designOf(options: Arguments['options']): Result<Chosen, string> {
  const [policy, bug, backend] = ['--policy', '--bug', '--backend'].map((name) => options.get(name));
  return readChoice({ policy, bug, backend });
}

function unknown(what: string, word: string, known: readonly string[]): string {
  return `there is no ${what} ${word}; there is ${known.join(', ')}${suggestion(word, known)}`;
}

function misused(io: Io, why: string): Exit {
  io.say(`svm run: ${why}`);
  return EXIT.usage;
}
