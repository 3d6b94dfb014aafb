/** Private PASIDs in the PASID tables of a driver: entries whose page tables belong to no process. The order is that of every driver. */
import { devices } from '../devices/device.ts';
import { type PasidTable, tablesFor, tablesIn, takesEntries } from '../iommu/pasid-table.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { spaces } from '../iommu/space.ts';
import { isError } from '../lib/errno.ts';
import { allocateFrame } from '../process/frame.ts';
import { call, done, fail, type Next, procedure, RESULT, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { type CacheDriver, EVERYTHING, nextCache, syncDomain } from './atc.ts';
import { freeBelow } from './dma-tables.ts';
import type { TableDriver } from './pasid-entries.ts';

const SET_PASID = 'drivers/iommu/iommu.c __iommu_set_group_pasid()';
const REMOVE_PASID = 'drivers/iommu/iommu.c __iommu_remove_group_pasid()';

/** What a driver does for a private PASID, and what the specification and its kernel call that. */
export interface PrivateDriver<T extends PasidTable> extends CacheDriver {
  /** Goes before the names of the procedures, for instance `arm_smmu`. */
  readonly prefix: string;
  readonly words: Readonly<Record<'table' | 'shortTable' | 'entry' | 'tag', string>>;
  readonly cites: Readonly<Record<'make' | 'entry' | 'iotlb' | 'atc' | 'free', string>>;
  readonly table: Pick<TableDriver<T>, 'tables' | 'clear' | 'hasEntry'>;
  /** Writes the entry of a private PASID; returns 0 or -ENOMEM. */
  readonly install: (table: number, space: number) => Next;
  /** Notes the root of its page tables, and gives the tag of their translations. */
  readonly takeTables: (world: World, space: number, root: number) => number;
  readonly dropTables: (world: World, space: number) => void;
  /** Sends the invalidation of all that the IOTLB keeps by that tag. */
  readonly forgetTag: (world: World, domain: number, tag: number) => Next;
}

/** Page tables for a private PASID, then its entry in each table that the device's traffic goes through, or in none; and back. */
export function privatePasidsOf<T extends PasidTable>(driver: PrivateDriver<T>) {
  const clearPrivate = clearOf(driver);
  return { attachPrivate: attachOf(driver, clearPrivate), detachPrivate: detachOf(driver, clearPrivate) };
}

function attachOf<T extends PasidTable>(driver: PrivateDriver<T>, clearPrivate: ReturnType<typeof clearOf<T>>) {
  const { words, cites, table } = driver;
  const next = (world: World, device: number, after: number): T | undefined =>
    tablesFor(table.tables, world, device).find((row) => row.id > after && takesEntries(world, row));
  return procedure(
    `${driver.prefix}_attach_pasid`,
    'smmu-driver',
    {
      tables: ['device', 'space'],
      entry: ['device', 'space', 'after'],
      written: ['device', 'space', 'after', 'result'],
      undone: ['space', 'errno'],
    },
    (go) => ({
      tables: step(
        `makes page tables for {space}, with ${words.tag} {tag}: {outcome}`,
        { atomic: 'iommu_process_lock', cite: cites.make },
        (world, { device, space }) => {
          const root = allocateFrame(world, 'table');
          tell(world, { tag: 0, outcome: root.ok ? 'nothing is mapped' : 'no memory is left' });
          if (!root.ok) return fail('ENOMEM');
          tell(world, { tag: driver.takeTables(world, space, root.value) });
          return go.entry({ device, space, after: -1 });
        },
      ),
      entry: step(
        `looks for the next ${words.table} that gets the ${words.entry}: {found}`,
        { cite: SET_PASID },
        (world, { device, space, after }) => {
          const row = next(world, device, after);
          tell(world, { found: row === undefined ? 'all have it' : 'there is one' });
          if (row === undefined) return done();
          return call(driver.install(row.id, space), go.written({ device, space, after: row.id, result: RESULT }));
        },
      ),
      written: step(
        `goes on to the next ${words.shortTable}, or takes back what it did`,
        { cite: SET_PASID },
        (_world, { device, space, after, result }) => {
          if (!isError(result)) return go.entry({ device, space, after });
          return call(clearPrivate.at.next({ space, after: -1 }), go.undone({ space, errno: -result }));
        },
      ),
      undone: step('gives the page tables back', { cite: 'drivers/iommu/iommu.c' }, (world, { space, errno }) => {
        freeTables(world, driver, space);
        return fail(errno);
      }),
    }),
  );
}

/** Takes the entry of a private PASID out of every table that has it. */
function clearOf<T extends PasidTable>({ prefix, words, table }: PrivateDriver<T>) {
  return procedure(`${prefix}_clear_pasid`, 'smmu-driver', { next: ['space', 'after'] }, (go) => ({
    next: step(
      `looks for the next ${words.table} that has the ${words.entry}: {found}`,
      { cite: REMOVE_PASID },
      (world, { space, after }) => {
        const { domain, pasid } = spaces.get(world, space);
        const rows = tablesIn(table.tables, world, domain);
        const row = rows.find((each) => each.id > after && table.hasEntry(world, each, pasid));
        tell(world, { found: row === undefined ? 'none' : 'there is one' });
        if (row === undefined) return done();
        return call(table.clear(row.id, pasid), go.next({ space, after: row.id }));
      },
    ),
  }));
}

/** The entry, the IOTLB by its tag, the ATC by PASID; then page tables and the memory that they map are free. */
function detachOf<T extends PasidTable>(driver: PrivateDriver<T>, clearPrivate: ReturnType<typeof clearOf<T>>) {
  const { words, cites } = driver;
  const domainOf = (world: World, space: number): number => spaces.get(world, space).domain;
  return procedure(
    `${driver.prefix}_detach_pasid`,
    'smmu-driver',
    { entry: ['space'], tlb: ['space'], sync: ['space'], atc: ['space', 'after'], wait: ['space'], free: ['space'] },
    (go) => ({
      entry: step(`takes the ${words.entry} of {space} away`, { cite: cites.entry }, (_world, { space }) =>
        call(clearPrivate.at.next({ space, after: -1 }), go.tlb({ space })),
      ),
      tlb: step(`invalidates the IOTLB by the ${words.tag} of {space}`, { cite: cites.iotlb }, (world, { space }) => {
        const domain = domainOf(world, space);
        const { tag } = siliconOf(world).ioTables(world, domain, space);
        return call(driver.forgetTag(world, domain, tag), go.sync({ space }));
      }),
      sync: step('waits until the IOTLB is clean', { cite: driver.syncCite }, (world, { space }) =>
        call(syncDomain(world, driver, domainOf(world, space)), go.atc({ space, after: -1 })),
      ),
      atc: step('sees to the ATCs for {pasid}: {found}', { cite: cites.atc }, (world, { space, after }) => {
        const { domain, pasid } = spaces.get(world, space);
        const device = nextCache(world, domain, after, pasid);
        const whose = device === undefined ? 'no other device has one' : `that of ${devices.get(world, device).name}`;
        tell(world, { pasid, found: whose });
        if (device === undefined) return after < 0 ? go.free({ space }) : go.wait({ space });
        return call(driver.forgetInAtc(world, device, pasid, EVERYTHING, EVERYTHING), go.atc({ space, after: device }));
      }),
      wait: step('waits until the ATCs are clean', { cite: driver.cleanCite }, (world, { space }) =>
        call(syncDomain(world, driver, domainOf(world, space)), go.free({ space })),
      ),
      free: step('frees the page tables of {space}, and {count} mapped', { cite: cites.free }, (world, { space }) => {
        const count = freeTables(world, driver, space);
        tell(world, { count: count === 1 ? 'the page that was' : `${count} pages that were` });
        return done();
      }),
    }),
  );
}

/** Frees what a private PASID maps, its page tables, and its tag; gives the pages that were mapped. */
function freeTables<T extends PasidTable>(world: World, { dropTables }: PrivateDriver<T>, space: number): number {
  const { domain } = spaces.get(world, space);
  const count = freeBelow(world, siliconOf(world).ioTables(world, domain, space).pgd);
  dropTables(world, space);
  return count;
}
