import { pasidEntries } from '../pasid-entries.ts';
import { clearContext, installContext } from './context-table.ts';
import { cdTables, hasContext } from './domain.ts';

/** Context descriptors of processes in the PASID tables of SMMUs. */
export const entries = pasidEntries({
  prefix: 'iommu',
  tables: cdTables,
  install: (cdTable, process) => installContext.at.leaf({ cdTable, process }),
  clear: (cdTable, pasid) => clearContext.at.clear({ cdTable, pasid }),
  hasEntry: hasContext,
});
