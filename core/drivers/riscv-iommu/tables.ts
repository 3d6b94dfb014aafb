import { addressSpaces } from './address-space.ts';
import { fenceSlots } from './command-queue.ts';
import { directories, riscvDomains } from './domain.ts';
import { pageDrains } from './page-thread.ts';
import { riscvUnits } from './unit.ts';

/** The tables of this driver, for whoever assembles a machine. */
export const RISCV_DRIVER_TABLES = [
  riscvUnits,
  riscvDomains,
  directories,
  addressSpaces,
  fenceSlots,
  pageDrains,
] as const;
