/** The entries of one PASID in several tables: where each device has a table of its own, those of a group go together. */
import { devices } from '../devices/device.ts';
import { isBoundThrough, type PasidTable, tablesFor, tablesIn, takesEntries } from '../iommu/pasid-table.ts';
import { processes } from '../iommu/process.ts';
import { isError } from '../lib/errno.ts';
import { call, done, fail, type Next, procedure, RESULT, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { Table } from '../world/table.ts';
import type { World } from '../world/world.ts';

const UNDER_LOCK = 'iommu_process_lock';
const IN_GROUP = 'drivers/iommu/iommu.c __iommu_set_group_pasid()';
const OUT_OF_GROUP = 'drivers/iommu/iommu.c __iommu_remove_group_pasid()';

/** How a driver keeps its PASID tables. */
export interface TableDriver<T extends PasidTable> {
  /** Goes before the names of the procedures, for instance `iommu`. */
  readonly prefix: string;
  readonly tables: Table<T>;
  /** Writes the entry of a process; returns 0 or -ENOMEM. */
  readonly install: (table: number, process: number) => Next;
  readonly clear: (table: number, pasid: number) => Next;
  readonly hasEntry: (world: World, table: T, pasid: number) => boolean;
}

/** Puts entries of processes into the tables of a driver, and takes them out. */
export interface PasidEntries<T extends PasidTable> {
  /** Whether every table that a bind of the device needs an entry in has it already. */
  hasAll(world: World, device: number, process: number): boolean;
  /** Writes the entry that a bind of the device needs: into one table, or into those of its whole group. */
  installFor(world: World, device: number, process: number): Next;
  /** The tables of a domain with an entry of a process; unless `all`, those through which nobody uses it any more. */
  having(world: World, domain: number, process: number, all: number): T[];
  /** Takes the entry of a process out of tables of a domain, as `having` finds them. */
  clearFor(world: World, domain: number, process: number, all: number): Next;
}

const pasidOf = (world: World, process: number): number => processes.get(world, process).pasid;

const ownerOf = (world: World, { device }: PasidTable): string =>
  device < 0 ? 'that of the domain' : `that of ${devices.get(world, device).name}`;

/** The procedures of one driver. */
export function pasidEntries<T extends PasidTable>(driver: TableDriver<T>): PasidEntries<T> {
  const { tables, install, clear, hasEntry } = driver;
  const wanted = (world: World, device: number): T[] =>
    tablesFor(tables, world, device).filter((row) => takesEntries(world, row));
  const having = (world: World, domain: number, process: number, all: number): T[] => {
    const pasid = pasidOf(world, process);
    return tablesIn(tables, world, domain).filter(
      (row) => hasEntry(world, row, pasid) && (all === 1 || !isBoundThrough(world, process, row)),
    );
  };
  const setGroup = installer(driver, wanted);
  const removeGroup = remover(driver, having);
  return {
    hasAll: (world, device, process) =>
      wanted(world, device).every((row) => hasEntry(world, row, pasidOf(world, process))),
    installFor: (world, device, process) => {
      const [only, ...others] = wanted(world, device);
      if (only !== undefined && others.length === 0) return install(only.id, process);
      return setGroup.at.next({ device, process, after: -1 });
    },
    having,
    clearFor: (world, domain, process, all) => {
      const [only, ...others] = having(world, domain, process, all);
      if (only === undefined || others.length > 0) return removeGroup.at.next({ domain, process, all, after: -1 });
      return clear(only.id, pasidOf(world, process));
    },
  };
}

/** __iommu_set_group_pasid(): the entry in the table of each device of the group, or in none. Returns 0 or -ENOMEM. */
function installer<T extends PasidTable>(driver: TableDriver<T>, wanted: (world: World, device: number) => T[]) {
  return procedure(
    `${driver.prefix}_set_group_pasid`,
    'smmu-driver',
    {
      next: ['device', 'process', 'after'],
      installed: ['device', 'process', 'after', 'result'],
      undo: ['device', 'pasid', 'before', 'result'],
    },
    (go) => ({
      next: step(
        'looks for the next table that gets the entry: {whose}',
        { atomic: UNDER_LOCK, cite: IN_GROUP },
        (world, { device, process, after }) => {
          const table = wanted(world, device).find((row) => row.id > after);
          tell(world, { whose: table === undefined ? 'all have it' : ownerOf(world, table) });
          if (table === undefined) return done();
          const then = go.installed({ device, process, after: table.id, result: RESULT });
          return call(driver.install(table.id, process), then);
        },
      ),
      installed: step(
        'goes on to the next table, or takes back what it did',
        { atomic: UNDER_LOCK, cite: IN_GROUP },
        (world, { device, process, after, result }) => {
          if (!isError(result)) return go.next({ device, process, after });
          return go.undo({ device, pasid: pasidOf(world, process), before: after, result });
        },
      ),
      undo: step(
        'takes the entry out of the table before that: {whose}',
        { atomic: UNDER_LOCK, cite: OUT_OF_GROUP },
        (world, { device, pasid, before, result }) => {
          const table = wanted(world, device).findLast((row) => row.id < before);
          tell(world, { whose: table === undefined ? 'there is none' : ownerOf(world, table) });
          if (table === undefined) return fail(result);
          return call(driver.clear(table.id, pasid), go.undo({ device, pasid, before: table.id, result }));
        },
      ),
    }),
  );
}

type Having<T> = (world: World, domain: number, process: number, all: number) => T[];

/** Takes the entry of a process out of the tables of a domain: out of all, or where no device has bound it any more. */
function remover<T extends PasidTable>(driver: TableDriver<T>, having: Having<T>) {
  return procedure(
    `${driver.prefix}_remove_group_pasid`,
    'smmu-driver',
    { next: ['domain', 'process', 'all', 'after'] },
    (go) => ({
      next: step(
        'looks for the next table that still has the entry: {whose}',
        { atomic: UNDER_LOCK, cite: OUT_OF_GROUP },
        (world, { domain, process, all, after }) => {
          const table = having(world, domain, process, all).find((row) => row.id > after);
          tell(world, { whose: table === undefined ? 'none' : ownerOf(world, table) });
          if (table === undefined) return done();
          const then = go.next({ domain, process, all, after: table.id });
          return call(driver.clear(table.id, pasidOf(world, process)), then);
        },
      ),
    }),
  );
}
