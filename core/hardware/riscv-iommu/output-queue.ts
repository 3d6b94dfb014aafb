/**
 * The two queues that the IOMMU fills and software empties: faults and page requests. Indexes have no wrap bit, so a
 * queue of 2^n entries holds one less. RISC-V IOMMU 3, 3.2, 3.3.
 */
import { send } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { type Place, writeTo } from './bus.ts';
import { DRIVER } from './interrupts.ts';
import { riscvIommus } from './iommu.ts';
import { REGISTER } from './registers.layout.ts';
import { readRegister, registerField, setBit, writeRegister } from './registers.ts';

const FAULTS = { base: REGISTER.fqb, head: REGISTER.fqh, tail: REGISTER.fqt } as const;
const PAGES = { base: REGISTER.pqb, head: REGISTER.pqh, tail: REGISTER.pqt } as const;
const QUEUES = { fault: FAULTS, page: PAGES } as const;
export type OutputQueue = keyof typeof QUEUES;

/** What stands in the way of a new record, null if nothing does. */
export type Obstacle = 'off' | 'memory fault' | 'overflow';

/** A queue that is off, or whose last error software has not acknowledged, takes no records. RISC-V IOMMU 5.16, 5.17. */
export function obstacleOf(world: World, iommu: number, queue: OutputQueue): Obstacle | null {
  const { isOn, hasFault, hasOverflow } = stateOf(world, iommu, queue);
  if (!isOn) return 'off';
  if (hasFault) return 'memory fault';
  return hasOverflow ? 'overflow' : null;
}

function stateOf(world: World, iommu: number, queue: OutputQueue) {
  const { fqcsr, pqcsr } = REGISTER;
  if (queue === 'fault') {
    const has = (name: keyof typeof fqcsr.layout.fields) => registerField(world, iommu, fqcsr, name) === 1;
    return { isOn: has('fqon') && has('fqen'), hasFault: has('fqmf'), hasOverflow: has('fqof') };
  }
  const has = (name: keyof typeof pqcsr.layout.fields) => registerField(world, iommu, pqcsr, name) === 1;
  return { isOn: has('pqon') && has('pqen'), hasFault: has('pqmf'), hasOverflow: has('pqof') };
}

/** Writes a record where nothing is in the way; what stopped it instead is kept in the queue's register. */
export function push(
  world: World,
  iommu: number,
  queue: OutputQueue,
  record: Uint32Array,
  text: string,
): Obstacle | null {
  const { base, head, tail } = QUEUES[queue];
  const at = readRegister(world, iommu, tail);
  const size = 2 ** (registerField(world, iommu, base, 'LOG2SZ_1') + 1);
  const next = (at + 1) % size;
  if (next === readRegister(world, iommu, head)) {
    if (queue === 'fault') setBit(world, iommu, REGISTER.fqcsr, 'fqof', true);
    else setBit(world, iommu, REGISTER.pqcsr, 'pqof', true);
    return 'overflow';
  }
  const place = placeInQueue(registerField(world, iommu, base, 'PPN'), size, record.length * 4, at);
  if (!writeTo(world, iommu, place, record)) {
    if (queue === 'fault') setBit(world, iommu, REGISTER.fqcsr, 'fqmf', true);
    else setBit(world, iommu, REGISTER.pqcsr, 'pqmf', true);
    return 'memory fault';
  }
  writeRegister(world, iommu, tail, next);
  send(world, 'message', riscvIommus.get(world, iommu).name, DRIVER, text);
  return null;
}

/** Where an entry lies: a queue longer than a page is aligned to its length. RISC-V IOMMU 5.6. */
export function placeInQueue(ppn: number, size: number, bytes: number, index: number): Place {
  const first = ppn - (ppn % Math.max(1, (size * bytes) / 4096));
  const at = index * bytes;
  return { page: first + Math.floor(at / 4096), offset: at % 4096 };
}
