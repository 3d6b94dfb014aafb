/** The ATCs of the devices of a domain, which every driver of an IOMMU has to have invalidated. */
import { type Device, devices } from '../devices/device.ts';
import { nextMaster } from '../iommu/pasid-table.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { hasBug, tellBug } from '../policy/policy.ts';
import type { Next } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';

/** As the first page of an invalidation: all of the PASID. */
export const EVERYTHING = -1;
/** Translations that were asked for without a PASID: those of DMA addresses. */
export const NO_PASID = -1;

/** How a driver has caches forget. */
export interface CacheDriver {
  /** Sends the invalidation of pages that the ATC of a device keeps of a PASID, or of all of them from EVERYTHING on. */
  readonly forgetInAtc: (world: World, device: number, pasid: number, start: number, end: number) => Next;
  /** Waits until an IOMMU has done what was sent. */
  readonly syncUnit: (iommu: number) => Next;
  /** Where the specification says so, and where that the ATCs are clean then. */
  readonly syncCite: string;
  readonly cleanCite: string;
}

/** Waits until the IOMMU of a domain has done what was sent. */
export const syncDomain = (world: World, { syncUnit }: CacheDriver, domain: number): Next =>
  syncUnit(siliconOf(world).iommuOfDomain(world, domain));

/** The next device of the domain whose ATC may keep translations of a PASID (-1: of none), undefined behind the last; -1 stands before the first. */
export function nextCache(world: World, domain: number, after: number, pasid: number): number | undefined {
  const keeps = ({ ats, pasidBits }: Device): boolean => ats === 1 && (pasid < 0 || pasidBits > 0);
  let device = nextMaster(world, domain, after);
  while (device !== undefined && !keeps(devices.get(world, device))) device = nextMaster(world, domain, device);
  return device;
}

/**
 * The smallest naturally aligned power of two of pages that covers a range, as an Invalidate Request names it. A device
 * ignores the bits of the address below the size: a run that is long enough need not cover an unaligned range.
 */
export function covering(world: World, first: number, last: number): { readonly first: number; readonly size: number } {
  const isLongEnough = (size: number): boolean => last - first < 2 ** size;
  const covers = (size: number): boolean => Math.floor(first / 2 ** size) === Math.floor(last / 2 ** size);
  const fits = hasBug(world, 'span-ignores-address') ? isLongEnough : covers;
  let size = 0;
  while (!fits(size)) size++;
  if (!covers(size))
    tellBug(world, { span: `, a span of ${2 ** size} pages from an address that is not aligned to it` });
  return { first: first - (first % 2 ** size), size };
}
