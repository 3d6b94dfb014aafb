/** What the translation unit can be at, shared by the files that say how it goes on. */
import type { Makers } from '../../sim/procedure.ts';
import type { Held } from './stage-1.ts';

/** The transaction, and the lines of the configuration caches that it has pinned: -1 for none. */
const HELD = ['smmu', 'message', 'ste', 'cd'] as const;

/** The labels of the unit's procedure, each with the locals alive there. */
export const LABELS = {
  wait: ['smmu'],
  off: ['smmu', 'message'],
  stream: ['smmu', 'message'],
  permit: ['smmu', 'message'],
  array: ['smmu', 'message'],
  entry: ['smmu', 'message', 'at'],
  config: ['smmu', 'message', 'ste'],
  leaf: ['smmu', 'message', 'ste'],
  context: ['smmu', 'message', 'ste', 'at'],
  lookup: HELD,
  walk: [...HELD, 'table', 'level', 'limits'],
  grant: [...HELD, 'output', 'rights'],
  access: [...HELD, 'output'],
  record: [...HELD, 'event', 'fetch'],
  stall: [...HELD, 'event'],
  refuse: [...HELD, 'ending'],
  request: ['smmu', 'message'],
  respond: ['smmu', 'message', 'ste', 'code', 'pasid'],
  retire: ['smmu', 'message'],
} as const;

export type Go = Makers<typeof LABELS>;
export type Taken = Pick<Held, 'smmu' | 'message'>;
export type WithSte = Omit<Held, 'cd'>;
