/** Those who poll until an IOMMU has done all that was queued: a word of memory for each, which the last command writes. */
import { linksOf } from '../hardware/pcie/link.ts';
import { awaitsLateDevice } from '../hardware/pcie/tardiness.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { present } from '../lib/assert.ts';
import type { Cost } from '../sim/cost.ts';
import { reach, tell } from '../sim/telling.ts';
import { hasRunOut } from '../sim/time-out.ts';
import { readWord, writeWord } from '../world/memory.ts';
import type { Row } from '../world/row.ts';
import { type Table, table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** Somebody who polls; its id is the number of its word. */
interface Waiter extends Row {
  readonly iommu: number;
  /** late: it has polled for as long as it may. left: it has gone, and its word may still be written. */
  readonly state: 'polls' | 'late' | 'left';
}

/** The waiters of one driver. */
export interface Waiters {
  readonly rows: Table<Waiter>;
  /** How long each polls. */
  readonly timeOut: Cost;
  /** The page of the words. */
  readonly pageOf: (world: World, iommu: number) => number;
}

export const waiterTable = (name: string): Table<Waiter> =>
  table<Waiter>(name, { iommu: 'int', state: 'text' }, (id, r) => ({
    ...{ id, h0: 0, h1: 0, iommu: r.iommu, state: r.state },
  }));

/** What the last command writes. */
export const DONE = 1;
export const WORD_BYTES = 4;
/** The lane of the threads that handle the interrupts of an IOMMU: one that has stopped waits for them. */
const DRIVER = 'smmu-driver';

/** The number of a word that nobody waits for, cleared. */
export function beginWait(world: World, waiters: Waiters, iommu: number): number {
  const { rows, pageOf } = waiters;
  for (const { id, iommu: of, state } of rows.all(world))
    if (state === 'left' && isWritten(world, waiters, of, id)) rows.remove(world, id);
  const waiter = rows.insert(world, { iommu, state: 'polls' }).id;
  writeWord(world, pageOf(world, iommu), waiter * WORD_BYTES, 0);
  return waiter;
}

function isWritten(world: World, { pageOf }: Waiters, iommu: number, waiter: number): boolean {
  return readWord(world, pageOf(world, iommu), waiter * WORD_BYTES) === DONE;
}

/** Whether a waiter need not poll any more: its word is written, or its time is over. */
export function isWaitOver(world: World, waiters: Waiters, iommu: number, waiter: number): boolean {
  return isWritten(world, waiters, iommu, waiter) || waiters.rows.get(world, waiter).state === 'late';
}

/**
 * A waiter goes on: true if its word is written. One whose time is over prints an error, which its callers do not look
 * at; its word stays its own until the message has come after all.
 */
export function endWait(world: World, waiters: Waiters, iommu: number, waiter: number): boolean {
  const { rows, pageOf } = waiters;
  const isDone = isWritten(world, waiters, iommu, waiter);
  if (isDone) {
    writeWord(world, pageOf(world, iommu), waiter * WORD_BYTES, 0);
    rows.remove(world, waiter);
    return true;
  }
  setState(world, waiters, waiter, 'left');
  tell(world, { fault: 1 });
  reach(world, 'event.printed');
  return false;
}

function setState(world: World, { rows }: Waiters, waiter: number, state: Waiter['state']): void {
  rows.edit(world, waiter, (row) => {
    row.state = state;
  });
}

/**
 * Those whose time can be over: where their IOMMU waits for a late device at any moment, else only when the IOMMU, its
 * driver and the devices that owe it a completion do nothing that is faster.
 */
function patientWaiters(world: World, waiters: Waiters, iommu: number): Waiter[] {
  const { rows, timeOut } = waiters;
  const isPatient = ({ id, iommu: of, state }: Waiter): boolean =>
    of === iommu && state === 'polls' && !isWritten(world, waiters, of, id);
  const patient = rows.all(world).filter(isPatient);
  if (patient.length === 0 || awaitsLateDevice(world, iommu)) return patient;
  const owing = linksOf(world, iommu).filter(({ itags }) => itags !== 0);
  const lanes = [siliconOf(world).iommus.get(world, iommu).name, DRIVER, ...owing.map(({ name }) => name)];
  return hasRunOut(world, lanes, timeOut) ? patient : [];
}

/** How many polls can run out of time now. */
export function countPatient(world: World, waiters: Waiters, iommu: number): number {
  return patientWaiters(world, waiters, iommu).length;
}

/** Tells one of them that its time is over. */
export function runOutOfTime(world: World, waiters: Waiters, iommu: number, choice: number): void {
  const { id } = present(patientWaiters(world, waiters, iommu)[choice], 'a poll that runs out of time is under way');
  setState(world, waiters, id, 'late');
  reach(world, 'time-out');
}

/** Those who have not gone, in words. */
export function waitersLeft(world: World, { rows }: Waiters): string[] {
  const count = rows.all(world).filter(({ state }) => state !== 'left').length;
  return count === 0 ? [] : [`${count} ${rows.name}`];
}
