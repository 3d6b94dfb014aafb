/** The end of a detach: the traffic of a device is stopped, and its ATC forgets what it can. Each step is part of a driver's own procedure. */
import { devices } from '../devices/device.ts';
import { links } from '../hardware/pcie/link.ts';
import { decides } from '../policy/policy.ts';
import { call, type Next, step } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';
import { type CacheDriver, EVERYTHING, NO_PASID } from './atc.ts';

interface OfDevice {
  readonly device: number;
}

interface Labels {
  atc(of: OfDevice): Next;
  pasids(of: OfDevice): Next;
  wait(of: OfDevice): Next;
}

/** What a driver does at the end of a detach. */
export interface DetachingDriver extends CacheDriver {
  /** Sends the invalidation of the whole ATC of a device, whatever the PASID. */
  readonly forgetEveryPasid: (world: World, device: number) => Next;
  readonly atcCite: string;
  readonly pasidsCite: string;
}

function syncDevice(world: World, { syncUnit }: CacheDriver, device: number): Next {
  return syncUnit(links.get(world, devices.get(world, device).link).smmu);
}

/** Waits until what was sent is done, then sees to the ATC of the device if it has one. */
export const thenAtc = (world: World, driver: CacheDriver, { device }: OfDevice, go: Pick<Labels, 'atc'>): Next => {
  const synced = syncDevice(world, driver, device);
  return devices.get(world, device).ats === 1 ? call(synced, go.atc({ device })) : synced;
};

export function leavingAtcOf(driver: DetachingDriver, go: Labels) {
  return {
    atc: step<OfDevice>(
      'has what the ATC of {device} keeps without PASID invalidated',
      { cite: driver.atcCite },
      (world, { device }) => {
        const leavesAny = devices.get(world, device).pasidBits > 0 && decides(world, 'leaving-atc', 'invalidated');
        const then = leavesAny ? go.pasids({ device }) : go.wait({ device });
        return call(driver.forgetInAtc(world, device, NO_PASID, EVERYTHING, EVERYTHING), then);
      },
    ),
    pasids: step<OfDevice>(
      'has what it keeps of any PASID invalidated: it may have used one that another device of the domain bound',
      { cite: driver.pasidsCite },
      (world, { device }) => call(driver.forgetEveryPasid(world, device), go.wait({ device })),
    ),
    wait: step<OfDevice>('waits until the ATC is clean', { cite: driver.syncCite }, (world, { device }) =>
      syncDevice(world, driver, device),
    ),
  };
}
