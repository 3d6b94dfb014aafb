import { devices } from '../devices/device.ts';
import { ERRNO, isError } from '../lib/errno.ts';
import { decides } from '../policy/policy.ts';
import { free, release, take } from '../sim/lock.ts';
import { call, done, fail, hook, procedure, RESULT, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { domains } from './domain.ts';
import { backendOf, domainOf, memberOf } from './group.ts';
import { faultQueueFlush } from './ops.ts';
import { allocatePasid, isTaken } from './pasid.ts';
import { processLock } from './process.ts';
import { spaces } from './space.ts';

/** Gives a private PASID page tables and an entry in the PASID table. Returns 0 or -ENOMEM. */
export const attachPasid = hook('iommu_ops_attach_pasid', ['device', 'space']);
/** Takes entry and translations away; page tables and what they map are freed after it. */
export const detachPasid = hook('iommu_ops_detach_pasid', ['device', 'space']);

const LOCKED = { wait: 'spin', awaits: 'iommu_process_lock', atomic: 'iommu_process_lock' } as const;

/** Any PASID will do. */
export const ANY_PASID = -1;

/**
 * A PASID with page tables of its own, for one device: iommu_sva_alloc_pasid() of the branch of 2018, in which the core
 * picks the PASID; iommu_attach_device_pasid() of mainline, where the driver says which. Returns it or a negative errno.
 */
export const allocPrivatePasid = procedure(
  'iommu_sva_alloc_pasid',
  'iommu',
  {
    pick: ['device', 'space', 'wanted'],
    attached: ['space', 'result'],
  },
  (go) => ({
    pick: step(
      'picks a PASID for {space}, which no process will have: {pasid}',
      {
        ...{ ...LOCKED, when: free(processLock) },
        cite: 'iommu_sva_alloc_pasid() (2018); iommu_attach_device_pasid()',
      },
      (world, { device, space, wanted }) => {
        tell(world, { pasid: -1 });
        const errno = whyNot(world, device, wanted);
        if (errno !== 0) return fail(errno);
        const domain = domainOf(world, device);
        const pasid = wanted === ANY_PASID ? allocatePasid(world, 1, lastPasid(world, device)) : wanted;
        if (pasid < 0) return fail('ENOSPC');
        spaces.edit(world, space, (row) => {
          row.pasid = pasid;
          row.domain = domain;
        });
        tell(world, { pasid });
        take(world, processLock.id);
        const attach = attachPasid.begin({ device, space }, backendOf(world, device));
        return call(attach, go.attached({ space, result: RESULT }));
      },
    ),
    attached: step(
      'releases the lock and answers {pasid}',
      { atomic: 'iommu_process_lock', cite: 'iommu_sva_alloc_pasid() (2018); iommu_attach_device_pasid()' },
      (world, { space, result }) => {
        release(world, processLock.id);
        const { pasid } = spaces.get(world, space);
        tell(world, { pasid: isError(result) ? -1 : pasid });
        if (isError(result)) return fail(result);
        spaces.edit(world, space, (row) => {
          row.state = 'live';
        });
        return done(pasid);
      },
    ),
  }),
);

/** The last PASID that a device can say and its table can hold. */
function lastPasid(world: World, device: number): number {
  return Math.min(domains.get(world, domainOf(world, device)).maxPasid, 2 ** devices.get(world, device).pasidBits - 1);
}

/** Why a device can have no private PASID, or not this one: an error number, 0 if it can. */
function whyNot(world: World, device: number, wanted: number): number {
  if (domainOf(world, device) < 0 || memberOf(world, device)?.leaving === 1) return ERRNO.ENODEV;
  if (devices.get(world, device).pasidBits === 0) return ERRNO.EINVAL;
  if (wanted === ANY_PASID) return 0;
  const isPicked = decides(world, 'private-pasid', 'io-mm');
  if (isPicked || wanted === 0 || wanted > lastPasid(world, device)) return ERRNO.EINVAL;
  return isTaken(world, wanted) ? ERRNO.EBUSY : 0;
}

/** iommu_sva_free_pasid(), iommu_detach_device_pasid(): the device has stopped using it. */
export const freePrivatePasid = procedure(
  'iommu_sva_free_pasid',
  'iommu',
  { flush: ['device', 'space'], detach: ['device', 'space'], free: ['space'] },
  (go) => ({
    flush: step(
      'waits until no fault of {device} is on its way',
      { wait: 'sleep', cite: 'RFCv2 27/36' },
      (_world, { device, space }) => call(faultQueueFlush.begin({ device }), go.detach({ device, space })),
    ),
    detach: step(
      'has {space} taken out of the PASID table',
      { ...LOCKED, when: free(processLock), cite: 'iommu_sva_free_pasid() (2018); iommu_detach_device_pasid()' },
      (world, { device, space }) => {
        take(world, processLock.id);
        spaces.edit(world, space, (row) => {
          row.state = 'leaving';
        });
        return call(detachPasid.begin({ device, space }, backendOf(world, device)), go.free({ space }));
      },
    ),
    free: step(
      'gives {pasid} back, which can be given to another, and releases the lock',
      { atomic: 'iommu_process_lock', cite: 'iommu_sva_free_pasid() (2018)' },
      (world, { space }) => {
        release(world, processLock.id);
        tell(world, { pasid: spaces.get(world, space).pasid });
        spaces.remove(world, space);
        return done();
      },
    ),
  }),
);
