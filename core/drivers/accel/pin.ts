/** The example driver pins memory: buffers that a process names, or at bind everything that it has mapped. */
import { pasidUseOf } from '../../devices/pasid-use.ts';
import { processesOf } from '../../iommu/process.ts';
import { isError } from '../../lib/errno.ts';
import { dropPins, pinUserPages, unpinUserPages } from '../../process/pin.ts';
import { type Pin, pins } from '../../process/pins.ts';
import { isUsable } from '../../process/populate.ts';
import { findVma, type Vma } from '../../process/vma.ts';
import { call, done, fail, procedure, RESULT, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { bindIoctl, unbindIoctl } from './accel.ts';

const RANGE = { call: ['mm', 'start', 'end'], back: ['result'] } as const;

/** ioctl(PIN): pins a buffer of the caller, as VFIO_IOMMU_MAP_DMA would, but maps nothing. Returns the number of pages. */
export const pinIoctl = procedure('accel_pin', 'device-driver', RANGE, (go) => ({
  call: step(
    'is asked by {mm} to pin {start} to {end}',
    { cite: 'uapi/linux/vfio.h VFIO_IOMMU_MAP_DMA', cost: 'syscall' },
    (_world, range) => call(pinUserPages.at.lock({ ...range, device: -1 }), go.back({ result: RESULT })),
  ),
  back: step('returns from the ioctl', { cite: 'uapi/linux/vfio.h VFIO_IOMMU_MAP_DMA' }, (_world, { result }) =>
    done(result),
  ),
}));

/** ioctl(UNPIN): ends pins that the caller asked for. Returns the number of pages, or -EINVAL. */
export const unpinIoctl = procedure('accel_unpin', 'device-driver', RANGE, (go) => ({
  call: step(
    'is asked by {mm} to unpin {start} to {end}',
    { cite: 'uapi/linux/vfio.h VFIO_IOMMU_UNMAP_DMA', cost: 'syscall' },
    (_world, range) => call(unpinUserPages.at.drop(range), go.back({ result: RESULT })),
  ),
  back: step('returns from the ioctl', { cite: 'uapi/linux/vfio.h VFIO_IOMMU_MAP_DMA' }, (_world, { result }) =>
    done(result),
  ),
}));

/**
 * ioctl(BIND) of a driver that pins everything first: what is mapped now, and nothing that is mapped later. Returns the
 * PASID or a negative errno; the pins of a bind that failed are gone.
 */
export const bindPinnedIoctl = procedure(
  'accel_bind_pinned',
  'device-driver',
  {
    pin: ['device', 'mm', 'task', 'page'],
    pinned: ['device', 'mm', 'task', 'page', 'result'],
    bound: ['device', 'mm', 'result'],
    unpin: ['device', 'mm', 'result'],
  },
  (go) => ({
    pin: step(
      'is asked by {mm} for {device}, and pins the next area first: {area}',
      { cite: 'uapi/linux/vfio.h VFIO_IOMMU_MAP_DMA', cost: 'syscall', chapter: 'Bind' },
      (world, { device, mm, task, page }) => {
        const vma = nextArea(world, mm, page);
        tell(world, { area: vma === null ? 'none is left' : vma.name });
        if (vma === null) return call(bindIoctl.at.enter({ device, task }), go.bound({ device, mm, result: RESULT }));
        const { start, end } = vma;
        return call(
          pinUserPages.at.lock({ mm, start, end, device }),
          go.pinned({ device, mm, task, page: end, result: RESULT }),
        );
      },
    ),
    pinned: step(
      'has pinned up to {page}: {pages}',
      { cite: 'uapi/linux/vfio.h VFIO_IOMMU_MAP_DMA' },
      (world, { device, mm, task, page, result }) => {
        tell(world, { pages: isError(result) ? 'it could not' : `${result} pages more` });
        return isError(result) ? go.unpin({ device, mm, result }) : go.pin({ device, mm, task, page });
      },
    ),
    bound: step('has asked to bind', { cite: 'RFCv2 05/36' }, (_world, { device, mm, result }) =>
      isError(result) ? go.unpin({ device, mm, result }) : done(result),
    ),
    unpin: step(
      'gives up, and unpins what it had pinned: {pages}',
      { cite: 'mm/swap.c put_page()' },
      (world, { device, mm, result }) => {
        tell(world, { pages: dropPins(world, pinsFor(world, device, mm)) });
        return fail(result);
      },
    ),
  }),
);

/** ioctl(UNBIND) of the same driver: when the device has stopped for good, nothing needs to stay. */
export const unbindPinnedIoctl = procedure(
  'accel_unbind_pinned',
  'device-driver',
  { enter: ['device', 'mm', 'task'], unpin: ['device', 'mm', 'result'] },
  (go) => ({
    enter: step('is asked to end a bond with pinned memory', { cite: 'RFCv2 05/36' }, (_world, { device, mm, task }) =>
      call(unbindIoctl.at.enter({ device, mm, task }), go.unpin({ device, mm, result: RESULT })),
    ),
    unpin: step(
      'unpins what it had pinned: {pages}',
      { cite: 'mm/swap.c put_page()' },
      (world, { device, mm, result }) => {
        const isUsed = processesOf(world, mm).some(({ pasid }) => pasidUseOf(world, device, pasid) !== undefined);
        tell(world, {
          pages: isUsed ? 'nothing, the process is bound still' : dropPins(world, pinsFor(world, device, mm)),
        });
        return done(result);
      },
    ),
  }),
);

/** The pins that the driver of a device made for itself. */
export function pinsFor(world: World, device: number, mm: number): Pin[] {
  return pins.all(world).filter((pin) => pin.device === device && pin.mm === mm);
}

function nextArea(world: World, mm: number, page: number): Vma | null {
  let vma = findVma(world, mm, page);
  while (vma !== null && !isUsable(vma)) vma = findVma(world, mm, vma.end);
  return vma;
}
