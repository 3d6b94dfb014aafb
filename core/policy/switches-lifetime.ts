import { SMMU, type Switch, VTD } from './switch.ts';

/** Bugs of what lives how long: PASIDs, address spaces, devices, and faults that are on their way meanwhile. */
export const LIFETIME_SWITCHES = {
  'pasid-freed-at-mmput': {
    title: 'A PASID is freed with the address space',
    story:
      'Exit gives the PASID back with the memory, but the device keeps it until its file is closed, a little later.',
    changes: 'a guard',
    step: 'iommu_process_bind_device.insert',
    before: 'A PASID is free as soon as its mm has no users.',
    after: 'A PASID is free when its mm_struct is dropped: each bond holds a reference to that.',
    origin: {
      driver: 'SVA core (drivers/iommu/iommu-sva.c)',
      source: '2667ed10d9f0 "mm: Fix PASID use-after-free issue" (20220428180041.806809-1-fenghua.yu@intel.com)',
      rule: 'kernel/fork.c __mmdrop(): mm_pasid_drop()',
      quote: {
        words:
          'The PASID is being freed too early. It needs to stay around until after device drivers that might be using it have had a chance to clear it out of the hardware.',
        who: 'Fenghua Yu',
        when: '28 April 2022',
        where: 'commit 2667ed10d9f0',
      },
      said: 'Posted as "iommu/sva: Fix PASID use-after-free issue". 701fac40384f had brought it: the free moves from __mmput() to __mmdrop().',
    },
    carried:
      'All of it, under the design of mainline. The device knows one PASID only, so that the next process gets that.',
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
      rule: 'RFCv2 27/36; iopf_queue_flush_dev(); VT-d specification 7.10',
      quote: {
        words: 'The pending page requests must be drained so that the pasid could be reused.',
        who: 'Lu Baolu',
        when: '12 May 2020',
        where: '20200512005307.19860-1-baolu.lu@linux.intel.com',
      },
      said: 'Entry and PASID went while requests with that PASID were in the queue of the hardware or with the worker.',
    },
    carried:
      'All of it. The flush of the RFC, first the PRI queue and then the work, stands for intel_svm_drain_prq().',
    byMechanism: true,
  },
  'drain-unsupported': {
    title: 'A drain that drains nothing',
    story: 'The hardware cannot drain its queue and completes the command at once; the driver takes that for a drain.',
    changes: 'a guard',
    step: 'arm_smmu_flush_priq.wait',
    before: 'The drain is over when its command is.',
    after: 'The drain is over when the queue is empty and its thread idle.',
    origin: {
      driver: VTD,
      source:
        '5ef7e24c7420 "iommu/vt-d: PRS isn\'t usable if PDS isn\'t supported" (20250915062946.120196-1-baolu.lu@linux.intel.com)',
      rule: 'VT-d specification 6.5.2.9 and 7.10: the PD bit of the wait descriptor is reserved where ECAP.PDS is 0',
      quote: {
        words:
          "This implies that if the IOMMU doesn't support the PDS capability, software can't drain page requests and group responses as expected.",
        who: 'Lu Baolu',
        when: '18 September 2025',
        where: 'commit 5ef7e24c7420',
      },
      said: 'The remedy of the driver is to switch on no PRI where there is no such drain.',
    },
    carried:
      'The drain of the PRI queue stands for the wait descriptor with PD = 1. Here the repaired kernel waits for the queue itself.',
    byMechanism: true,
  },
  'flush-under-lock': {
    title: 'A flush with a lock that the worker wants',
    story: 'Unbind keeps a lock while it waits for the fault worker, and the worker needs that lock to go on.',
    changes: 'an order',
    step: 'accel_unbind.unbind',
    adds: ['accel_unbind.hold', 'accel_unbind.let'],
    before: 'Take the lock; flush; end the bond; release the lock',
    after: 'Flush, without a lock that the worker takes; end the bond',
    origin: {
      driver: VTD,
      source:
        '6ef0505158f7 "iommu/vt-d: Fix a deadlock in intel_svm_drain_prq()" (20210828070622.2437559-3-baolu.lu@linux.intel.com)',
      rule: 'the same commit: pasid_mutex is dropped around the flush',
      quote: {
        words: "It's unnecessary to hold pasid_mutex while flushing the workqueue.",
        who: 'Fenghua Yu',
        when: '26 August 2021',
        where: '20210826215918.4073446-1-fenghua.yu@intel.com',
      },
      said: 'lockdep saw both orders: unbind takes pasid_mutex and flushes; the worker, which is waited for, takes pasid_mutex to answer.',
    },
    carried:
      'mmap_lock stands for pasid_mutex: here the worker takes it to look for the VMA, there to send its response.',
    byMechanism: true,
  },
  'mm-dropped-early': {
    title: 'An mm is used after its last reference',
    story: 'Ending the last bond drops the last reference to the mm, and the next line reads it once more.',
    changes: 'an order',
    step: 'accel_unbind.unbind',
    adds: ['accel_unbind.late'],
    before: 'Drop the mm; end the bond; look at the mm',
    after: 'End the bond; look at the mm; drop it',
    origin: {
      driver: 'SVA core (drivers/iommu/iommu-sva.c)',
      source: '06e14c36e20b "iommu/sva: Fix crash in iommu_sva_unbind_device()", CVE-2026-23429',
      rule: 'the same commit: iommu_mm is used before iommu_domain_free()',
      quote: {
        words:
          'After iommu_domain_free() returns, accessing domain->mm->iommu_mm may dereference a freed mm structure, leading to a crash.',
        who: 'Lizhi Hou',
        when: '2026',
        where: 'commit 06e14c36e20b',
      },
      said: 'It came with the fix of another bug: e37d5a2d60a3 had stale IOTLB entries of kernel addresses invalidated.',
    },
    carried:
      'The mm_struct stands for iommu_mm, which is freed with it; the unbind of the driver stands for that of the core.',
    byMechanism: false,
  },
  'device-released-early': {
    title: 'A device freed under its own request',
    story:
      'The interrupt thread has found the device of a request; the device is released; the thread goes on with it.',
    changes: 'an order',
    step: 'accel_unplug.drain',
    adds: ['accel_unplug.early'],
    before: 'Wait for a quiet link; free the device',
    after: 'Wait for a quiet link; empty the PRI queue; free the device when nobody holds it',
    origin: {
      driver: VTD,
      source: 'def054b01a86 "iommu/vt-d: Use device rbtree in iopf reporting path", CVE-2024-35843',
      rule: 'the same commit: iopf_lock around finding and reporting, which release takes as well',
      quote: {
        words:
          'Theoretically, a device could be released by the IOMMU subsystem after device_rbtree_find() and before iopf_get_dev_fault_param(), which would cause a use-after-free problem.',
        who: 'Lu Baolu',
        when: '20 February 2024',
        where: '20240220065939.121116-3-baolu.lu@linux.intel.com',
      },
      said: 'The request comes from the device, and nothing of the software keeps that in the tree meanwhile.',
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
      rule: 'iopf_queue_remove_device(): no new requests, all outstanding ones answered, PRI off, then the tear-down',
      quote: {
        words:
          'Removal should be like I explained earlier: - Disable new PRI reception - Ack all outstanding PRQ to the device - Disable PRI on the device - Tear down the iopf infrastructure',
        who: 'Jason Gunthorpe',
        when: '11 December 2023',
        where: '20231211152456.GB1489931@ziepe.ca',
      },
      said: 'In the same mail: a response that comes after the removal "does nothing", for the worker has a reference to the fault data.',
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
    after: 'It looks first whether the device was removed or the process has gone, and then ends the bond instead.',
    origin: {
      driver: 'uacce (drivers/misc/uacce)',
      source:
        '20220610123423.27496-1-zhangfei.gao@linaro.org; merged as "uacce: Handle parent device removal or parent driver module rmmod"',
      rule: 'the same mail: bind and list_add() under one lock, after a look whether the parent has a driver',
      quote: {
        words:
          'If rmmod/uacce_remove happens just after fops_open: bind_queue, the uacce_remove can not remove the bound queue since it is not added to the queue list yet, which blocks the uacce_disable_sva.',
        who: 'Zhangfei Gao',
        when: '10 June 2022',
        where: '20220610123423.27496-1-zhangfei.gao@linaro.org',
      },
      said: 'The queue that remove has missed outlives the device.',
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
      quote: {
        words: 'DMA may still be running. Keep the cd valid to avoid C_BAD_CD events, but disable translation.',
        who: 'Jean-Philippe Brucker',
        when: '6 November 2020',
        where: 'a comment in arm_smmu_mm_release()',
      },
      said: 'A cleared entry would make an event of each access that is still on its way.',
    },
    carried: 'The rule of mainline, with the one line missing that it is about.',
    byMechanism: false,
  },
} as const satisfies Readonly<Record<string, Switch>>;
