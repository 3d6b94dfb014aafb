/** A device that is taken out: it falls silent first, then nothing of it is left. */
import { links, messages } from '../hardware/pcie/link.ts';
import { setManner } from '../hardware/pcie/tardiness.ts';
import { invalidate } from '../hardware/tlb.ts';
import { actors } from '../sim/actor.ts';
import { framesOf, type StackFrame, stepOf } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';
import { atcOf, devices } from './device.ts';
import { dmaEngine } from './dma-engine.ts';
import { jobs } from './job.ts';
import { endGroup, groupsOf } from './page-request.ts';
import { pasidUses } from './pasid-use.ts';
import { devicePort } from './port.ts';

/** PRI first, then ATS: it asks for nothing more, and without ATS it has no use for its ATC. PCIe 10.5.1, 10.5.2. */
export function powerOff(world: World, device: number): void {
  invalidate(world, atcOf(world, device), { page: 0, span: 52 });
  devices.edit(world, device, (row) => {
    row.pri = 0;
    row.ats = 0;
  });
}

/** Nothing is under way on its link in either direction, held by the SMMU, or owed as a completion. */
export function isQuiet(world: World, device: number): boolean {
  const id = devices.get(world, device).link;
  return links.get(world, id).itags === 0 && messages.first(world, ({ link }) => link === id) === undefined;
}

/** Its link is quiet, and its engine is in the middle of no page request group: PRI that is off begins no other. */
export function isSilent(world: World, device: number): boolean {
  if (groupsOf(world, device).some(({ open, job }) => open === 1 && job >= 0)) return false;
  return isQuiet(world, device);
}

/** What belongs to the device itself: its engine and its port. */
function isOwn(frame: StackFrame): boolean {
  const { procedure } = stepOf(frame);
  return procedure === dmaEngine.name || procedure === devicePort.name;
}

/** Who holds a reference to the device: a call under way that has it among its locals, but for the procedure that removes it. */
export function isInHand(world: World, device: number, remover: string): boolean {
  if (pasidUses.first(world, (row) => row.device === device)) return true;
  return actors.first(world, ({ frame }) => frame !== null && holds(frame, device, remover)) !== undefined;
}

function holds(frame: StackFrame, device: number, remover: string): boolean {
  if (isOwn(frame)) return false;
  return framesOf(frame).some((at) => at.locals['device'] === device && stepOf(at).procedure !== remover);
}

/** It is pulled out: its engine and its port stand still, and what it had in hand is lost. */
export function removeDevice(world: World, device: number): void {
  const { link } = devices.get(world, device);
  for (const { id, frame } of actors.all(world)) {
    if (frame === null || !isOwn(frame) || deviceIn(world, frame) !== device) continue;
    actors.edit(world, id, (row) => {
      row.frame = null;
    });
  }
  for (const group of groupsOf(world, device)) endGroup(world, group);
  for (const job of jobs.all(world)) if (job.device === device) jobs.remove(world, job.id);
  setManner(world, link, 'answer');
  devices.remove(world, device);
  links.remove(world, link);
}

/** The engine goes by its job where it has one. */
function deviceIn(world: World, { locals }: StackFrame): number {
  return locals['device'] ?? jobs.get(world, locals['job'] ?? -1).device;
}
