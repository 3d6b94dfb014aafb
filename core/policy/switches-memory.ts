import { SMMU, type Switch, VTD } from './switch.ts';

/** Bugs of what stands in memory and is cached or queued: translations, entries, page requests. */
export const MEMORY_SWITCHES = {
  'atc-before-iotlb': {
    title: 'The ATC is invalidated before the IOTLB',
    story: 'The device asks again between the two, and fills its ATC anew from the stale IOTLB.',
    changes: 'an order',
    step: 'arm_smmu_process_invalidate.tlb',
    before: 'CMD_ATC_INV, CMD_SYNC; TLBI, CMD_SYNC',
    after: 'TLBI, CMD_SYNC; CMD_ATC_INV, CMD_SYNC',
    origin: {
      driver: SMMU,
      source:
        '353e3cf8590c "iommu/arm-smmu-v3: Fix ATC invalidation ordering wrt main TLBs" (20190821151749.23743-7-will@kernel.org)',
      rule: 'SMMUv3 3.9.1; PCIe 10.3.4',
    },
    carried: 'All of it.',
    byMechanism: false,
  },
  'range-wraps': {
    title: 'All of memory is a range of 0 bytes',
    story:
      'A large unmap asks for everything; the end is rounded up past the last address, and nothing is invalidated.',
    changes: 'a guard',
    step: 'arm_smmu_process_invalidate.tlb',
    before: 'size = round up(end) - start: 0 for all of memory',
    after: 'All of memory is a case of its own, and invalidates all of the PASID.',
    origin: {
      driver: `${VTD}, as for 95d4782c34a6 in that for SMMUv3`,
      source: 'e7ad6c2a4b1a (20231117090933.75267-1-baolu.lu@linux.intel.com)',
      rule: 'Documentation of invalidate_secondary_tlbs(): [0, ~0UL] means everything',
    },
    carried: 'x86 flushes all from 33 pages on; here it is 512, from which on this driver invalidates by ASID.',
    byMechanism: true,
  },
  'span-ignores-address': {
    title: 'A span that is not aligned',
    story: 'The device ignores the low bits of the address, so that an unaligned range is invalidated in part.',
    changes: 'a guard',
    step: 'arm_smmu_process_invalidate.atc',
    before: 'The span is the number of pages, rounded up to a power of two.',
    after: 'The span is the smallest aligned power of two that covers the range.',
    origin: {
      driver: VTD,
      source:
        '20201231005323.2178523-2-baolu.lu@linux.intel.com; for IOTLBs 20220322063555.1422042-1-stevensd@google.com',
      rule: 'PCIe 10.2.3.2 (S bit), SMMUv3 4.5.1: the address is aligned to the size',
    },
    carried: 'All of it, with CMD_ATC_INV in place of the descriptor of VT-d.',
    byMechanism: true,
  },
  'entry-torn': {
    title: 'A torn entry',
    story: 'The entry is cleared word by word, its pointer before its valid bit, while the hardware may fetch it.',
    changes: 'an order',
    step: 'arm_smmu_clear_ctx_desc.clear',
    adds: ['arm_smmu_clear_ctx_desc.valid'],
    before: 'clear all words; invalidate',
    after: 'clear V in one store; invalidate; then the rest',
    origin: {
      driver: VTD,
      source: '75ed00055c05 (20260120061816.2132558-2-baolu.lu@linux.intel.com)',
      rule: 'SMMUv3 3.21.3, 5.4: V is in word 0, and goes first; VT-d 6.5.3.3',
    },
    carried:
      'A context descriptor, cleared from its end, stands for the PASID entry of which hardware fetches 16 bytes at a time.',
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
      source: 'Found by M. Shavit in review of the CD table series of 2023; no release had it',
      rule: 'arm_smmu_share_asid(): arm_smmu_asid_lock from the write of the CD to the insertion into the list',
    },
    carried: 'All of it, with ASIDs that CPU and SMMU share, as before v6.11, and a PASID table for each device.',
    byMechanism: false,
  },
  'overflow-acked-early': {
    title: 'An overflow is acknowledged too early',
    story: 'OVACKFLG is written while old requests are still queued, and one of them joins a new group of its index.',
    changes: 'a guard',
    step: 'arm_smmu_priq_thread.read',
    before: 'The overflow is acknowledged when it is seen.',
    after: 'The overflow is acknowledged when the queue is empty and its partials are dropped.',
    origin: {
      driver: VTD,
      source: '28a77185f1cd "iommu/vt-d: Clear PRQ overflow only when PRQ is empty"',
      rule: 'SMMUv3 8.1',
    },
    carried: 'OVACKFLG stands for PRO, the overflow bit of VT-d.',
    byMechanism: true,
  },
  'partials-kept': {
    title: 'A group whose last request was lost',
    story: 'The hardware has answered a group whose last request met a full queue; the kernel waits for that for ever.',
    changes: 'an order',
    step: 'arm_smmu_priq_thread.read',
    before: 'acknowledge the overflow',
    after: 'drop what waits for a last request; acknowledge the overflow',
    origin: {
      driver: 'I/O page faults (drivers/iommu/io-pgfault.c)',
      source: 'iopf_queue_discard_partial(); RISC-V IOMMU issues #199, #262',
      rule: 'SMMUv3 8.1: a group that lost its last is answered by the SMMU',
    },
    carried: 'All of it.',
    byMechanism: false,
  },
} as const satisfies Readonly<Record<string, Switch>>;
