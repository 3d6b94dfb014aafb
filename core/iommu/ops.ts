import { hook } from '../sim/procedure.ts';

/**
 * What the IOMMU core asks of a driver (struct iommu_ops of RFCv2 and 04/36), wired per back end in machine/.
 * All but alloc and free are called with iommu_process_lock held and may not sleep.
 */
export const processAlloc = hook('process_alloc', ['mm']);
export const processFree = hook('process_free', ['mm']);
/** `first`: 1 if the PASID table has no entry for the process yet. */
export const processAttach = hook('process_attach', ['domain', 'device', 'process', 'first']);
/** `last`: 1 if no device of the domain uses the entry any more. */
export const processDetach = hook('process_detach', ['domain', 'device', 'process', 'last']);
export const processExit = hook('process_exit', ['domain', 'process']);
/** The mm of the process is gone, and no driver is told: from here on its page tables are not walked any more. */
export const mmRelease = hook('mm_release', ['domain', 'process']);
/** Pages from `start` to `end`, end exclusive. */
export const processInvalidate = hook('process_invalidate', ['domain', 'process', 'start', 'end']);
/** The device joins a domain: its traffic is translated by the tables of that domain from here on. */
export const attachDev = hook('attach_dev', ['domain', 'device']);
/** A new domain for the group of a device, with room for its PASIDs: its number, or -ENOMEM. */
export const domainAlloc = hook('domain_alloc', ['device']);
/** The device leaves its domain: its traffic is aborted from here on. */
export const detachDev = hook('detach_dev', ['domain', 'device']);

/** Returns when an IOMMU has done all commands that were queued: those that name a device which is going away, too. */
export const releaseDev = hook('release_device', ['iommu']);

/** Waits until no fault of the device is on its way through the kernel; device -1: of any device. */
export const faultQueueFlush = hook('iommu_fault_queue_flush', ['device']);

/** The function that a driver gave to iommu_set_process_exit_handler(): called for a device, with its token; may not sleep. */
export const exitHandler = hook('process_exit_handler', ['device', 'pasid', 'token']);
/** mm_exit() of v2: the same for one bond, with no lock held: it may sleep until the device has stopped. */
export const mmExit = hook('mm_exit', ['device', 'pasid', 'token']);
