/** A bug that can be put into the kernel: it changes one guard or one order, and is read at one place (`hasBug`). */
export interface Switch {
  /** What goes wrong, as a heading. */
  readonly title: string;
  /** The story in one sentence. */
  readonly story: string;
  readonly changes: 'a guard' | 'an order';
  /** The step of the machine at which it is read. */
  readonly step: string;
  /** Steps that no kernel has without it. */
  readonly adds?: readonly string[];
  /** The rule with the bug, and as it should be: short enough to stand side by side. */
  readonly before: string;
  readonly after: string;
  readonly origin: Origin;
  /** What of the original this machine has, and what stands for the rest. */
  readonly carried: string;
  /** The original is about other silicon: here is its mechanism. */
  readonly byMechanism: boolean;
}

/** Where a bug comes from. */
export interface Origin {
  /** The driver or the part of the kernel that had it. */
  readonly driver: string;
  /** The commit that mended it, or the mail that found it; null: hypothetical, the rule is real and no release broke it. */
  readonly source: string | null;
  /** Where the rule is stated. */
  readonly rule: string;
}

const VTD = 'Intel VT-d (drivers/iommu/intel)';
const SMMU = 'Arm SMMUv3 (drivers/iommu/arm/arm-smmu-v3)';

/** Every switch of the museum. */
export const SWITCHES = {
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
    },
    carried: 'All of it: the flush of the RFC stands for intel_svm_drain_prq().',
    byMechanism: false,
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
    },
    carried:
      'The mm_struct stands for iommu_mm, which goes with it; the unbind of the driver stands for that of the core.',
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
    },
    carried: 'The rule of mainline, with the one line missing that states it.',
    byMechanism: false,
  },
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

export type SwitchName = keyof typeof SWITCHES;

export const SWITCH_NAMES = Object.keys(SWITCHES) as readonly SwitchName[];

/** The steps that a switch adds to its kernel. */
export function addedBy(name: SwitchName): readonly string[] {
  const { adds = [] }: Switch = SWITCHES[name];
  return adds;
}

export function isSwitch(name: string): name is SwitchName {
  return Object.hasOwn(SWITCHES, name);
}
