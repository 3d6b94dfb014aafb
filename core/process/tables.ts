import { cpus } from '../hardware/cpus.ts';
import { asidAllocators } from './asid.ts';
import { cachedPages, files } from './file.ts';
import { failPageAlloc, frames } from './frame.ts';
import { gathered } from './gather.ts';
import { mms } from './mm.ts';
import { pendingPuts } from './mmput.ts';
import { openFiles } from './open-file.ts';
import { pins } from './pins.ts';
import { swapSlots } from './swap.ts';
import { tasks } from './task.ts';
import { vmas } from './vma.ts';

/** The tables of this folder, for the machine's schema. */
export const PROCESS_TABLES = [
  cpus,
  asidAllocators,
  mms,
  tasks,
  vmas,
  files,
  cachedPages,
  frames,
  gathered,
  pendingPuts,
  swapSlots,
  pins,
  openFiles,
  failPageAlloc,
] as const;
