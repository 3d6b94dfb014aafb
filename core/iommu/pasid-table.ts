/**
 * A PASID table of whatever silicon, and whom it serves: entries that say which page tables each PASID has. A domain has
 * one for all of its devices, or each device has one of its own, as the design decides; the words are the silicon's.
 */
import { devices } from '../devices/device.ts';
import { present } from '../lib/assert.ts';
import type { Row } from '../world/row.ts';
import type { Table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { bondsOf, contextOf } from './context.ts';
import { devicesIn, domainOf, memberOf } from './group.ts';

export interface PasidTable extends Row {
  /** The domain whose traffic goes through it. */
  readonly domain: number;
  /** The one device that it belongs to; -1 if all devices of the domain share it. */
  readonly device: number;
  /** log2 of the number of entries. */
  readonly contextBits: number;
}

/** Stands for where a valid entry leads that leads to no page tables: nowhere. */
export const QUIET = -2;

/** Root and tags of page tables for DMA addresses. */
export interface IoTables {
  /** Page of the root. */
  readonly pgd: number;
  /** Tag of their translations in the IOTLB: an ASID or a PSCID. */
  readonly tag: number;
  /** -1 for traffic without PASID. */
  readonly pasid: number;
}

/** The PASID table that the traffic of a device goes through while it is in a domain. */
export function tableOf<T extends PasidTable>(
  tables: Table<T>,
  world: World,
  device: number,
  domain = domainOf(world, device),
): T {
  const row = tables.first(world, (each) => (each.device < 0 ? each.domain === domain : each.device === device));
  return present(row, 'a device that is attached has a PASID table');
}

/** The PASID tables in which an entry that a device binds stands: its domain's, or those of all devices of its group. */
export function tablesFor<T extends PasidTable>(tables: Table<T>, world: World, device: number): T[] {
  const group = memberOf(world, device)?.group;
  const own = domainOf(world, device);
  return tables
    .all(world)
    .filter((row) => (row.device < 0 ? row.domain === own : memberOf(world, row.device)?.group === group));
}

/** The PASID tables of a domain: one for all of its devices, or one for each. */
export function tablesIn<T extends PasidTable>(tables: Table<T>, world: World, domain: number): T[] {
  return tables
    .all(world)
    .filter((row) => (row.device < 0 ? row.domain === domain : domainOf(world, row.device) === domain));
}

/** The devices whose traffic goes through a PASID table. */
export function mastersOf(world: World, { domain, device }: Pick<PasidTable, 'domain' | 'device'>): number[] {
  return device < 0 ? devicesIn(world, domain) : [device];
}

/** The first device of the domain behind another one, undefined behind the last; -1 stands before the first. */
export function nextMaster(world: World, domain: number, after: number): number | undefined {
  return devicesIn(world, domain).find((device) => device > after);
}

/** The table of a device without PASIDs has no use for entries of processes. */
export function takesEntries(world: World, { device }: Pick<PasidTable, 'device'>): boolean {
  return device < 0 || devices.get(world, device).pasidBits > 0;
}

/** Whether a process should have an entry in a PASID table: a device that the table serves, or its group, has bound it. */
export function isBoundThrough(world: World, process: number, table: PasidTable): boolean {
  const { domain, device } = table;
  if (!takesEntries(world, table)) return false;
  const context = contextOf(world, process, device < 0 ? domain : domainOf(world, device));
  if (context === undefined || device < 0) return context !== undefined;
  const group = memberOf(world, device)?.group;
  return bondsOf(world, context.id).some((bond) => memberOf(world, bond.device)?.group === group);
}
