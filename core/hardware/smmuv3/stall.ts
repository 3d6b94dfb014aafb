/** The stall model: transactions that the SMMU holds until software has answered their faults. SMMUv3 3.12.2. */
import { present } from '../../lib/assert.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { headsUp, isParked, links, type Message, messages, parkUp, setHeld } from '../pcie/link.ts';
import { sendEnding } from './ats.ts';
import { canRecord, writeStall } from './event-queue.ts';
import { REGISTER } from './registers.layout.ts';
import { registerField } from './registers.ts';

/** A transaction in the stall buffer of an SMMU: a message that has left its link and was not answered. */
export interface Stall extends Row {
  readonly smmu: number;
  readonly message: number;
  /** Its tag while software owes it an answer, else -1: then the tag may name another. */
  readonly stag: number;
  /**
   * stalled: it was recorded and waits for software. resumed: it is to be translated as if it had just arrived.
   * retrying: the translation unit is at it. blocked: it has faulted again, and its record has no place yet.
   */
  readonly state: 'stalled' | 'resumed' | 'retrying' | 'blocked';
}

export const stalls = table<Stall>('stall', { smmu: 'int', message: 'int', stag: 'int', state: 'text' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  smmu: r.smmu,
  message: r.message,
  stag: r.stag,
  state: r.state,
}));

export function stallsIn(world: World, smmu: number): Stall[] {
  return stalls.all(world).filter((row) => row.smmu === smmu);
}

/** The stalled transaction that a tag of a stream names, undefined if there is none. SMMUv3 4.7.1. */
export function findStall(world: World, smmu: number, sid: number, stag: number): Stall | undefined {
  const isNamed = (row: Stall): boolean => row.smmu === smmu && row.stag === stag && streamOf(world, row) === sid;
  return stalls.first(world, (row) => row.state === 'stalled' && isNamed(row));
}

function streamOf(world: World, { message }: Stall): number {
  return links.get(world, messages.get(world, message).link).sid;
}

function stallOf(world: World, message: number): Stall {
  return present(
    stalls.first(world, (row) => row.message === message),
    'the stall buffer has a place for each message that it holds',
  );
}

function setState(world: World, id: number, state: Stall['state'], stag: number): void {
  stalls.edit(world, id, (row) => {
    row.state = state;
    row.stag = stag;
  });
}

/** What the translation unit can take: transactions that try again, then the heads of the links that are not held. */
export function arrivals(world: World, smmu: number): Message[] {
  const again: Message[] = [];
  for (const row of stalls.slots(world)) {
    if (row?.smmu === smmu && mayTryAgain(world, row)) again.push(messages.get(world, row.message));
  }
  const heads = headsUp(world, smmu).filter((head) => !isHeldBack(world, smmu, head));
  return again.length === 0 ? heads : [...again, ...heads];
}

function mayTryAgain(world: World, { smmu, state }: Stall): boolean {
  return state === 'resumed' || (state === 'blocked' && canRecord(world, smmu));
}

function isHeldBack(world: World, smmu: number, head: Message): boolean {
  return links.get(world, head.link).held === 1 && whyNotStall(world, smmu, head) !== null;
}

/** Why a transaction cannot be stalled now, null if it can: no place, or none for its record, which is never dropped. */
export function whyNotStall(world: World, smmu: number, message: Message): string | null {
  if (!canRecord(world, smmu)) return 'the event queue cannot take its record';
  const most = registerField(world, smmu, REGISTER.IDR5, 'STALL_MAX');
  return isParked(message) || stallsIn(world, smmu).length < most ? null : `${most} are stalled already`;
}

/** The translation unit takes a message: one that was held back or stalled tries again. */
export function takeUp(world: World, message: Message): void {
  if (isParked(message)) setState(world, stallOf(world, message.id).id, 'retrying', -1);
  else if (links.get(world, message.link).held === 1) setHeld(world, message.link, 0);
}

/** Stalls a faulting transaction with the lowest free tag, and records that. Its tag, -1 if no memory took the record. SMMUv3 3.12.2, 7.3.13. */
export function stall(world: World, smmu: number, message: Message, event: number): number {
  const taken = new Set(stallsIn(world, smmu).map((row) => row.stag));
  let stag = 0;
  while (taken.has(stag)) stag++;
  if (!writeStall(world, smmu, message, event, stag)) {
    holdBack(world, message);
    return -1;
  }
  if (isParked(message)) setState(world, stallOf(world, message.id).id, 'stalled', stag);
  else stalls.insert(world, { smmu, message: parkUp(world, message.link).id, stag, state: 'stalled' });
  return stag;
}

/** A transaction that should stall and cannot: it tries again once it can, and its link waits with it. SMMUv3 3.12.2. */
export function holdBack(world: World, message: Message): void {
  if (isParked(message)) setState(world, stallOf(world, message.id).id, 'blocked', -1);
  else setHeld(world, message.link, 1);
}

/** CMD_RESUME with Ac=1: the tag is free, the transaction translates anew. */
export function resume(world: World, { id }: Stall): void {
  setState(world, id, 'resumed', -1);
}

/** The transaction has been dealt with: its place in the stall buffer is free. */
export function leaveBuffer(world: World, message: Message): void {
  stalls.remove(world, stallOf(world, message.id).id);
  messages.remove(world, message.id);
}

/** Ends a transaction of the stall buffer for its device. `ending`: of ENDING. */
export function terminate(world: World, { message: id }: Stall, ending: number): void {
  const message = messages.get(world, id);
  sendEnding(world, message, ending);
  leaveBuffer(world, message);
}

/** The transactions that CMD_STALL_TERM ends for a stream, or that the end of translation ends for all (sid -1). */
export function stallsToEnd(world: World, smmu: number, sid: number): Stall[] {
  const fits = (row: Stall): boolean => row.state !== 'retrying' && (sid < 0 || streamOf(world, row) === sid);
  return stallsIn(world, smmu).filter(fits);
}
