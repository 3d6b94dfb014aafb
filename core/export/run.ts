import { backEndFor } from '../hardware/back-end.ts';
import { at, eventsOf, fingerprintAt, type Machine } from '../machine/machine.ts';
import type { TraceEntry } from '../machine/trace.ts';
import { machineOf, type Play } from '../play/play.ts';

/** A script that was played, to be told from its beginning up to the moment that its machine stands at. */
export interface Run {
  /** The scenario's id, or the name of the script's file. */
  readonly name: string;
  /** The script as it was given. */
  readonly script: string;
  readonly play: Play;
}

/** What has happened up to the moment. */
export function entriesOf(run: Run): readonly TraceEntry[] {
  const machine = machineOf(run.play);
  return machine.trace.slice(0, at(machine));
}

/** The command that makes this run again, up to this moment. */
export function commandOf(run: Run): string {
  const machine = machineOf(run.play);
  const moment = isWhole(machine) ? '' : ` --at ${at(machine)}`;
  const { policy, bug } = run.play.hardware;
  const { paging } = run.play.options;
  const onBackEnd = paging === undefined ? '' : ` --backend ${backEndFor(paging).name}`;
  const withBug = bug === null ? '' : ` --bug ${bug}`;
  return `svm run ${run.name} --policy ${policy.name}${withBug}${onBackEnd}${moment}`;
}

/** The machine stands at the end of what was played. */
export function isWhole(machine: Machine): boolean {
  return at(machine) === eventsOf(machine);
}

/** The fingerprint of the moment, 16 hex digits. */
export function fingerprintOf(run: Run): string {
  return fingerprintAt(machineOf(run.play));
}
