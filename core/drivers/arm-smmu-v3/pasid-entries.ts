import { pasidEntries, type TableDriver } from '../pasid-entries.ts';
import { clearContext, installContext } from './context-table.ts';
import { type CdTable, cdTables, hasContext } from './domain.ts';

/** The PASID tables of SMMUs: context descriptors. */
export const TABLES: TableDriver<CdTable> = {
  prefix: 'iommu',
  tables: cdTables,
  install: (cdTable, process) => installContext.at.leaf({ cdTable, process }),
  clear: (cdTable, pasid) => clearContext.at.clear({ cdTable, pasid }),
  hasEntry: hasContext,
};

/** Context descriptors of processes. */
export const entries = pasidEntries(TABLES);
