import { devices } from '../../devices/device.ts';
import { pasidUseOf, startUse, stopUse } from '../../devices/pasid-use.ts';
import { allocPrivatePasid, freePrivatePasid } from '../../iommu/private-pasid.ts';
import { spaces } from '../../iommu/space.ts';
import { isError } from '../../lib/errno.ts';
import { free, globalLock, release, take } from '../../sim/lock.ts';
import { call, done, fail, type Notes, procedure, RESULT, step } from '../../sim/procedure.ts';
import { send, tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { mapDma, unmapDma } from './dma.ts';

/** The example driver's private PASIDs: contexts of the device that work on memory of the driver, apart from each other. */

/** One mutex for all private PASIDs: none is freed while memory is mapped for it. */
export const privateMutex = globalLock('accel_private_mutex', 'mutex');

/** What steps say that take it. */
function serialised<L>(notes: Notes<L>): Notes<L> {
  return {
    when: free(privateMutex),
    ...{ wait: 'sleep', awaits: 'accel_private_mutex', cost: 'syscall', cite: 'drivers/misc/uacce/uacce.c' },
    ...notes,
  };
}

/** ioctl(ALLOC_PASID): gets a PASID for `space`, and lets the device use it. Returns it, or a negative errno. */
export const allocPasidIoctl = procedure(
  'accel_alloc_pasid',
  'device-driver',
  { enter: ['device', 'space', 'wanted'], program: ['device', 'space', 'result'] },
  (go) => ({
    enter: step(
      'wants a PASID of its own for {device}: {space}',
      serialised({ cite: 'iommu_sva_alloc_pasid() (2018); iommu_attach_device_pasid()', chapter: 'Bind' }),
      (world, { device, space, wanted }) => {
        take(world, privateMutex.id);
        return call(
          allocPrivatePasid.at.pick({ device, space, wanted }),
          go.program({ device, space, result: RESULT }),
        );
      },
    ),
    program: step(
      'programs {pasid} into {device}',
      { atomic: 'one register write of the device', cite: 'PCIe 6.20', cost: 'link', transaction: true },
      (world, { device, space, result }) => {
        release(world, privateMutex.id);
        tell(world, { pasid: isError(result) ? 'nothing' : result });
        if (isError(result)) {
          spaces.remove(world, space);
          return fail(result);
        }
        startUse(world, device, result);
        const text = `use PASID ${result}`;
        send(world, 'message', 'device-driver', devices.get(world, device).name, text, { pasid: result });
        return done(result);
      },
    ),
  }),
);

/** ioctl(FREE_PASID): the device stops first; then entry, caches, page tables and memory go. Returns 0 or -ENODEV. */
export const freePasidIoctl = procedure(
  'accel_free_pasid',
  'device-driver',
  { enter: ['device', 'space'], stopped: ['device', 'space', 'pasid'], back: ['result'] },
  (go) => ({
    enter: step(
      'tells {device} to stop using the PASID of {space}',
      serialised({ cite: 'PCIe 6.20.1', chapter: 'Unbind', transaction: true }),
      (world, { device, space }) => {
        const pasid = spaces.find(world, space)?.pasid ?? -1;
        if (pasid < 0) return fail('ENODEV');
        take(world, privateMutex.id);
        stopUse(world, device, pasid);
        const text = `stop PASID ${pasid}`;
        send(world, 'message', 'device-driver', devices.get(world, device).name, text, { pasid });
        return go.stopped({ device, space, pasid });
      },
    ),
    stopped: step(
      'sees that {device} has stopped and gives {pasid} back',
      {
        when: (world, { device, pasid }) => pasidUseOf(world, device, pasid)?.state !== 'stopping',
        ...{ wait: 'sleep', awaits: 'the device to stop', cite: 'PCIe 6.20.1' },
      },
      (_world, { device, space }) => call(freePrivatePasid.at.flush({ device, space }), go.back({ result: RESULT })),
    ),
    back: step('returns from the ioctl', { cite: 'drivers/misc/uacce/uacce.c' }, (world, { result }) => {
      release(world, privateMutex.id);
      return done(result);
    }),
  }),
);

/** Maps or unmaps for a private PASID, which does not go away meanwhile. */
export const privateDma = procedure(
  'accel_private_dma',
  'device-driver',
  {
    map: ['space', 'page', 'left', 'access'],
    unmap: ['space', 'page', 'pages'],
    back: ['result'],
  },
  (go) => ({
    map: step('maps memory for {space}', serialised({}), (world, { space, page, left, access }) => {
      const domain = enterFor(world, space);
      if (domain === null) return fail('ENODEV');
      const map = mapDma.at.take({ domain, space, page, left, done: 0, access });
      return call(map, go.back({ result: RESULT }));
    }),
    unmap: step('unmaps memory of {space}', serialised({}), (world, { space, page, pages }) => {
      const domain = enterFor(world, space);
      if (domain === null) return fail('ENODEV');
      return call(unmapDma.at.unmap({ domain, space, page, pages }), go.back({ result: RESULT }));
    }),
    back: step('lets others go on', { cite: 'drivers/misc/uacce/uacce.c' }, (world, { result }) => {
      release(world, privateMutex.id);
      return done(result);
    }),
  }),
);

/** Takes the mutex for a private PASID; null if it is gone. */
function enterFor(world: World, space: number): number | null {
  const row = spaces.find(world, space);
  if (row === undefined || row.state !== 'live') return null;
  take(world, privateMutex.id);
  return row.domain;
}
