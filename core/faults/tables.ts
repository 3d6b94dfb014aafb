import { faults, iopfGroups } from './fault.ts';
import { faultQueue } from './flush.ts';

/** The tables of this folder, for whoever assembles a machine. */
export const FAULT_TABLES = [faults, iopfGroups, faultQueue] as const;
