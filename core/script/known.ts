/** The names that are live at the moment of completion. */
export interface Known {
  readonly processes: readonly string[];
  readonly devices: readonly string[];
  /** Per process, the names of its regions. */
  readonly regions: Readonly<Record<string, readonly string[]>>;
  readonly domains: readonly string[];
  /** Names of VFIO containers. */
  readonly containers: readonly string[];
  /** Names of private PASIDs. */
  readonly spaces: readonly string[];
  readonly backends: readonly string[];
  readonly policies: readonly string[];
  readonly bugs: readonly string[];
  /** Decisions with an answer, as in repeat-bind=refused. */
  readonly answers: readonly string[];
  readonly invariants: readonly string[];
  /** What `run until` can wait for, for instance fault.queued. */
  readonly moments: readonly string[];
  /** Steps of procedures, as traces and the state name them. */
  readonly steps: readonly string[];
  /** Who can be moved; a choice is written with a slash, as in gpu0/1. */
  readonly actors: readonly string[];
  readonly files: readonly string[];
}
