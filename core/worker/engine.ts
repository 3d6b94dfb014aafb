import { ordersAt, unsaidOf } from '../explore/left.ts';
import { boundariesOf, chaptersOf, type Granularity } from '../export/boundaries.ts';
import { concernedBy } from '../export/concerned.ts';
import { densityOf } from '../export/density.ts';
import { ghostsOf } from '../export/ghosts.ts';
import { inspect } from '../export/inspect.ts';
import { invariantsOf } from '../export/invariants-view.ts';
import { isEventLog } from '../export/read-log.ts';
import type { Run } from '../export/run.ts';
import { lineViews, wordAt } from '../export/script-view.ts';
import { viewOf } from '../export/state.ts';
import { eventRowsOf, lanesOf, messagesOf, nowOf } from '../export/story.ts';
import { touchedBy } from '../export/touched.ts';
import { turnsOf } from '../export/turns-view.ts';
import { CORE_VERSION } from '../export/version.ts';
import { causesOf, whyOf } from '../export/why.ts';
import { backEndFor } from '../hardware/back-end.ts';
import { present } from '../lib/assert.ts';
import { at, eventsOf, fingerprintAt, type Machine, seek } from '../machine/machine.ts';
import { knownNames } from '../play/known.ts';
import { machineOf, type Outcome, type Play } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { writtenScript } from '../play/written.ts';
import { NO_BUG, PRESET_NAMES, PRESETS } from '../policy/policy.ts';
import { FILES, SUBJECTS } from '../scenarios/catalogue.ts';
import { EXHIBITS } from '../scenarios/exhibits.ts';
import { complete, mistakesIn, printCommand } from '../script/index.ts';
import { sweepPoint } from '../stream/sweep.ts';
import { createBeside } from './beside.ts';
import { createExploring, type Way } from './exploring.ts';
import { createMuseum } from './museum.ts';
import type {
  Answer,
  Beside,
  Budget,
  Configuration,
  Engine,
  Moment,
  MovesView,
  Opened,
  RunInfo,
  RunReport,
  Source,
  Spoken,
} from './protocol.ts';
import { replay } from './replay.ts';
import { chosenFor, problem, textOf } from './sources.ts';
import { pick, speak } from './speaking.ts';
import { atEvent, takeAway } from './taking.ts';
import type { Hire } from './together.ts';
import { createWatching } from './watching.ts';

/** The run that is shown. */
interface Shown {
  readonly play: Play;
  readonly title: string;
  /** The text that was opened, and the scenario that it is. */
  readonly text: string;
  readonly scenario: string | null;
  /** A command was given since: the text is no longer the script. */
  changed: boolean;
  /** The event that is shown first where nothing else is asked for. */
  readonly begins: number;
  /** What the person should know of how it was opened. */
  readonly notices: readonly string[];
}

/**
 * The emulator behind the page: the same in a worker, over a channel in a test, or called directly. `hire` starts the workers of a search;
 * without it they take turns in this thread.
 */
export function createEngine(hire: Hire | null = null): Engine {
  let shown: Shown | null = null;
  let second: Shown | null = null;
  const watching = createWatching();
  const beside = createBeside();
  const exploring = createExploring(hire);
  const museum = createMuseum();
  const current = (): Shown => present(shown, 'a run was opened before it is asked about');
  const playing = (): Machine => machineOf(current().play);
  return {
    scenarios: async () =>
      SUBJECTS.flatMap(({ title: subject, scenarios }) =>
        scenarios.map(({ id, title, summary, counterpart }) => ({ id, title, summary, subject, counterpart })),
      ),
    exhibits: async () => EXHIBITS,
    exhibit: async (id) => museum.view(id),
    policies: async () => PRESET_NAMES.map((name) => ({ name, title: PRESETS[name].title })),
    open: async (source) => {
      const { file } = source;
      const made = file !== undefined && isEventLog(file) ? beginLog(file, source) : begin(source, shown);
      if (!made.ok) return made;
      shown = made.value;
      return { ok: true, value: opened(shown, source) };
    },
    seek: async (event) => momentAt(current(), event),
    target: async (event, direction, by) => targetOf(current(), event, direction, by),
    command: async (line) => spoken(current(), speak(current().play, line)),
    moves: async () => movesOf(current().play),
    pick: async (line) => spoken(current(), pick(current().play, line)),
    explore: async (source, budget, way = {}) => beginSearch(exploring, source, budget, way),
    exploreOn: exploring.goOn,
    explored: exploring.result,
    complete: async (text, cursor) => complete(text, cursor, knownNames(current().play)),
    check: async (text) => mistakesIn(text),
    explain: async (line, column) => wordAt(current().play, line, column),
    invariants: async () => invariantsOf(playing()),
    inspect: async (...keys) => firstOf(keys, (key) => inspect(playing(), key)),
    watch: async (texts, part) => watching.watch(playing(), texts, part),
    stop: async (texts, from, direction) => watching.stop(playing(), texts, from, direction),
    why: async (key, field) => whyOf(playing(), key, field),
    causes: async (event) => causesOf(playing(), event),
    events: async (first, last) => eventRowsOf(playing(), first, last),
    takeAway: async (what, event) => takeAway(runOf(current()), what, event),
    peek: async (event) => atEvent(playing(), event, () => momentAt(current(), event)),
    beside: async (source) => {
      const made = begin(source, shown);
      if (!made.ok) return made;
      second = made.value;
      return { ok: true, value: besideOf(second, (machine) => beside.lay(playing(), machine)) };
    },
    besideAt: async (event) => momentAt(present(second, 'a run was laid beside before it is asked about'), event),
    besideRows: async (first, last) => beside.rows(playing(), first, last),
    differences: async (left, right, of) => beside.differences(playing(), left, right, of),
    density: async (parts, part) => densityOf(playing(), parts, part),
    streamPoint: async (plan) => sweepPoint(plan),
    messages: async (first, last) => messagesOf(playing(), first, last),
  };
}

/** What is found first, in the order of the keys. */
function firstOf<T>(keys: readonly string[], find: (key: string) => T | null): T | null {
  for (const key of keys) {
    const found = find(key);
    if (found !== null) return found;
  }
  return null;
}

/** Plays a script or a scenario. A script finds the files that a log has brought for the run before it. */
function begin(source: Source, before: Shown | null): Answer<Shown> {
  const found = textOf(source);
  if (!found.ok) return found;
  const chosen = chosenFor(source, found.value);
  if (!chosen.ok) return chosen;
  const files = source.scenario !== undefined ? FILES : (before?.play.options.files ?? FILES);
  const { play, diagnostics } = playScript(found.value.text, { files, ...chosen.value });
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  return { ok: true, value: { ...found.value, play, changed: false, begins: 0, notices: [] } };
}

/** Plays the run of an event log again. One that goes otherwise here is opened only if that is wanted. */
function beginLog(text: string, { anyway = false }: Source): Answer<Shown> {
  const again = replay(text);
  if (!again.ok) return { ok: false, diagnostics: again.error };
  const { log, play, difference } = again.value;
  if (difference !== null && !anyway) return { ...problem(difference.replace(/\.$/, '')), differs: true };
  const found = textOf({ script: log.script });
  if (!found.ok) return found;
  const same = `The log was played again: its ${log.events} events and its fingerprint came out the same.`;
  const own = Object.keys(log.files).filter((name) => FILES[name] !== log.files[name]);
  const lost = own.map((name) => `The log brings ${name} along; a link to this run does not carry it.`);
  const notices = [difference ?? same, ...lost];
  return { ok: true, value: { ...found.value, play, changed: false, begins: log.events, notices } };
}

function besideOf(made: Shown, lay: (machine: Machine) => Beside['rows']): Beside {
  const { policy, bug } = made.play.hardware;
  const backend = backEndFor(made.play.hardware.paging).name;
  return { run: infoOf(made), policy: policy.name, bug, backend, rows: lay(machineOf(made.play)) };
}

function opened(shown: Shown, source: Source): Opened {
  const machine = machineOf(shown.play);
  const unsaid = shown.play.outcomes.flatMap((outcome, i, all) => noticesOf(outcome, all[i + 1]));
  const notices = [...shown.notices, ...unsaid];
  const moment = momentAt(shown, source.at ?? shown.begins);
  const other = source.version !== undefined && source.version !== CORE_VERSION;
  if (source.fingerprint === fingerprintAt(machine)) {
    if (other)
      notices.push(
        `The link was made by core ${source.version}, this is ${CORE_VERSION}: its state came out the same.`,
      );
  } else if (source.fingerprint !== undefined) {
    const why = other
      ? `it was made by core ${source.version}, this is ${CORE_VERSION}`
      : 'its script or its moment was changed';
    notices.push(`This is not the state that the link promises: ${why}.`);
  }
  return { run: infoOf(shown), moment, notices };
}

/** What a script leaves unsaid: lines of a maps file that are not mapped, refusals that it does not expect. */
function noticesOf({ command, state, output }: Outcome, next: Outcome | undefined): string[] {
  if (command.verb === 'process') return [...output];
  const expected = next?.command.verb === 'expect' && next.command.what === 'errno';
  return state === 'refused' && !expected ? output.map((line) => `Line ${command.line}: ${line}`) : [];
}

/** The run as it is now, under a name for files: what was changed is no longer the scenario that it came from. */
function runOf({ play, text, scenario, changed }: Shown): Run {
  const own = scenario === null ? 'script.svm' : `${scenario}-changed.svm`;
  const name = scenario !== null && !changed ? scenario : own;
  return { name, script: changed ? writtenScript(play).text : text, play };
}

function infoOf(shown: Shown): RunInfo {
  const { play } = shown;
  const machine = machineOf(play);
  const written = writtenScript(play);
  return {
    scenario: shown.changed ? null : shown.scenario,
    title: shown.title,
    script: shown.changed ? written.text : shown.text,
    unsaid: shown.changed ? unsaidOf(play) : '',
    lines: lineViews(play.outcomes, written),
    policy: play.options.policy?.name ?? null,
    bug: play.options.bug === undefined ? null : (play.options.bug ?? NO_BUG),
    backend: play.options.paging === undefined ? null : backEndFor(play.options.paging).name,
    events: eventsOf(machine),
    chapters: chaptersOf(machine.trace, play.marks),
    notes: play.marks.some(({ kind }) => kind === 'note'),
    lanes: lanesOf(machine),
    version: CORE_VERSION,
    report: reportOf(play, machine),
  };
}

/** What the person has to know before anything else: a broken invariant, or an expectation that does not hold. */
function reportOf(play: Play, machine: Machine): RunReport | null {
  const broken = machine.broken?.claims[0];
  if (machine.broken !== null && broken !== undefined) {
    const expected = play.outcomes.some(({ command, state }) => isExpectedBreak(command) && state === 'done');
    return { kind: 'invariant', claim: broken.claim, event: machine.broken.event, detail: broken.detail, expected };
  }
  const failed = play.outcomes.find((outcome) => outcome.state === 'failed');
  if (failed === undefined) return null;
  const claim = `This line of the script does not hold: ${printCommand(failed.command)}`;
  return { kind: 'expectation', claim, event: failed.last, detail: failed.output.join(' '), expected: false };
}

function isExpectedBreak(command: Outcome['command']): boolean {
  return command.verb === 'expect' && command.what === 'broken';
}

function momentAt(shown: Shown, event: number): Moment {
  const machine = machineOf(shown.play);
  seek(machine, Number.isFinite(event) ? Math.trunc(event) : 0);
  const view = viewOf(machine);
  const touched = touchedBy(machine, view);
  const ghosts = ghostsOf(machine, view);
  const concerned = concernedBy(machine, view);
  return { at: at(machine), view, now: nowOf(shown.play, machine), touched, concerned, ghosts };
}

function targetOf({ play }: Shown, event: number, direction: 1 | -1, by: Granularity): number {
  const { trace } = machineOf(play);
  if (by === 'step') return Math.max(0, Math.min(event + direction, trace.length));
  const ends = boundariesOf(trace, play.marks, by);
  if (direction === 1) return ends.find((end) => end > event) ?? trace.length;
  return ends.findLast((end) => end < event) ?? 0;
}

/** What a line led to, which is part of the run from now on if it changed anything. */
function spoken(shown: Shown, { output, refused, changed }: ReturnType<typeof speak>): Spoken {
  shown.changed ||= changed;
  return { output, refused, run: infoOf(shown), moment: momentAt(shown, at(machineOf(shown.play))) };
}

function movesOf(play: Play): MovesView {
  const machine = machineOf(play);
  const turns = turnsOf(machine);
  return { ...turns, orders: turns.halted ? [] : ordersAt(play, at(machine)) };
}

function beginSearch(
  exploring: ReturnType<typeof createExploring>,
  source: Source,
  budget: Budget,
  way: Way,
): Answer<Configuration> {
  const found = textOf(source);
  if (!found.ok) return found;
  const chosen = chosenFor(source, found.value);
  if (!chosen.ok) return chosen;
  const { at, until } = source;
  const span = { ...(at !== undefined && { at }), ...(until !== undefined && { until }) };
  const begun = exploring.begin(found.value.text, { files: FILES, ...chosen.value, ...span }, budget, way);
  return begun.ok ? begun : { ok: false, diagnostics: begun.error };
}
