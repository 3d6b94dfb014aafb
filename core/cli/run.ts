import { chartOf } from '../export/chart.ts';
import { eventLog } from '../export/event-log.ts';
import { invariantsText } from '../export/invariants-view.ts';
import { mermaidOf } from '../export/mermaid.ts';
import { perfettoOf } from '../export/perfetto.ts';
import { raceChartOf } from '../export/race-chart.ts';
import { compareWithLog } from '../export/read-log.ts';
import type { Run } from '../export/run.ts';
import { viewOf } from '../export/state.ts';
import { traceText } from '../export/trace-text.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { suggestion } from '../lib/suggestion.ts';
import { eventsOf, seek } from '../machine/machine.ts';
import { machineOf, type PlayOptions } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { type NamedPolicy, readPolicy } from '../policy/policy.ts';
import { type Arguments, readArguments } from './arguments.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { findSource, located, type Source } from './source.ts';
import { judge } from './verdict.ts';

const FORMATS: Readonly<Record<string, (run: Run) => string>> = {
  chart: chartOf,
  race: raceChartOf,
  mermaid: mermaidOf,
  trace: traceText,
  jsonl: eventLog,
  perfetto: perfettoOf,
  invariants: invariantsText,
  state: (run) => `${JSON.stringify(viewOf(machineOf(run.play)), null, 2)}\n`,
};
const BACKENDS = ['smmuv3'];

/** svm run: plays a script, prints the run as text, and answers whether what it expects held. */
export function run(io: Io, given: readonly string[]): Exit {
  const values = ['--policy', '--backend', '--at', '--format'];
  const read = readArguments(given, { words: ['SCENARIO or FILE'], values });
  if (!read.ok) return misused(io, read.error);
  const { words, options } = read.value;
  const format = options.get('--format') ?? 'chart';
  const formats = Object.keys(FORMATS);
  if (!formats.includes(format)) return misused(io, unknown('format', format, formats));
  const at = options.get('--at') ?? null;
  if (at !== null && !/^\d{1,9}$/.test(at)) return misused(io, `--at takes a number of events, not ${at}`);
  const design = designOf(options);
  if (!design.ok) {
    io.say(`svm: ${design.error}`);
    return EXIT.refused;
  }
  const source = findSource(io, words[0] as string);
  if (source.ok)
    return playSource(io, source.value, { format, at: at === null ? null : Number(at), policy: design.value });
  if (!source.error.malformed) return misused(io, source.error.message);
  io.say(source.error.message);
  return EXIT.failed;
}

interface Wishes {
  readonly format: string;
  readonly at: number | null;
  /** Null: as the script says. */
  readonly policy: NamedPolicy | null;
}

/** An event log has to lead where it says, under its own design; its moment is its end. */
function playSource(io: Io, source: Source, wishes: Wishes): Exit {
  const { log } = source;
  if (log === null || wishes.policy !== null) return play(io, source, wishes);
  const policy = readPolicy(log.policy);
  if (policy.ok) return play(io, source, { ...wishes, policy: policy.value, at: wishes.at ?? log.events });
  io.say(`${source.name}:1: ${policy.error}`);
  return EXIT.refused;
}

function play(io: Io, source: Source, { format, at, policy }: Wishes): Exit {
  const { name, text, files } = source;
  const options: PlayOptions = policy === null ? { files } : { files, policy };
  const { play, diagnostics } = playScript(text, options);
  if (diagnostics.length > 0) {
    for (const diagnostic of diagnostics) io.say(located(name, diagnostic));
    return EXIT.failed;
  }
  const run = { name, script: text, play };
  const other = source.log === null || policy?.name !== source.log.policy ? null : compareWithLog(run, source.log);
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
  io.out((FORMATS[format] as (run: Run) => string)(run));
  for (const line of lines) io.say(line);
  return exit;
}

/** The policy that was asked for; the error says why there is no such machine. */
function designOf(options: Arguments['options']): Result<NamedPolicy | null, string> {
  const policy = options.get('--policy');
  const backend = options.get('--backend');
  if (backend !== undefined && !BACKENDS.includes(backend)) return err(unknown('back end', backend, BACKENDS));
  return policy === undefined ? ok(null) : readPolicy(policy);
}

function unknown(what: string, word: string, known: readonly string[]): string {
  return `there is no ${what} ${word}; there is ${known.join(', ')}${suggestion(word, known)}`;
}

function misused(io: Io, why: string): Exit {
  io.say(`svm run: ${why}`);
  return EXIT.usage;
}
