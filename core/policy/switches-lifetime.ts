import { SMMU, type Switch, VTD } from './switch.ts';

/** Bugs of what lives how long: PASIDs, address spaces, devices, and faults that are on their way meanwhile. */
export const LIFETIME_SWITCHES = {
  'pasid-freed-at-mmput': {
    title: 'A PASID is freed with the address space',
    story: 'The PASID is given back when the memory goes, but the device is unbound only when its file is closed.',
    changes: 'a guard',
    step: 'iommu_process_bind_device.insert',
    before: 'A PASID is free once its mm has no users.',
    after: 'A PASID is free once its mm_struct is dropped: bonds hold a reference to that.',
    origin: {
      driver: 'SVA core (drivers/iommu/iommu-sva.c)',
      source: '2667ed10d9f0 "mm: Fix PASID use-after-free issue" (20220428180041.806809-1-fenghua.yu@intel.com)',
      rule: 'kernel/fork.c __mmdrop(): mm_pasid_drop()',
      said: 'Posted as "iommu/sva: Fix PASID use-after-free issue": the free moves to __mmdrop(). 701fac40384f had brought it.',
    },
    carried: 'All of it, under the design of mainline; PASIDs are so few that the next one comes at once.',
    byMechanism: false,
  },
  'unbind-without-flush': {
    title: 'Unbind waits for no fault',
    story: 'The PASID is given back while a page request that carries it still waits to be handled.',
    changes: 'an order',
    step: 'iommu_process_unbind_device.flush',
    before: 'The bond is ended at once.',
    after: 'The queues are flushed first, then the bond is ended.',
    origin: {
      driver: VTD,
      source:
        '66ac4db36f4c "iommu/vt-d: Add page request draining support" (20200516062101.29541-16-baolu.lu@linux.intel.com)',
      rule: 'RFCv2 27/36; iopf_queue_flush_dev()',
      said: 'Titled "Add page request draining support": entry and PASID had gone while requests were in the queue and in the worker.',
    },
    carried: 'All of it: the flush of the RFC stands for intel_svm_drain_prq().',
    byMechanism: false,
  },
  'drain-unsupported': {
    title: 'A drain that drains nothing',
    story: 'The hardware cannot drain its queue and completes the command at once; the driver believes that it did.',
    changes: 'a guard',
    step: 'arm_smmu_flush_priq.wait',
    before: 'The drain is over when its command is.',
    after: 'The drain is over when the queue is empty and its thread idle. Without such a drain there is no PRI.',
    origin: {
      driver: VTD,
      source: '5ef7e24c7420 (20250915062946.120196-1-baolu.lu@linux.intel.com): PRI is not enabled without PDS',
      rule: 'VT-d specification, inv_wait_dsc: the PD bit is reserved where ECAP.PDS is 0',
      said: 'Where ECAP.PDS is 0 the drain completes at once, so PRI is not switched on there at all.',
    },
    carried:
      'The flush of the PRI queue stands for the wait descriptor with PD = 1, which such hardware completes without draining.',
    byMechanism: true,
  },
  'flush-under-lock': {
    title: 'A flush with a lock that the worker wants',
    story: 'Unbind keeps a lock while it waits for the fault worker, and the worker needs that lock to go on.',
    changes: 'an order',
    step: 'accel_unbind.unbind',
    adds: ['accel_unbind.hold', 'accel_unbind.let'],
    before: 'lock; flush; end the bond; unlock',
    after: 'flush; end the bond, with no lock that a worker sleeps on',
    origin: {
      driver: VTD,
      source:
        '6ef0505158f7 "iommu/vt-d: Fix a deadlock in intel_svm_drain_prq()" (20210828070622.2437559-3-baolu.lu@linux.intel.com)',
      rule: 'the same commit: pasid_mutex is dropped around the flush',
      said: "lockdep reported the two orders, unbind's and the worker's; the mutex is now dropped around the flush.",
    },
    carried:
      'mmap_lock stands for pasid_mutex: here the worker takes it to look for the VMA, there to send its response.',
    byMechanism: true,
  },
  'mm-dropped-early': {
    title: 'An mm is used after its last reference',
    story: 'Ending the last bond lets the mm go, and the next line looks at it once more.',
    changes: 'an order',
    step: 'accel_unbind.unbind',
    adds: ['accel_unbind.late'],
    before: 'drop the mm; end the bond; look at the mm',
    after: 'end the bond; look at the mm; drop it',
    origin: {
      driver: 'SVA core (drivers/iommu/iommu-sva.c)',
      source: '06e14c36e20b "iommu/sva: Fix crash in iommu_sva_unbind_device()"',
      rule: 'the same commit: iommu_mm is used before iommu_domain_free()',
      said: 'It came with the fix of another bug, e37d5a2d60a3, which had stale entries of kernel addresses invalidated.',
    },
    carried:
      'The mm_struct stands for iommu_mm, which goes with it; the unbind of the driver stands for that of the core.',
    byMechanism: false,
  },
  'device-released-early': {
    title: 'A device freed under its own request',
    story:
      'The interrupt thread has found the device of a request; the device is released; the thread goes on with it.',
    changes: 'an order',
    step: 'accel_unplug.drain',
    adds: ['accel_unplug.early'],
    before: 'quiet link; free the device',
    after: 'quiet link; empty the PRI queue; free the device when nobody holds it',
    origin: {
      driver: VTD,
      source: 'def054b01a86 "iommu/vt-d: Use device rbtree in iopf reporting path", CVE-2024-35843',
      rule: 'the same commit: iopf_lock around finding and reporting, which release takes as well',
      said: 'It has a CVE of its own: the device that was found by its source id was used after its release.',
    },
    carried: 'Emptying the queue and the references of calls stand for iopf_lock; the rest is here as it was there.',
    byMechanism: true,
  },
  'answered-unmatched': {
    title: 'An answer for a device that has left',
    story:
      'Removal answers what is pending with INVALID, and the worker, which holds one of the groups, answers again.',
    changes: 'a guard',
    step: 'iommu_fault_handle_group.respond',
    before: 'The worker answers the group that it holds.',
    after: 'It answers if the group is still on the list of what is pending.',
    origin: {
      driver: 'I/O page faults (drivers/iommu/io-pgfault.c)',
      source:
        'a74c077b9021 "iommu: Use refcount for fault data access"; 0095bf83554f "iommu: Improve iopf_queue_remove_device()"',
      rule: 'iopf_queue_remove_device(): stop new requests, answer all outstanding ones, disable PRI, tear down',
      said: 'J. Gunthorpe gave the order (lkml 2312.1/04104): take no new request, answer all that are outstanding, disable PRI on the device, tear down.',
    },
    carried:
      'What is pending was a list in fault data that removal freed. Here the list is kept, and the second answer shows the harm.',
    byMechanism: false,
  },
  'started-unasked': {
    title: 'An open that remove does not see',
    story: 'A bind is done but not yet on the list of the driver when remove walks that list.',
    changes: 'a guard',
    step: 'accel_bind.program',
    before: 'After its bind a driver starts the PASID on the device.',
    after: 'It looks, before that, whether the device was removed or the process has gone.',
    origin: {
      driver: 'uacce (drivers/misc/uacce)',
      source: '20220610123423.27496-1-zhangfei.gao@linaro.org',
      rule: '"uacce: Handle parent device removal or parent driver module rmmod": open and remove share a mutex',
      said: 'The mail tells the race: bound, but not on the list yet when remove walks it; the queue outlives the device.',
    },
    carried:
      'The device that uses a PASID stands for the queue that remove missed. The ioctls of this device share no mutex.',
    byMechanism: false,
  },
  'entry-left-live': {
    title: 'An entry outlives the address space',
    story: 'Exit leaves the context descriptor as it is, and the SMMU goes on walking page tables that are freed.',
    changes: 'a guard',
    step: 'arm_smmu_process_exit.entry',
    before: 'Release invalidates what is cached.',
    after: 'Release makes the entry quiet (EPD0), then invalidates what is cached.',
    origin: {
      driver: SMMU,
      source: null,
      rule: 'arm_smmu_mm_release() (20201106155048.997886-4-jean-philippe@linaro.org): valid, but without translation',
      said: 'arm_smmu_mm_release(): "DMA may still be running. Keep the cd valid to avoid C_BAD_CD events, but disable translation".',
    },
    carried: 'The rule of mainline, with the one line missing that states it.',
    byMechanism: false,
  },
} as const satisfies Readonly<Record<string, Switch>>;
