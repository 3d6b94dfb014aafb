import { pasidEntries, type TableDriver } from '../pasid-entries.ts';
import { directories, hasContext, type ProcessDirectory } from './domain.ts';
import { clearContext, installContext } from './process-context.ts';

/** The process directories of RISC-V IOMMUs. */
export const TABLES: TableDriver<ProcessDirectory> = {
  prefix: 'riscv_iommu',
  tables: directories,
  install: (directory, process) => installContext.at.tables({ directory, process }),
  clear: (directory, pasid) => clearContext.at.clear({ directory, pasid }),
  hasEntry: hasContext,
};

/** Process contexts of processes. */
export const entries = pasidEntries(TABLES);
