import type { DeviceView, IommuView, MachineView, MessageView, Moment } from '../engine/contract.ts';

/** The device and the IOMMU that the moment is about, by key. */
export interface Focus {
  readonly device: string | null;
  readonly iommu: string | null;
}

export const NOWHERE: Focus = { device: null, iommu: null };

/** More processes or devices than this are told in a line each, but for those that the moment or the person is about. */
const OPEN_AT_ONCE = 3;

export const isCrowd = (count: number): boolean => count > OPEN_AT_ONCE;

/** What the event of a moment names or changes; where it does neither, what was in focus before stays there. */
export function focusOf({ at, view, now, touched }: Moment, messages: readonly MessageView[], before: Focus): Focus {
  const ends = messages.filter(({ event }) => event === at).flatMap(({ from, to }) => [from, to]);
  const names = [...ends, now.who];
  const isNamed = ({ name }: { readonly name: string }) =>
    names.some((each) => each === name || each.startsWith(`${name} `));
  const changed = new Set(touched);
  const inFocus = <T extends DeviceView | IommuView>(
    all: readonly T[],
    old: string | null,
    keys: (one: T) => string[],
  ) =>
    (all.find(isNamed) ?? all.find((one) => keys(one).some((key) => changed.has(key))))?.key ??
    all.find(({ key }) => key === old)?.key ??
    null;
  return {
    device: inFocus(devicesOf(view), before.device, keysOfDevice),
    iommu: inFocus(view.iommus, before.iommu, keysOfIommu),
  };
}

export function devicesOf({ groups }: Pick<MachineView, 'groups'>): readonly DeviceView[] {
  return groups.flatMap(({ devices }) => devices);
}

function keysOfDevice({ key, bonds, jobs, requests }: DeviceView): string[] {
  return [key, ...[...bonds, ...jobs, ...requests].map((part) => part.key)];
}

function keysOfIommu({ key, queues, pasidTables, streams, iotlb, stalls }: IommuView): string[] {
  const parts = [
    ...queues.flatMap(({ slots }) => slots),
    ...pasidTables.flatMap(({ rows }) => rows),
    ...streams,
    ...iotlb.entries,
    ...stalls.held,
  ];
  return [key, ...parts.map((part) => part.key)];
}
