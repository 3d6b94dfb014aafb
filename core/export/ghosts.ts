import { at, type Machine, seek } from '../machine/machine.ts';
import { viewOf } from './state.ts';
import type { MachineView } from './view.ts';

/** A thing that the last event has removed: it is shown for this one moment. */
export interface GhostView {
  readonly key: string;
  /** Key of the thing that it was part of; the column's name where it stood by itself. */
  readonly within: string;
  readonly label: string;
  readonly mm: number | null;
}

/** What was there before the last event and is no more. The machine is left where it was. */
export function ghostsOf(machine: Machine, view: MachineView): GhostView[] {
  const event = at(machine);
  if (event === 0) return [];
  seek(machine, event - 1);
  const before = thingsOf(viewOf(machine));
  seek(machine, event);
  const there = new Set(thingsOf(view).map(({ key }) => key));
  return before.filter(({ key }) => !there.has(key));
}

/** All that can be freed, taken away or dropped. */
function thingsOf({ processes, trees, iommus, groups, kernel }: MachineView): GhostView[] {
  return [
    ...processes.flatMap(({ key, name, mm, vmas }) => [
      { key, within: 'processes', label: name, mm },
      ...vmas.map((vma) => ({ key: vma.key, within: key, label: vma.name, mm })),
    ]),
    ...trees.flatMap(({ mm, leaves }) =>
      leaves.map(({ from, pfn }) => ({ key: from, within: `mm/${mm}`, label: `pfn ${pfn}`, mm })),
    ),
    ...iommus.flatMap(({ key, iotlb, stalls }) => [
      ...iotlb.entries.map((entry) => ghostOfEntry(entry, iotlb.key)),
      ...stalls.held.map((stall) => ({ key: stall.key, within: key, label: stall.what, mm: stall.mm })),
    ]),
    ...groups
      .flatMap(({ devices }) => devices)
      .flatMap(({ key, bonds, atc, requests }) => [
        ...bonds.map(({ key: bond, pasid, mm }) => ({ key: bond, within: key, label: `PASID ${pasid}`, mm })),
        ...requests.map(({ key: request, group, mm }) => ({ key: request, within: key, label: `group ${group}`, mm })),
        ...(atc?.entries.map((entry) => ghostOfEntry(entry, atc.key)) ?? []),
      ]),
    ...kernel.faults.map(({ key, label, mm }) => ({ key, within: 'kernel', label, mm })),
  ];
}

type Entry = MachineView['iommus'][number]['iotlb']['entries'][number];

function ghostOfEntry({ key, page, pfn, mm }: Entry, within: string): GhostView {
  return { key, within, label: `${page} to ${pfn}`, mm };
}
