/** The second half of a flush of DMA addresses: the IOTLB is told, now the ATC of each device. Each step is part of a driver's own procedure. */
import { devices } from '../devices/device.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { call, type Next, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { type CacheDriver, nextCache, syncDomain } from './atc.ts';

/** DMA addresses of a domain, or of a private PASID in it, from `page` on. */
interface DmaPages {
  readonly domain: number;
  readonly space: number;
  readonly page: number;
  readonly pages: number;
}
type InAtcs = DmaPages & { readonly after: number };

interface Labels {
  atc(pages: InAtcs): Next;
  wait(domain: { readonly domain: number }): Next;
}

/** The device whose ATC comes next. */
function nextOf(world: World, { domain, space, after }: Omit<InAtcs, 'page' | 'pages'>): number | undefined {
  return nextCache(world, domain, after, siliconOf(world).ioTables(world, domain, space).pasid);
}

export function atcsOfPages(driver: CacheDriver & { readonly atcCite: string }, go: Labels) {
  return {
    sync: step<DmaPages>('waits until the IOTLB is clean', { cite: driver.syncCite }, (world, pages) => {
      const synced = syncDomain(world, driver, pages.domain);
      return nextOf(world, { ...pages, after: -1 }) === undefined
        ? synced
        : call(synced, go.atc({ ...pages, after: -1 }));
    }),
    atc: step<InAtcs>(
      'has the next ATC invalidated: {whose}',
      { cite: driver.atcCite },
      (world, { after, ...range }) => {
        const { domain, space, page, pages } = range;
        const device = nextOf(world, { domain, space, after });
        const whose = device === undefined ? 'its device has left' : `that of ${devices.get(world, device).name}`;
        tell(world, { whose });
        if (device === undefined) return go.wait({ domain });
        const { pasid } = siliconOf(world).ioTables(world, domain, space);
        const isLast = nextOf(world, { domain, space, after: device }) === undefined;
        const then = isLast ? go.wait({ domain }) : go.atc({ ...range, after: device });
        return call(driver.forgetInAtc(world, device, pasid, page, page + pages), then);
      },
    ),
    wait: step<{ readonly domain: number }>(
      'waits until the ATCs are clean',
      { cite: driver.cleanCite },
      (world, { domain }) => syncDomain(world, driver, domain),
    ),
  };
}
