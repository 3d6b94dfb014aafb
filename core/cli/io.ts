/** What a command of the terminal may use of the outside world. */
export interface Io {
  /** What was asked for, and nothing else. */
  readonly out: (text: string) => void;
  /** One line for the person. */
  readonly say: (line: string) => void;
  /** The text of a file, of the standard input for `-`; null where there is none. */
  readonly read: (path: string) => string | null;
  /** The same, byte by byte. */
  readonly bytes: (path: string) => Uint8Array | null;
  /** Somebody waits for a search, who is told how far it has come and may end it; not there where nobody does. */
  readonly watch?: () => Onlooker;
}

export interface Onlooker {
  /** How far it has come, in place of what was shown before. */
  readonly show: (line: string) => void;
  /** Whether it is to end now. */
  readonly hasEnough: () => boolean;
  /** It is over. */
  readonly leave: () => void;
}

/** What a command ends with. */
export const EXIT = {
  /** All expectations hold; a break that the script expects counts as held. */
  held: 0,
  /** An expectation failed, or a diagnostic was found. */
  failed: 1,
  /** An invariant broke that the script did not expect to break. */
  broken: 2,
  /** The policy or the back end does not have what was asked for. */
  refused: 3,
  /** Wrong usage; EX_USAGE of sysexits.h. */
  usage: 64,
} as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];
