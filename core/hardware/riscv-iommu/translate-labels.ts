/** What the translation unit can be at, shared by the files that say how it goes on. */
import type { Makers } from '../../sim/procedure.ts';
import type { Held } from './first-stage.ts';

/** The transaction, and the lines of the directory caches that it has pinned: -1 for none. */
const HELD = ['iommu', 'message', 'dc', 'pc'] as const;

/** The labels of the unit's procedure, each with the locals alive there. */
export const LABELS = {
  wait: ['iommu'],
  mode: ['iommu', 'message'],
  device: ['iommu', 'message'],
  ddt: ['iommu', 'message', 'table', 'level'],
  context: ['iommu', 'message', 'table'],
  config: ['iommu', 'message', 'dc'],
  pdt: ['iommu', 'message', 'dc', 'table', 'level'],
  process: ['iommu', 'message', 'dc', 'table'],
  lookup: HELD,
  walk: [...HELD, 'table', 'level', 'global'],
  grant: [...HELD, 'output', 'rights', 'span'],
  access: [...HELD, 'output', 'rights', 'span'],
  record: [...HELD, 'cause'],
  refuse: [...HELD, 'cause'],
  request: ['iommu', 'message', 'dc'],
  respond: [...HELD, 'code'],
  retire: ['iommu', 'message'],
} as const;

export type Go = Makers<typeof LABELS>;
export type Taken = Pick<Held, 'iommu' | 'message'>;
export type WithDc = Omit<Held, 'pc'>;
