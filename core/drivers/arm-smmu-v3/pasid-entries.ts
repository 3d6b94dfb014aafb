/** The entries of one PASID in several tables: where each device has a table of its own, those of a group go together. */
import { devices } from '../../devices/device.ts';
import { processes } from '../../iommu/process.ts';
import { isError } from '../../lib/errno.ts';
import { call, done, fail, type Next, procedure, RESULT, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { clearContext, installContext } from './context-table.ts';
import { type CdTable, cdTablesFor, cdTablesIn, hasContext, isBoundThrough, takesEntries } from './domain.ts';

const UNDER_LOCK = 'iommu_process_lock';

const nextTable = (world: World, device: number, after: number): CdTable | undefined =>
  cdTablesFor(world, device).find((row) => row.id > after && takesEntries(world, row));

/** __iommu_set_group_pasid(): the entry in the table of each device of the group, or in none. Returns 0 or -ENOMEM. */
export const installEntries = procedure(
  'iommu_set_group_pasid',
  'smmu-driver',
  {
    next: ['device', 'process', 'after'],
    installed: ['device', 'process', 'after', 'result'],
    undo: ['device', 'pasid', 'before', 'result'],
  },
  (go) => ({
    next: step(
      'looks for the next table that gets the entry: {whose}',
      { atomic: UNDER_LOCK, cite: 'drivers/iommu/iommu.c __iommu_set_group_pasid()' },
      (world, { device, process, after }) => {
        const table = nextTable(world, device, after);
        tell(world, { whose: table === undefined ? 'all have it' : ownerOf(world, table) });
        if (table === undefined) return done();
        const then = go.installed({ device, process, after: table.id, result: RESULT });
        return call(installContext.at.leaf({ cdTable: table.id, process }), then);
      },
    ),
    installed: step(
      'goes on to the next table, or takes back what it did',
      { atomic: UNDER_LOCK, cite: 'drivers/iommu/iommu.c __iommu_set_group_pasid()' },
      (world, { device, process, after, result }) => {
        if (!isError(result)) return go.next({ device, process, after });
        return go.undo({ device, pasid: pasidOf(world, process), before: after, result });
      },
    ),
    undo: step(
      'takes the entry out of the table before that: {whose}',
      { atomic: UNDER_LOCK, cite: 'drivers/iommu/iommu.c __iommu_remove_group_pasid()' },
      (world, { device, pasid, before, result }) => {
        const table = cdTablesFor(world, device).findLast((row) => row.id < before && takesEntries(world, row));
        tell(world, { whose: table === undefined ? 'there is none' : ownerOf(world, table) });
        if (table === undefined) return fail(result);
        const then = go.undo({ device, pasid, before: table.id, result });
        return call(clearContext.at.clear({ cdTable: table.id, pasid }), then);
      },
    ),
  }),
);

const pasidOf = (world: World, process: number): number => processes.get(world, process).pasid;

const ownerOf = (world: World, { device }: CdTable): string =>
  device < 0 ? 'that of the domain' : `that of ${devices.get(world, device).name}`;

/** Whether every table that a bind of the device needs an entry in has it already. */
export function hasEntries(world: World, device: number, process: number): boolean {
  const pasid = pasidOf(world, process);
  return cdTablesFor(world, device).every((row) => !takesEntries(world, row) || hasContext(world, row, pasid));
}

/** Writes the entry that a bind of the device needs: into one table, or into those of its whole group. */
export function installFor(world: World, device: number, process: number): Next {
  const [only, ...others] = cdTablesFor(world, device).filter((row) => takesEntries(world, row));
  if (only !== undefined && others.length === 0) return installContext.at.leaf({ cdTable: only.id, process });
  return installEntries.at.next({ device, process, after: -1 });
}

/** Takes the entry of a process out of the tables of a domain: out of all, or where no device has bound it any more. */
export const clearEntries = procedure(
  'iommu_remove_group_pasid',
  'smmu-driver',
  { next: ['domain', 'process', 'all', 'after'] },
  (go) => ({
    next: step(
      'looks for the next table that still has the entry: {whose}',
      { atomic: UNDER_LOCK, cite: 'drivers/iommu/iommu.c __iommu_remove_group_pasid()' },
      (world, { domain, process, all, after }) => {
        const table = entriesOf(world, domain, process, all).find((row) => row.id > after);
        tell(world, { whose: table === undefined ? 'none' : ownerOf(world, table) });
        if (table === undefined) return done();
        const then = go.next({ domain, process, all, after: table.id });
        return call(clearContext.at.clear({ cdTable: table.id, pasid: pasidOf(world, process) }), then);
      },
    ),
  }),
);

/** The tables of a domain with an entry of a process; unless `all`, those through which nobody uses it any more. */
export function entriesOf(world: World, domain: number, process: number, all: number): CdTable[] {
  const pasid = pasidOf(world, process);
  return cdTablesIn(world, domain).filter(
    (row) => hasContext(world, row, pasid) && (all === 1 || !isBoundThrough(world, process, row)),
  );
}

/** Takes the entry of a process out of tables of a domain, as `entriesOf` finds them. */
export function clearFor(world: World, domain: number, process: number, all: number): Next {
  const [only, ...others] = entriesOf(world, domain, process, all);
  if (only === undefined || others.length > 0) return clearEntries.at.next({ domain, process, all, after: -1 });
  return clearContext.at.clear({ cdTable: only.id, pasid: pasidOf(world, process) });
}
