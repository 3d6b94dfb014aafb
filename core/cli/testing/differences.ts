import { eventsOf } from '../../machine/machine.ts';
import type { TraceEntry } from '../../machine/trace.ts';
import { machineOf, type Outcome, type Play } from '../../play/play.ts';
import { playScript } from '../../play/script.ts';
import { type PresetName, readPolicy } from '../../policy/policy.ts';
import { FILES, type Scenario } from '../../scenarios/catalogue.ts';
import { printCommand } from '../../script/index.ts';
import { judge } from '../verdict.ts';

/** A scenario played under one design. */
export interface Trial {
  readonly preset: PresetName;
  readonly play: Play;
  /** Exit code of `svm run`: 0 all held, 3 refused by the design. */
  readonly exit: number;
  /** Why it did not end with 0. */
  readonly lines: readonly string[];
}

export function tryUnder({ id, text }: Scenario, preset: PresetName): Trial {
  const policy = readPolicy(preset);
  if (!policy.ok) throw new Error(policy.error);
  const { play, diagnostics } = playScript(text, { files: FILES, policy: policy.value });
  if (diagnostics.length > 0) throw new Error(`${id}:${diagnostics[0]?.line}: ${diagnostics[0]?.message}`);
  return { preset, play, ...judge(id, play) };
}

/** How a driver asks to hear of exits, once for a device: it differs in every scenario, and hides what differs after it. */
const ASKING: ReadonlySet<string> = new Set(['iommu_set_process_exit_handler.set', 'iommu_sva_device_init.init']);

const entriesOf = ({ play }: Trial): readonly TraceEntry[] =>
  machineOf(play).trace.filter(({ step }) => !ASKING.has(step));

/** What a reviewer would want to know of a trial, beside one under the repaired design: a sentence each, none for no difference. */
export function differencesOf(trial: Trial, usual: Trial): string[] {
  const refusal = refusalOf(trial);
  if (refusal !== null) return [refusal];
  return [...breaksOf(trial), ...answersOf(trial, usual), ...firstTurn(trial, usual)];
}

/** In a word or two, for a table. */
export function cellOf(trial: Trial, usual: Trial): string {
  const broken = machineOf(trial.play).broken?.claims[0]?.id;
  if (refusalOf(trial) !== null) return 'refused';
  if (broken !== undefined) return `breaks \`${broken}\``;
  const turn = turnOf(entriesOf(trial), entriesOf(usual));
  return turn === null ? 'the same' : `differs from event ${eventOf(entriesOf(trial), turn)}`;
}

function refusalOf({ exit, play }: Trial): string | null {
  if (exit !== 3) return null;
  const refused = play.outcomes.find(({ state, errno }) => state === 'refused' && errno === 'EOPNOTSUPP');
  return refused === undefined
    ? 'refused'
    : `\`${printCommand(refused.command)}\` is refused: ${refused.output.join(' ')}`;
}

function breaksOf({ play }: Trial): string[] {
  const { broken } = machineOf(play);
  return (broken?.claims ?? []).map(({ id, detail }) => `event ${broken?.event} breaks \`${id}\`: ${detail}`);
}

/** Commands that both played and that were answered otherwise. */
function answersOf(trial: Trial, usual: Trial): string[] {
  return trial.play.outcomes.flatMap((outcome, index) => {
    const other = usual.play.outcomes[index];
    if (other === undefined || outcome.command.verb === 'expect' || outcome.state === 'skipped') return [];
    const [now, then] = [answerOf(outcome), answerOf(other)];
    return now === then ? [] : [`\`${printCommand(outcome.command)}\` is answered ${now}, not ${then}`];
  });
}

function answerOf({ errno, output }: Outcome): string {
  return errno ?? (output.join(' ') || 'with success');
}

/** The first event at which two runs do something else, null if neither ever does. */
function turnOf(one: readonly TraceEntry[], other: readonly TraceEntry[]): number | null {
  const length = Math.max(one.length, other.length);
  for (let event = 0; event < length; event++) {
    const [a, b] = [one[event], other[event]];
    if (a?.step !== b?.step || a?.who !== b?.who || a?.text !== b?.text) return event;
  }
  return null;
}

/** The number of an event in its whole run; behind the last one it has not happened. */
const eventOf = (entries: readonly TraceEntry[], turn: number): number =>
  entries[turn]?.event ?? (entries.at(-1)?.event ?? 0) + 1;

function firstTurn(trial: Trial, usual: Trial): string[] {
  const [own, others] = [entriesOf(trial), entriesOf(usual)];
  const turn = turnOf(own, others);
  if (turn === null || machineOf(trial.play).broken !== null) return [];
  const told = (entry: TraceEntry | undefined): string =>
    entry === undefined ? 'nothing' : `"${entry.who} ${entry.text}"`;
  const length = ` (${eventsOf(machineOf(trial.play))} events, not ${eventsOf(machineOf(usual.play))})`;
  return [`event ${eventOf(own, turn)} is ${told(own[turn])}, not ${told(others[turn])}${length}`];
}
