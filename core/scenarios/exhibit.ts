import { type KernelNames, NO_BUG } from '../policy/policy.ts';
import type { Origin } from '../policy/switch.ts';
import type { SwitchName } from '../policy/switches.ts';

/** What of a kernel differs between the one with the bug and the repaired one. */
export type Cause =
  | { readonly kind: 'bug'; readonly bug: SwitchName }
  /** Answers of the design as posted, none of which does it alone; `repaired` answers each of them otherwise. */
  | { readonly kind: 'policy'; readonly answers: readonly string[]; readonly repaired: string };

/** One bug of the museum, all that a card about it says. */
export interface Exhibit {
  readonly id: string;
  readonly title: string;
  readonly story: string;
  /** The rule with the bug, and as it should be. */
  readonly before: string;
  readonly after: string;
  readonly origin: Origin;
  /** What of the original this machine has, and what stands for the rest. */
  readonly carried: string;
  /** The original is about other silicon: its mechanism is shown here. */
  readonly byMechanism: boolean;
  readonly cause: Cause;
  /** The invariant that breaks first. */
  readonly invariant: string;
  /** The script that shows it, by an explicit order of who moves. */
  readonly scenario: string;
  /** The chapter of it from which every order is to be tried, and the one before which that ends, null for its end. */
  readonly from: string;
  readonly until: string | null;
}

/** The kernel with the bug of an exhibit, and the same one without. */
export function kernelsOf({ cause }: Exhibit): { readonly broken: KernelNames; readonly repaired: KernelNames } {
  if (cause.kind === 'bug') return { broken: { bug: cause.bug }, repaired: { bug: NO_BUG } };
  const { repaired, answers } = cause;
  return { broken: { policy: [repaired, ...answers].join(',') }, repaired: { policy: repaired } };
}
