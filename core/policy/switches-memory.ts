import { SMMU, type Switch, VTD } from './switch.ts';

/** Bugs of what stands in memory and is cached or queued: translations, entries, page requests. */
export const MEMORY_SWITCHES = {
  'atc-before-iotlb': {
    title: 'The ATC is invalidated before the IOTLB',
    story: 'The device asks again between the two, and fills its ATC anew from the stale IOTLB.',
    changes: 'an order',
    step: 'arm_smmu_process_invalidate.tlb',
    before: 'CMD_ATC_INV, CMD_SYNC; then TLBI, CMD_SYNC',
    after: 'TLBI, CMD_SYNC; then CMD_ATC_INV, CMD_SYNC',
    origin: {
      driver: SMMU,
      source:
        '353e3cf8590c "iommu/arm-smmu-v3: Fix ATC invalidation ordering wrt main TLBs" (20190821151749.23743-7-will@kernel.org)',
      rule: 'SMMUv3 3.9.1; PCIe 10.3.4',
      quote: {
        words:
          'When invalidating the ATC for an PCIe endpoint using ATS, we must take care to complete invalidation of the main SMMU TLBs beforehand, otherwise the device could immediately repopulate its ATC with stale translations.',
        who: 'Will Deacon',
        when: '21 August 2019',
        where: 'commit 353e3cf8590c',
      },
      said: 'The invalidation of the ATC hung on ->unmap(), and that of the main TLBs came only after it.',
    },
    carried: 'All of it, for the memory of a process; there it was that of a DMA domain.',
    byMechanism: false,
  },
  'range-wraps': {
    title: 'All of memory is a range of 0 bytes',
    story:
      'A large unmap asks for everything; the end is rounded up past the last address, and nothing is invalidated.',
    changes: 'a guard',
    step: 'arm_smmu_process_invalidate.tlb',
    before: 'size = round up(end) - start, which is 0 for all of memory',
    after: 'All of memory is a case of its own, and invalidates all of the PASID.',
    origin: {
      driver: VTD,
      source:
        'e7ad6c2a4b1a "iommu/vt-d: Fix incorrect cache invalidation for mm notification" (20231117090933.75267-1-baolu.lu@linux.intel.com)',
      rule: 'mmu_notifier_arch_invalidate_secondary_tlbs(): [0, -1UL) is all of the address space',
      quote: {
        words:
          'However, using an end address of -1UL caused an overflow in the Intel IOMMU driver, where the end address was rounded up to the next page. As a result, both the IOTLB and device ATC were not invalidated correctly.',
        who: 'Lu Baolu',
        when: '17 November 2023',
        where: 'commit e7ad6c2a4b1a',
      },
      said: '6bbd42e2df8f had brought it: since then notifiers are told of a flush of everything as well.',
    },
    carried:
      'x86 flushes everything above 33 pages, and where unmaps are batched. Here 512 pages, from which on this driver invalidates by ASID, stand for that.',
    byMechanism: true,
  },
  'span-ignores-address': {
    title: 'A span that is not aligned',
    story: 'Hardware ignores the bits of the address below the size, so an unaligned range is invalidated in part.',
    changes: 'a guard',
    step: 'arm_smmu_process_invalidate.atc',
    before: 'The span is the number of pages, rounded up to a power of two.',
    after: 'The span is the smallest aligned power of two that covers the range.',
    origin: {
      driver: VTD,
      source:
        '2d6ffc63f124 "iommu/vt-d: Fix unaligned addresses for intel_flush_svm_range_dev()" (20201231005323.2178523-2-baolu.lu@linux.intel.com)',
      rule: 'PCIe 10.2.3.2 (S bit), SMMUv3 4.5.1: the address is aligned to the size',
      quote: {
        words:
          'As the result, if the starting address in the descriptor is not aligned with the address mask, some IOTLB caches might not invalidate.',
        who: 'Lu Baolu',
        when: '31 December 2020',
        where: 'commit 2d6ffc63f124',
      },
      said: 'It was seen as faults of a device, reason 113. Invalidations of DMA domains had the same (20220322063555.1422042-1-stevensd@google.com).',
    },
    carried:
      'There it was the descriptor for the IOTLB, with its address mask. Here it is CMD_ATC_INV, whose size masks the address in the same way.',
    byMechanism: true,
  },
  'entry-torn': {
    title: 'A torn entry',
    story: 'The entry is cleared word by word, its pointer before its valid bit, while the hardware may fetch it.',
    changes: 'an order',
    step: 'arm_smmu_clear_ctx_desc.clear',
    adds: ['arm_smmu_clear_ctx_desc.valid'],
    before: 'Clear all words, V last; invalidate',
    after: 'Clear V in one store; invalidate; then the rest',
    origin: {
      driver: VTD,
      source:
        '75ed00055c05 "iommu/vt-d: Clear Present bit before tearing down PASID entry" (20260120061816.2132558-2-baolu.lu@linux.intel.com)',
      rule: 'SMMUv3 3.21.3, 5.4: V is in word 0, and goes first; VT-d specification 6.5.3.3',
      quote: {
        words: 'updating or zeroing the entire entry while it is active (P=1) risks a "torn" read',
        who: 'Lu Baolu',
        when: '20 January 2026',
        where: 'commit 75ed00055c05',
      },
      said: 'The entry has 64 bytes, which the hardware may fetch in four bursts of 128 bits.',
    },
    carried:
      'There the fetch is torn: P of before, the rest of after. Here a context descriptor is fetched in one step and cleared in two, from its end. What is seen is the same.',
    byMechanism: true,
  },
  'listed-late': {
    title: 'A table that gets an old ASID',
    story: 'A device is being attached; its entry 0 has the ASID of its domain already when a process takes that ASID.',
    changes: 'a guard',
    step: 'arm_smmu_process_alloc.rewrite',
    before: 'A new ASID goes into the tables of the devices that are attached.',
    after: 'It goes into every table that has an entry of the domain, also of a device that is being attached.',
    origin: {
      driver: SMMU,
      source: 'Re: [PATCH v5 6/9] iommu/arm-smmu-v3: Move CD table to arm_smmu_master; no release had it',
      rule: 'arm_smmu_attach_dev(): arm_smmu_asid_lock from the write of the CD to the insertion into the list',
      quote: {
        words:
          "This can race with arm_smmu_share_asid which may modify the asid after we've written it, but before we've updated the CD's smmu_domain->devices list.",
        who: 'Michael Shavit',
        when: '15 August 2023',
        where: 'CAKHBV24royJvLUHemST07i1G+xhEizO=VdTX0Q9itpi_dLv=4A@mail.gmail.com',
      },
      said: 'He found it in his own patch. Later kernels say at the lock: "Prevent arm_smmu_share_asid() from trying to change the ASID of either the old or new domain while we are working on it."',
    },
    carried: 'All of it, with ASIDs that CPU and SMMU share, as before v6.11, and a PASID table for each device.',
    byMechanism: false,
  },
  'overflow-acked-early': {
    title: 'An overflow is acknowledged too early',
    story:
      'The overflow flag is cleared while a request from before it is still queued, and that one waits for a last that was lost.',
    changes: 'a guard',
    step: 'arm_smmu_priq_thread.read',
    before: 'The overflow is acknowledged when it is seen.',
    after: 'The overflow is acknowledged when the queue is empty and its partials are dropped.',
    origin: {
      driver: VTD,
      source: '28a77185f1cd "iommu/vt-d: Clear PRQ overflow only when PRQ is empty"',
      rule: 'SMMUv3 8.1',
      quote: {
        words:
          'To be sane, we should read both head/tail again when seeing a pending PRO and only clear PRO after all pending PRs have been handled.',
        who: 'Lu Baolu',
        when: '26 January 2021',
        where: 'commit 28a77185f1cd',
      },
      said: 'It was taken for granted that an earlier round of the loop had emptied the queue.',
    },
    carried: 'OVACKFLG stands for PRO, the overflow bit of VT-d.',
    byMechanism: true,
  },
  'partials-kept': {
    title: 'A group whose last request was lost',
    story: 'The hardware has answered a group whose last request met a full queue; the kernel waits for that for ever.',
    changes: 'an order',
    step: 'arm_smmu_priq_thread.read',
    before: 'Acknowledge the overflow',
    after: 'Drop what waits for a last request; acknowledge the overflow',
    origin: {
      driver: 'I/O page faults (drivers/iommu/io-pgfault.c)',
      source: 'iopf_queue_discard_partial(); riscv-iommu issues #199 and #262, pull request #201',
      rule: 'SMMUv3 8.1: a group that lost its last is answered by the SMMU',
      quote: {
        words:
          'When the hardware queue overflows, last page faults in a group may have been lost and the IOMMU driver calls this to discard all partial faults.',
        who: 'Jean-Philippe Brucker',
        when: '24 February 2020',
        where: 'iopf_queue_discard_partial() in 20200224182401.353359-4-jean-philippe@linaro.org',
      },
      said: 'RISC-V settled it alike: "Software should ignore the group and not service such groups." The automatic answer is Success, so that the device asks again.',
    },
    carried: 'All of it.',
    byMechanism: false,
  },
} as const satisfies Readonly<Record<string, Switch>>;
