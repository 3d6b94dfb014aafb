import { at, type Machine } from '../machine/machine.ts';
import type { MachineView } from './view.ts';

/** Keys of the things that the sentence of a broken invariant names, at the moment at which it broke; none elsewhere. */
export function concernedBy(machine: Machine, view: MachineView): string[] {
  const { broken } = machine;
  if (broken === null || at(machine) !== broken.event) return [];
  const [claim] = broken.claims;
  return claim?.id === 'deadlock' ? keysOfWaiting(view) : keysNamed(claim?.detail ?? '', view);
}

/** Everybody who waits, and the locks that somebody waits for: of a deadlock, the whole round. */
function keysOfWaiting({ processes, kernel }: MachineView): string[] {
  const all = [...processes.flatMap(({ threads }) => threads), ...kernel.actors];
  return [
    ...kernel.locks.filter(({ waiters }) => waiters.length > 0).map(({ key }) => key),
    ...all.filter(({ waiting }) => waiting).map(({ key }) => key),
  ];
}

/** Things of the view that go by a name, a PASID or a frame that the sentence has. */
function keysNamed(sentence: string, { processes, iommus, groups, trees }: MachineView): string[] {
  const names = new Set(sentence.match(/[\w.-]*\w/g));
  const pasids = new Set(
    [...sentence.matchAll(/\bPASIDs? (\d+)(?:(?:,| and) (\d+))?/g)].flatMap(([, ...all]) => all.map(Number)),
  );
  const frames = new Set([...sentence.matchAll(/\b0x([0-9a-f]+)/g)].map(([, digits]) => digits));
  const rows = iommus.flatMap(({ pasidTables }) => pasidTables.flatMap((table) => table.rows));
  const devices = groups.flatMap((group) => group.devices);
  const leaves = trees.flatMap((tree) => tree.leaves);
  return [
    ...[...processes, ...devices, ...iommus].filter(({ name }) => names.has(name)).map(({ key }) => key),
    ...processes
      .filter(({ name, pasid }) => !names.has(name) && pasid !== null && pasids.has(pasid))
      .map(({ key }) => key),
    ...rows.filter(({ pasid, valid, mm }) => pasids.has(pasid) && (valid || mm !== null)).map(({ key }) => key),
    ...devices.flatMap(({ bonds }) => bonds.filter(({ pasid }) => pasids.has(pasid)).map(({ key }) => key)),
    ...leaves.filter(({ pfn }) => frames.has(pfn)).map(({ key }) => key),
  ];
}
