/** Invalidation of pages of a process, in IOTLB and ATCs: in which order, and how. Both drivers do as the kernel's SVA code asks. */
import { devices } from '../devices/device.ts';
import { processes } from '../iommu/process.ts';
import { hasBug, tellBug } from '../policy/policy.ts';
import { call, done, type Next, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { type CacheDriver, EVERYTHING, nextCache, syncDomain } from './atc.ts';

/** From so many pages on, one command for all of a process is cheaper than one each (CMDQ_MAX_TLBI_OPS, arm-smmu-v3-sva.c). */
const MOST_PAGES = 512;

/** What comes after the half of an invalidation that is under way. */
const REST = { atcs: 0, iotlb: 1, nothing: 2 } as const;

/** Pages of a process in a domain, from `start` up to, not including, `end`; all of them from EVERYTHING on. */
export interface Pages {
  readonly domain: number;
  readonly process: number;
  readonly start: number;
  readonly end: number;
}

export interface Range extends Pages {
  readonly rest: number;
}
type InAtcs = Range & { readonly after: number };

/** The labels of an invalidation that lead from one half to the other. */
interface Halves {
  tlb(range: Range): Next;
  atc(range: InAtcs): Next;
  done(range: Range): Next;
}

export const wholeRange = (pages: Pages): Range => ({ ...pages, rest: REST.atcs });

const atcsFirst = (range: Range): InAtcs => ({ ...range, rest: REST.iotlb, after: -1 });

/** Calls a procedure, and goes on at what comes after it if anything does. */
const followed = (callee: Next, then: Next): Next => (then.kind === 'done' ? callee : call(callee, then));

/** What comes after the IOTLB. */
export const afterIotlb = ({ atc }: Pick<Halves, 'atc'>, range: Range): Next =>
  range.rest === REST.atcs ? atc({ ...range, rest: REST.nothing, after: -1 }) : done();

const afterAtcs = ({ tlb }: Pick<Halves, 'tlb'>, range: Range): Next =>
  range.rest === REST.iotlb ? tlb({ ...range, rest: REST.nothing }) : done();

/** How the IOTLB is seen to: page by page, as a whole, by what the CPUs have broadcast, not at all, or only after the ATCs. */
type Way = 'pages' | 'all' | 'heard' | 'nothing' | { readonly first: InAtcs };

/**
 * The IOTLB first, then each ATC: the other way round a device could refill its ATC from the stale IOTLB (353e3cf8590c
 * "Fix ATC invalidation ordering wrt main TLBs"). `isHeard`: the unit has dropped the range when the CPUs did.
 */
export function wayToForget(world: World, unit: string, range: Range, isHeard: boolean): Way {
  const { start, end, rest } = range;
  tell(world, { order: `sees to the IOTLB of the ${unit} ${rest === REST.atcs ? 'first' : 'only now'}` });
  if (rest === REST.atcs && hasBug(world, 'atc-before-iotlb')) {
    tellBug(world, { order: `leaves the IOTLB of the ${unit} for later, and sees to the ATCs first` });
    return { first: atcsFirst(range) };
  }
  if (start === EVERYTHING) return 'all';
  if (isHeard) return 'heard';
  if (end - start < MOST_PAGES) return 'pages';
  if (!hasBug(world, 'range-wraps')) return 'all';
  tellBug(world, { order: 'rounds the end up past the last address: a range of 0 bytes, so nothing is to do' });
  return 'nothing';
}

/** Waits until the IOTLB is clean, then goes on. */
export const syncsIotlb = (driver: CacheDriver, go: Pick<Halves, 'atc'>) =>
  step<Range>('waits until the IOTLB is clean', { cite: driver.syncCite }, (world, range) =>
    followed(syncDomain(world, driver, range.domain), afterIotlb(go, range)),
  );

/** The half of the ATCs: one device after another, then a wait for all. */
export function atcsOf(driver: CacheDriver & { readonly atcCite: string }, go: Halves) {
  return {
    atc: step<InAtcs>(
      'then sees to the ATCs: {whose}{span}',
      { cite: driver.atcCite },
      (world, { after, ...range }) => {
        const { domain, process, start, end } = range;
        const { pasid } = processes.get(world, process);
        const device = nextCache(world, domain, after, pasid);
        const whose = device === undefined ? 'no device has one' : `that of ${devices.get(world, device).name}`;
        tell(world, { whose, span: '' });
        if (device === undefined) return afterAtcs(go, range);
        const isLast = nextCache(world, domain, device, pasid) === undefined;
        const then = isLast ? go.done(range) : go.atc({ ...range, after: device });
        return call(driver.forgetInAtc(world, device, pasid, start, end), then);
      },
    ),
    done: step<Range>('waits until the ATCs are clean', { cite: driver.cleanCite }, (world, range) =>
      followed(syncDomain(world, driver, range.domain), afterAtcs(go, range)),
    ),
  };
}
