/** How a process leaves an IOMMU: by unbind or detach, device by device, or by the end of its memory. The order is that of every driver. */
import { devices } from '../devices/device.ts';
import { groupOf } from '../iommu/attach.ts';
import { bondsOf, contextOf } from '../iommu/context.ts';
import { lockedHandlerOf } from '../iommu/exit-handler.ts';
import { membersOf } from '../iommu/group.ts';
import { exitHandler } from '../iommu/ops.ts';
import type { PasidTable } from '../iommu/pasid-table.ts';
import { processes } from '../iommu/process.ts';
import { decides, hasBug, tellBug } from '../policy/policy.ts';
import { call, done, type Next, procedure, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { type CacheDriver, EVERYTHING, syncDomain } from './atc.ts';
import type { PasidEntries } from './pasid-entries.ts';

const UNDER_LOCK = 'iommu_process_lock';

/** What a driver does for a process that leaves. */
export interface LeavingDriver<T extends PasidTable> extends CacheDriver {
  /** Goes before the names of the procedures, for instance `arm_smmu`. */
  readonly prefix: string;
  /** What the unit is called in a sentence. */
  readonly unit: string;
  readonly entries: PasidEntries<T>;
  /** Keeps the unit from the page tables, with an entry that reports nothing. */
  readonly quiet: (table: number, pasid: number) => Next;
  /** Invalidates what IOTLB and ATCs keep of a process in a domain, and waits for it. */
  readonly forget: (domain: number, process: number) => Next;
}

const pasidOf = (world: World, process: number): number => processes.get(world, process).pasid;

/** The devices of the group of a device that have an ATC, itself included. */
function siblingsWithAtc(world: World, device: number): number[] {
  const siblings = membersOf(world, groupOf(world, device)).map((member) => member.device);
  return siblings.filter((each) => devices.get(world, each).ats === 1).sort((one, other) => one - other);
}

const forgets = <T extends PasidTable>(driver: LeavingDriver<T>) =>
  step<Record<'domain' | 'process', number>>(
    'has everything cached for it invalidated',
    { cite: 'RFCv2 21/36, 32/36' },
    (_world, { domain, process }) => driver.forget(domain, process),
  );

/**
 * process_detach(): the last device takes the entry with it: V, then the cached entries, then IOTLB and ATCs. A device that
 * leaves others behind has its own ATC invalidated (RFCv2 repaired).
 */
export function processDetachOf<T extends PasidTable>(driver: LeavingDriver<T>) {
  const { entries, forgetInAtc } = driver;
  return procedure(
    `${driver.prefix}_process_detach`,
    'smmu-driver',
    {
      begin: ['domain', 'device', 'process', 'last'],
      caches: ['domain', 'process'],
      atcs: ['domain', 'device', 'process', 'after'],
      sync: ['domain'],
    },
    (go) => ({
      begin: step(
        'takes {pasid} away from {device}: {how}',
        { atomic: UNDER_LOCK, cite: 'RFCv2 21/36' },
        (world, { domain, device, process, last }) => {
          const pasid = pasidOf(world, process);
          tell(world, { pasid, how: last === 1 ? 'the count of its domain is down to 0' : 'its domain counts others' });
          if (last === 1) return call(entries.clearFor(world, domain, process, 1), go.caches({ domain, process }));
          if (entries.having(world, domain, process, 0).length > 0)
            return call(entries.clearFor(world, domain, process, 0), go.atcs({ domain, device, process, after: -1 }));
          if (devices.get(world, device).ats === 0 || decides(world, 'leaving-atc', 'kept')) return done();
          return call(forgetInAtc(world, device, pasid, EVERYTHING, EVERYTHING), go.sync({ domain }));
        },
      ),
      caches: forgets(driver),
      atcs: step(
        'has the ATC of the next device of its group invalidated: others in the domain stay',
        { cite: 'drivers/iommu/iommu.c __iommu_remove_group_pasid()' },
        (world, { domain, device, process, after }) => {
          const [next, ...others] = siblingsWithAtc(world, device).filter((each) => each > after);
          if (next === undefined) return go.sync({ domain });
          const then = others.length === 0 ? go.sync({ domain }) : go.atcs({ domain, device, process, after: next });
          return call(forgetInAtc(world, next, pasidOf(world, process), EVERYTHING, EVERYTHING), then);
        },
      ),
      sync: step('waits until what was invalidated is clean', { cite: driver.syncCite }, (world, { domain }) =>
        syncDomain(world, driver, domain),
      ),
    }),
  );
}

/**
 * process_exit(): notifier release, once per domain, under a spinlock: nothing here may sleep. The page tables are about to
 * go, so the drivers are told, then the entry goes, or goes quiet, and then all cached copies. Where no driver is told it
 * begins with the entry, as arm_smmu_mm_release() of mainline.
 */
export function processExitOf<T extends PasidTable>(driver: LeavingDriver<T>) {
  const { entries } = driver;
  return procedure(
    `${driver.prefix}_process_exit`,
    'smmu-driver',
    {
      handlers: ['domain', 'process', 'next'],
      entry: ['domain', 'process', 'after'],
      caches: ['domain', 'process'],
    },
    (go) => ({
      handlers: step(
        'calls the exit handler for the next device of the domain: {whose}',
        { atomic: UNDER_LOCK, cite: 'RFCv2 02/36' },
        (world, { domain, process, next }) => {
          const context = contextOf(world, process, domain);
          const bond = context && bondsOf(world, context.id)[next];
          tell(world, { whose: bond === undefined ? 'there is no other' : devices.get(world, bond.device).name });
          if (bond === undefined) return go.entry({ domain, process, after: -1 });
          const then = go.handlers({ domain, process, next: next + 1 });
          const handler = lockedHandlerOf(world, bond.device);
          if (handler === undefined) return then;
          const { token } = handler;
          return call(exitHandler.begin({ device: bond.device, pasid: pasidOf(world, process), token }), then);
        },
      ),
      entry: step(
        `{keeps} the ${driver.unit} from the page tables of {process}: {how}`,
        { cite: 'RFCv2 21/36' },
        (world, { domain, process, after }) => {
          if (hasBug(world, 'entry-left-live')) {
            tellBug(world, { keeps: 'does not keep', how: 'the entry stays as it is' });
            return go.caches({ domain, process });
          }
          tell(world, { keeps: 'keeps' });
          const isCleared = decides(world, 'exited-entry', 'cleared');
          const [table, ...others] = entries.having(world, domain, process, 1).filter(({ id }) => id > after);
          const quiet = table === undefined ? 'there is no entry' : 'the entry goes quiet';
          tell(world, { how: isCleared ? 'the entry goes' : quiet });
          if (isCleared) return call(entries.clearFor(world, domain, process, 1), go.caches({ domain, process }));
          if (table === undefined) return go.caches({ domain, process });
          const isLast = others.length === 0;
          const then = isLast ? go.caches({ domain, process }) : go.entry({ domain, process, after: table.id });
          return call(driver.quiet(table.id, pasidOf(world, process)), then);
        },
      ),
      caches: forgets(driver),
    }),
  );
}
