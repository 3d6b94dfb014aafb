import type { PageFormatName } from '../hardware/page-format.ts';
import type { Errno } from '../lib/errno.ts';
import { boot, DEFAULT_HARDWARE, type Hardware } from '../machine/boot.ts';
import { at, createMachine, type Machine, startRecording, tick } from '../machine/machine.ts';
import type { NamedPolicy } from '../policy/policy.ts';
import type { SwitchName } from '../policy/switches.ts';
import type { Command } from '../script/index.ts';

/** More events than this in one command are a run-away: it is stopped and says so. */
export const MAX_EVENTS = 200_000;

/** What became of one command. */
export interface Outcome {
  readonly command: Command;
  /** done: it did what it says; refused: nothing changed, `errno` and `rule` say why; failed: an expectation does not hold. */
  readonly state: 'done' | 'refused' | 'failed' | 'skipped';
  /** What to tell the person, in order. */
  readonly output: readonly string[];
  readonly errno: string | null;
  /** Events performed when it began and when it ended. */
  readonly first: number;
  readonly last: number;
}

/** A place in the run with a name: a chapter or a note of the script. */
export interface Mark {
  readonly event: number;
  readonly kind: 'chapter' | 'note';
  readonly text: string;
}

export interface PlayOptions {
  /** Overrides the policy line of the script. */
  readonly policy?: NamedPolicy;
  /** Overrides the bug line of the script; null switches it off. */
  readonly bug?: SwitchName | null;
  /** Overrides the back end of the script: the format of the page tables says which. */
  readonly paging?: PageFormatName;
  /** Texts that a script can name, for instance maps of a real process. */
  readonly files?: Readonly<Record<string, string>>;
  /** Off: no trace and no check of each state. */
  readonly watched?: boolean;
}

/** A script being played: the machine that it built, and what became of each line. */
export interface Play {
  readonly options: PlayOptions;
  /** The text that its commands were read from; those that were typed since have line 0. */
  readonly source: string;
  hardware: Hardware;
  /** Null until a command needs it: lines before may still say what machine it is. */
  machine: Machine | null;
  /** Event 0 has been declared. */
  recording: boolean;
  readonly outcomes: Outcome[];
  readonly marks: Mark[];
  /** First page of each named region of a process, kept when the region is gone. */
  readonly regions: Map<string, Map<string, number>>;
  /** Errno of the command before, null if it did what it says. */
  lastErrno: string | null;
}

/** What of a machine was chosen instead of what its script says. */
function chosen({ policy, bug, paging }: PlayOptions): Partial<Hardware> {
  return {
    ...(policy === undefined ? {} : { policy }),
    ...(bug === undefined ? {} : { bug }),
    ...(paging === undefined ? {} : { paging }),
  };
}

export function startPlay(options: PlayOptions = {}, source = ''): Play {
  const hardware = { ...DEFAULT_HARDWARE, ...chosen(options) };
  return {
    options,
    source,
    hardware,
    machine: null,
    recording: false,
    outcomes: [],
    marks: [],
    regions: new Map(),
    lastErrno: null,
  };
}

/** The machine of a play, switched on if it was not yet. */
export function machineOf(play: Play): Machine {
  if (play.machine === null) {
    play.machine = createMachine(boot(play.hardware), play.options.watched ?? true);
    runUntil(play.machine, () => false);
  }
  return play.machine;
}

/** Declares event 0, once. */
export function record(play: Play): void {
  if (play.recording) return;
  startRecording(machineOf(play));
  play.recording = true;
}

/** Lets the clock move the machine until `done` holds, all wait, or too much has happened; says which. */
export function runUntil(machine: Machine, done: () => boolean): 'done' | 'idle' | 'limit' | 'broken' {
  for (let events = 0; events < MAX_EVENTS; events++) {
    if (done()) return 'done';
    if (!tick(machine)) return machine.broken === null ? 'idle' : 'broken';
  }
  return 'limit';
}

export function eventNow(play: Play): number {
  return play.machine === null ? 0 : at(play.machine);
}

/** Answer of a command that is not allowed now. */
export interface Refused {
  readonly refused: true;
  readonly errno: Errno;
  readonly rule: string;
}

export function refuse(errno: Errno, rule: string): Refused {
  return { refused: true, errno, rule };
}

/** What a command says when it has done its work; `errno`: what the kernel answered. */
export interface Said {
  readonly refused?: false;
  readonly output: readonly string[];
  readonly errno?: Errno | string | null;
  readonly failed?: boolean;
}

export function said(...output: string[]): Said {
  return { output };
}

/** What a claim says that does not hold: what is there instead. */
export function held(truth: boolean, otherwise: string): Said {
  return truth ? said() : { output: [otherwise], failed: true };
}
