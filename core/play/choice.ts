import { readBackEnd } from '../hardware/back-end.ts';
import { ok, type Result } from '../lib/result.ts';
import { type KernelNames, readKernel } from '../policy/policy.ts';
import type { PlayOptions } from './play.ts';

/** What is asked for by name instead of what a script says: its kernel, and its back end. */
export interface ChoiceNames extends KernelNames {
  readonly backend?: string | undefined;
}

/** What of a machine is chosen in place of a script's own. */
export type Chosen = Pick<PlayOptions, 'policy' | 'bug' | 'paging'>;

/** Reads what is asked for, and leaves out what is not; the error is a sentence. */
export function readChoice(names: ChoiceNames): Result<Chosen, string> {
  const kernel = readKernel(names);
  if (!kernel.ok || names.backend === undefined) return kernel;
  const backEnd = readBackEnd(names.backend);
  return backEnd.ok ? ok({ ...kernel.value, paging: backEnd.value.paging }) : backEnd;
}
