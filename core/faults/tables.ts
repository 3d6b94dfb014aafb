import { domainHandlers } from './domain-handler.ts';
import { faults, iopfGroups } from './fault.ts';
import { faultQueues } from './queue.ts';

/** The tables of this folder, for whoever assembles a machine. */
export const FAULT_TABLES = [faults, iopfGroups, faultQueues, domainHandlers] as const;
