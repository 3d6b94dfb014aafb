import { asidEntries } from './asid-map.ts';
import { syncSlots } from './command-queue.ts';
import { cdTables, smmuDomains } from './domain.ts';
import { privateTables } from './io-pgtable.ts';
import { drains } from './pri-thread.ts';
import { units } from './unit.ts';

/** The tables of this driver, for whoever assembles a machine. */
export const SMMU_DRIVER_TABLES = [
  units,
  smmuDomains,
  cdTables,
  syncSlots,
  asidEntries,
  drains,
  privateTables,
] as const;
