import { type Standing, standings } from '../machine/invariants/audit.ts';
import { at, type Machine } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { policyName } from '../policy/policy.ts';
import { commandOf, fingerprintOf, type Run } from './run.ts';
import { CORE_VERSION } from './version.ts';

export type { Standing } from '../machine/invariants/audit.ts';

/** How the invariants stand at one moment of a run. */
export interface InvariantsView {
  /** Those that hold, of those that apply under the policy of the machine. */
  readonly holding: number;
  readonly applying: number;
  readonly standings: readonly Standing[];
}

/** Looks at every invariant at the moment that the machine stands at. */
export function invariantsOf(machine: Machine): InvariantsView {
  const all = standings(machine.world, machine.audit, at(machine));
  const applying = all.filter(({ state }) => state !== 'excepted');
  const holding = applying.filter(({ state }) => state !== 'broken');
  return { holding: holding.length, applying: applying.length, standings: all };
}

/** The invariants as text, a line or two each: how it stands, after how many events its premise was met, its claim. */
export function invariantsText(run: Run): string {
  const machine = machineOf(run.play);
  const { holding, applying, standings: all } = invariantsOf(machine);
  const head = [
    `# ${commandOf(run)} --format invariants`,
    `# core ${CORE_VERSION}, fingerprint ${fingerprintOf(run)}`,
    `# after event ${at(machine)} under ${policyName(machine.world)}: ${holding} of ${applying} invariants hold`,
    ...[columnsOf('', 'invariant', 'events', 'stands for'), ''],
  ];
  return `${[...head, ...all.flatMap(linesOf)].join('\n')}\n`;
}

function linesOf({ id, state, stands, claim, cases, events, detail }: Standing): string[] {
  const more = { holds: [], broken: [`But ${detail}.`], untried: [`It looks at ${cases}.`], excepted: [detail] }[state];
  const head = columnsOf(state, id, state === 'excepted' ? '' : String(events), stands.join(' '));
  return [head, ...[claim, ...more].map((line) => `${' '.repeat(10)}${line}`)];
}

function columnsOf(state: string, id: string, events: string, stands: string): string {
  return `${state.padEnd(10)}${id.padEnd(22)}${events.padStart(7)}  ${stands}`.trimEnd();
}
