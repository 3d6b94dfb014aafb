import { bonds, contexts } from './context.ts';
import { domains } from './domain.ts';
import { exitHandlers } from './exit-handler.ts';
import { groups, members } from './group.ts';
import { unmapped } from './map.ts';
import { pasidCursor } from './pasid.ts';
import { processes } from './process.ts';
import { spaces } from './space.ts';

/** The tables of this folder, for whoever assembles a machine. */
export const IOMMU_TABLES = [
  groups,
  members,
  domains,
  processes,
  pasidCursor,
  contexts,
  bonds,
  exitHandlers,
  spaces,
  unmapped,
] as const;
