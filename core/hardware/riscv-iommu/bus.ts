/** The IOMMU's own accesses to memory: each can be refused, and a read can find poison. RISC-V IOMMU 2.1, 2.2, 3. */
import { store } from '../../sim/telling.ts';
import { isMemory, readWords, writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { isWritable, type ReadStatus, readStatus } from '../memory-attributes.ts';
import { physicalEnd } from './registers.ts';

/** A byte of memory. */
export interface Place {
  readonly page: number;
  readonly offset: number;
}

/** Reads words from memory into `into`; what is refused leaves it as it was. */
export function readFrom(world: World, iommu: number, { page, offset }: Place, into: Uint32Array): ReadStatus {
  if (!isReachable(world, iommu, page)) return 'refused';
  const status = readStatus(world, page, offset, into.length * 4);
  if (status !== 'refused') readWords(world, page, offset, into.length, into);
  return status;
}

/** Writes words to memory, in one access; false if it was refused. */
export function writeTo(world: World, iommu: number, { page, offset }: Place, words: ArrayLike<number>): boolean {
  if (!isReachable(world, iommu, page) || !isWritable(world, page, offset, words.length * 4)) return false;
  writeWords(world, page, offset, words);
  return true;
}

/** Like `writeTo`, for what is no record of a queue: those who look on are told. */
export function storeTo(world: World, iommu: number, place: Place, words: ArrayLike<number>): boolean {
  if (!writeTo(world, iommu, place, words)) return false;
  store(world, place.page, place.offset, words);
  return true;
}

function isReachable(world: World, iommu: number, page: number): boolean {
  return page < physicalEnd(world, iommu) && isMemory(world, page);
}
