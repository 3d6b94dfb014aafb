import { pasidEntries } from '../pasid-entries.ts';
import { directories, hasContext } from './domain.ts';
import { clearContext, installContext } from './process-context.ts';

/** Process contexts of processes in the process directories of RISC-V IOMMUs. */
export const entries = pasidEntries({
  prefix: 'riscv_iommu',
  tables: directories,
  install: (directory, process) => installContext.at.tables({ directory, process }),
  clear: (directory, pasid) => clearContext.at.clear({ directory, pasid }),
  hasEntry: hasContext,
});
