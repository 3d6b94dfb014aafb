import { FORMATS, type Format, fileNameOf } from '../export/formats.ts';
import { commandOf, fingerprintOf, type Run } from '../export/run.ts';
import { at, type Machine, seek } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';

/** A format of the run, or the script that plays it. */
export type Taken = Format | 'script';

/** A text of a run to take away, and where it comes from. */
export interface TakenAway {
  readonly text: string;
  /** A name for a file with it. */
  readonly file: string;
  /** The fingerprint of the last event that it tells of, 16 hex digits. */
  readonly fingerprint: string;
  /** The command that makes the run again, up to that event. */
  readonly command: string;
}

/** The run up to an event in a format. The machine stands afterwards where it stood. */
export function takeAway(run: Run, what: Taken, event: number): TakenAway {
  const { make, ending } = what === 'script' ? { make: () => run.script, ending: 'svm' } : FORMATS[what];
  return atEvent(machineOf(run.play), event, () => ({
    text: make(run),
    file: fileNameOf(run, ending),
    fingerprint: fingerprintOf(run),
    command: commandOf(run),
  }));
}

/** Looks at a machine at another event, and leaves it where it stood. */
export function atEvent<T>(machine: Machine, event: number, look: () => T): T {
  const before = at(machine);
  seek(machine, event);
  const found = look();
  seek(machine, before);
  return found;
}
