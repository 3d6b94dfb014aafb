/** The two queues that the SMMU fills and software empties: events and page requests. SMMUv3 3.5, 7.4. */
import { send } from '../../sim/telling.ts';
import { isMemory, writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { raise } from '../irq.ts';
import { advance, hasOverflowed, indexOf, isEmpty, isFull, toggleOverflow } from './queue.ts';
import { REGISTER } from './registers.layout.ts';
import { raiseError, readRegister, registerField, writeRegister } from './registers.ts';
import { smmus } from './smmu.ts';
import type { Place } from './stream-table.ts';

/** The column of the kernel's SMMU driver in a sequence chart. */
const DRIVER = 'smmu-driver';

export type OutputQueue = 'EVENTQ' | 'PRIQ';

const QUEUES = {
  EVENTQ: {
    base: REGISTER.EVENTQ_BASE,
    prod: REGISTER.EVENTQ_PROD,
    cons: REGISTER.EVENTQ_CONS,
    interrupt: 'EVENTQ_IRQEN',
    abort: 'EVENTQ_ABT_ERR',
    words: 'event queue interrupt',
  },
  PRIQ: {
    base: REGISTER.PRIQ_BASE,
    prod: REGISTER.PRIQ_PROD,
    cons: REGISTER.PRIQ_CONS,
    interrupt: 'PRIQ_IRQEN',
    abort: 'PRIQ_ABT_ERR',
    words: 'PRI queue interrupt',
  },
} as const;

export function isQueueFull(world: World, smmu: number, queue: OutputQueue): boolean {
  const { prod, cons, log2Size } = pointersOf(world, smmu, queue);
  return isFull(prod, cons, log2Size);
}

/** An entry was lost and software has not acknowledged that. */
export function isOverflowing(world: World, smmu: number, queue: OutputQueue): boolean {
  const { prod, cons } = pointersOf(world, smmu, queue);
  return hasOverflowed(prod, cons);
}

export function enterOverflow(world: World, smmu: number, queue: OutputQueue): void {
  const { prod } = QUEUES[queue];
  writeRegister(world, smmu, prod, toggleOverflow(readRegister(world, smmu, prod)));
}

/**
 * Writes an entry into a queue that is not full, and interrupts if it was empty (SMMUv3 3.18.2). False if no memory
 * answers there: that is a global error. `text` names the entry.
 */
export function pushEntry(world: World, smmu: number, queue: OutputQueue, entry: Uint32Array, text: string): boolean {
  const { prod, cons, log2Size } = pointersOf(world, smmu, queue);
  const place = entryPlace(world, smmu, queue, entry.length * 4, indexOf(prod, log2Size));
  if (!isMemory(world, place.page)) {
    raiseError(world, smmu, QUEUES[queue].abort);
    return false;
  }
  writeWords(world, place.page, place.offset, entry);
  writeRegister(world, smmu, QUEUES[queue].prod, advance(prod, log2Size));
  send(world, 'message', smmus.get(world, smmu).name, DRIVER, text);
  if (isEmpty(prod, cons, log2Size)) interrupt(world, smmu, queue);
  return true;
}

function interrupt(world: World, smmu: number, queue: OutputQueue): void {
  if (registerField(world, smmu, REGISTER.IRQ_CTRLACK, QUEUES[queue].interrupt) === 0) return;
  const { name, eventIrq, priIrq } = smmus.get(world, smmu);
  raise(world, queue === 'EVENTQ' ? eventIrq : priIrq);
  send(world, 'wakeup', name, DRIVER, QUEUES[queue].words);
}

function pointersOf(world: World, smmu: number, queue: OutputQueue) {
  const { base, prod, cons } = QUEUES[queue];
  return {
    prod: readRegister(world, smmu, prod),
    cons: readRegister(world, smmu, cons),
    log2Size: registerField(world, smmu, base, 'LOG2SIZE'),
  };
}

function entryPlace(world: World, smmu: number, queue: OutputQueue, bytes: number, index: number): Place {
  const { base } = QUEUES[queue];
  const log2Size = registerField(world, smmu, base, 'LOG2SIZE');
  return placeInQueue(registerField(world, smmu, base, 'ADDR'), log2Size, bytes, index);
}

/** Where an entry lies; `address` is bits 55:5 of the base, which hardware aligns to the queue's size. SMMUv3 6.3.26. */
export function placeInQueue(address: number, log2Size: number, bytes: number, index: number): Place {
  const base = address - (address % Math.max(1, (bytes * 2 ** log2Size) / 32));
  const inPage = (base % 128) * 32 + index * bytes;
  return { page: Math.floor(base / 128) + Math.floor(inPage / 4096), offset: inPage % 4096 };
}
