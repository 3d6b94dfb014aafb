import { present } from '../lib/assert.ts';
import { writesAs } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** The smallest set of devices that the IOMMU can tell apart from others; its devices share one domain. */
export interface IommuGroup extends Row {
  readonly name: string;
  /** The domain its devices are attached to, -1 for none. */
  readonly domain: number;
  /** The driver of the IOMMU in front of it: picks the provider of every hook in ops.ts. */
  readonly backend: string;
}

export const groups = table<IommuGroup>('group', { name: 'name', domain: 'int', backend: 'text' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  name: r.name,
  domain: r.domain,
  backend: r.backend,
}));

/** A device in its group. */
export interface Member extends Row {
  readonly group: number;
  readonly device: number;
  /** 1 from the moment a detach begins: no new bond may be made (RFCv2 repaired: bind against detach). */
  readonly leaving: number;
  /** 1 from a FAILURE on: nothing that the device asks for is handled until its PRI is enabled again. */
  readonly refused: number;
}

export const members = table<Member>(
  'member',
  { group: 'int', device: 'int', leaving: 'int', refused: 'int' },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    group: r.group,
    device: r.device,
    leaving: r.leaving,
    refused: r.refused,
  }),
);

export function memberOf(world: World, device: number): Member | undefined {
  return members.first(world, (row) => row.device === device);
}

/** The devices of a group. */
export function membersOf(world: World, group: number): Member[] {
  return members.all(world).filter((row) => row.group === group);
}

/** The domain of a device, -1 for none. */
export function domainOf(world: World, device: number): number {
  const member = memberOf(world, device);
  return member === undefined ? -1 : groups.get(world, member.group).domain;
}

/** Which IOMMU driver serves a device. */
export function backendOf(world: World, device: number): string {
  const member = present(memberOf(world, device), 'a device behind an IOMMU is in a group');
  return groups.get(world, member.group).backend;
}

export function devicesIn(world: World, domain: number): number[] {
  return members
    .all(world)
    .filter((row) => groups.get(world, row.group).domain === domain)
    .map((row) => row.device);
}

/** iommu_group_remove_device(): a group without devices is gone as well. */
export function leaveGroup(world: World, device: number): void {
  const member = present(memberOf(world, device), 'a device behind an IOMMU is in a group');
  members.remove(world, member.id);
  if (membersOf(world, member.group).length === 0) groups.remove(world, member.group);
}

writesAs('group', (world, id) => `group ${groups.find(world, id)?.name ?? id}`);
