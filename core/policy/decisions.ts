/** A question that kernel designs answer differently. */
export interface Decision {
  /** The question, as a reviewer would ask it. */
  readonly question: string;
  /** The answers by name, each with what it means. */
  readonly answers: Readonly<Record<string, string>>;
  /** Where it is decided: patches, functions, commits. */
  readonly cite: string;
}

/**
 * Every decision in which the designs differ. Each answer is read at one place of the machine, in a guard or in the choice of
 * what comes next. Sources: the RFCv2 series (6 October 2017), its review, v2 (11 May 2018) and mainline since v6.2.
 */
export const DECISIONS = {
  identity: {
    question: 'What is a process, for the PASID that it gets?',
    answers: {
      task: 'the struct pid of the task that was bound: two threads are two processes',
      mm: 'the address space, whichever of its threads asks',
    },
    cite: 'RFCv2 05/36 iommu_process_bind_device(); io_mm of v1 (February 2018)',
  },
  'process-lookup': {
    question: 'Does bind look again for a known process before it inserts a new one?',
    answers: {
      once: 'no: the lock is dropped to allocate, and an entry under construction is taken for a dead one',
      again: 'yes, under the lock; an entry under construction counts as present',
    },
    cite: 'RFCv2 01/36 and 05/36',
  },
  'context-lookup': {
    question: 'Does attach look again for the context of process and domain before it inserts one?',
    answers: { once: 'no: two binders of a known process can make two', again: 'yes, under the lock' },
    cite: 'RFCv2 05/36 iommu_process_attach()',
  },
  'dying-mm': {
    question: 'May a process be attached whose address space is being taken down?',
    answers: {
      unchecked: 'nobody looks: a context descriptor can be installed after release has run',
      refused: 'ESRCH, looked at under the lock',
    },
    cite: 'RFCv2 05/36; mmget_not_zero() in arm-smmu-v3-sva.c',
  },
  'leaving-device': {
    question: 'May a device be bound while it leaves its domain?',
    answers: {
      unchecked: 'dev->domain is read without a lock: the bond can outlive the attachment',
      refused: 'ENODEV: detach marks the device first, under the lock',
    },
    cite: 'RFCv2 05/36 __iommu_process_unbind_dev_all(); iommu_group mutex of mainline',
  },
  'lookup-reference': {
    question: 'What becomes of the reference that bind took to look a process up, if its domain knows it already?',
    answers: {
      leaked: 'it is never dropped, and a failed attach leaves the count of its devices raised',
      dropped: 'it is dropped, and a failed attach is undone',
    },
    cite: 'RFCv2 05/36',
  },
  bonds: {
    question: 'Who is known to have bound a process?',
    answers: {
      counted: 'a number for each context: any device of the domain can take a bind back',
      'per-device': 'each device, with how often it did',
    },
    cite: 'RFCv2 01/36 iommu_context.ref; iommu_bond of v1',
  },
  'repeat-bind': {
    question: 'What does a second bind of one device to one process do?',
    answers: { counted: 'it counts, and returns the same PASID', refused: 'EEXIST' },
    cite: 'RFCv2 05/36; iommu_sva_bind_device() of v2; refcount_t users of mainline',
  },
  'unbind-key': {
    question: 'What names the bond that unbind ends?',
    answers: {
      pasid: 'device and PASID: a late unbind can hit the next owner of the PASID',
      bond: 'the bond itself, or a handle: an ended one gives ESRCH',
    },
    cite: 'RFCv2 05/36 iommu_process_unbind_device(dev, pasid); struct iommu_sva of mainline',
  },
  'exit-callback': {
    question: 'How does a device driver hear that a process exits?',
    answers: {
      'per-domain': 'one handler for a domain, the last setter wins; under a spinlock',
      'per-device': 'a handler for each device; under a spinlock, so it can only start the stop',
      sleepable: 'mm_exit of each bond may sleep until the device has stopped; unbind waits for it',
      none: 'it does not: the entry goes quiet, the driver learns it when the file is closed',
    },
    cite: 'RFCv2 02/36; v2 05/40 mm_exit; "Remove iommu_sva_ops::mm_exit()" (April 2020)',
  },
  'exited-entry': {
    question: 'What is in the PASID table after the address space is gone?',
    answers: {
      cleared: 'nothing: accesses are faults of configuration',
      quiet: 'a valid entry with translation disabled (EPD0): accesses are denied without an event',
    },
    cite: 'RFCv2 04/36; arm_smmu_mm_release() since v5.10',
  },
  'pasid-lifetime': {
    question: 'When may a PASID be given to another process?',
    answers: {
      flushed: 'after the last put, once the fault queues were flushed',
      completed: 'after the last put, once devices have stopped and every invalidation has completed',
      mm: 'when the mm_struct is dropped, however often it is bound and unbound before',
    },
    cite: 'RFCv2 01/36; commit 701fac40384f (v5.18)',
  },
  'leaving-atc': {
    question: 'Is the ATC of a device invalidated when it leaves while others of its domain stay bound?',
    answers: { kept: 'no: only the last one invalidates', invalidated: 'yes, its own' },
    cite: 'RFCv2 32/36, 36/36',
  },
  partials: {
    question: 'What becomes of page requests whose last one was lost?',
    answers: {
      kept: 'one list for all devices, never discarded: they join the next group of the same index',
      discarded: 'dropped when the queue overflows, the device is removed or told FAILURE, or memory runs out',
    },
    cite: 'RFCv2 07/36; iopf_queue_discard_partial()',
  },
  'fault-queue': {
    question: 'How many fault workqueues are there?',
    answers: { global: 'one for the system', 'per-iommu': 'one for each IOMMU' },
    cite: 'RFCv2 07/36 and 27/36; iopf_queue_alloc()',
  },
  responses: {
    question: 'What becomes of a page response that no request waits for?',
    answers: {
      unmatched: 'it is sent all the same, also after the device was removed',
      matched: 'an error: requests that are pending when a device is removed are answered INVALID first',
    },
    cite: 'RFCv2 07/36; iopf_group_response(), iopf_queue_remove_device()',
  },
  'pasid-table': {
    question: 'Who owns a PASID table?',
    answers: {
      domain: 'a domain: what one of its devices binds, all of them reach',
      device: 'a device, or the devices of one group together',
    },
    cite: 'RFCv2 14/36; struct arm_smmu_master.cd_table of mainline',
  },
  'stack-growth': {
    question: 'May a page request of a device make a stack grow?',
    answers: { 'as-cpu': 'yes, as an access of the CPU does (find_extend_vma)', never: 'no (vma_lookup)' },
    cite: 'RFCv2 08/36; iommu_sva_handle_mm() of mainline',
  },
  'process-asid': {
    question: 'Which ASID do the translations of a process carry in the SMMU?',
    answers: {
      shared: 'that of the CPU, pinned: broadcast TLB maintenance reaches the SMMU where it takes part',
      own: 'one of the SMMU: the driver invalidates by command, always',
    },
    cite: 'RFCv2 19/36 to 25/36; arm-smmu-v3-sva.c since v6.11',
  },
  'needs-iopf': {
    question: 'May a device be bound that cannot take an I/O page fault?',
    answers: {
      refused: 'ENODEV: nothing would make its pages present',
      allowed: 'yes: whoever gives it work sees to it that the pages stay (pinned, or faulted by the device itself)',
    },
    cite: 'RFCv2 21/36 (-ENODEV); arm_smmu_master_sva_supported() of mainline',
  },
  pins: {
    question: 'What does a long-term pin promise to a device that goes through the page tables?',
    answers: {
      reference: 'the frame, not its mapping: fork makes the page read-only, and reclaim may unmap it',
      mapping: 'both: fork copies the page for the child, and reclaim leaves it alone',
    },
    cite: 'mm/gup.c of v4.14; commits 70e806e4e645 (v5.9) and feb889fb40fa (v5.11)',
  },
  'private-pasid': {
    question: 'Can a PASID have page tables of its own, filled by map and unmap?',
    answers: {
      none: 'no: process management without shared page tables is not covered',
      'io-mm': 'an io_mm without mm, for one device',
      domain: 'a paging domain attached to the PASID (iommu_attach_device_pasid)',
    },
    cite: 'RFCv2 00/36; iommu_sva_alloc_pasid() (2018 branch); iommu_attach_device_pasid()',
  },
  vfio: {
    question: 'Can user space bind processes through VFIO?',
    answers: {
      bind: 'VFIO_IOMMU_BIND: to every device of every group of the container',
      none: 'no: it was never merged; iommufd attaches PASIDs, uacce shares address spaces',
    },
    cite: 'RFCv2 10/36; v2 13/40',
  },
} as const satisfies Readonly<Record<string, Decision>>;

export type DecisionName = keyof typeof DECISIONS;

/** The answers that a decision can have. */
export type Answer<D extends DecisionName> = keyof (typeof DECISIONS)[D]['answers'] & string;

export const DECISION_NAMES = Object.keys(DECISIONS) as readonly DecisionName[];

export function answersTo(decision: DecisionName): readonly string[] {
  return Object.keys(DECISIONS[decision].answers);
}

export function isDecision(name: string): name is DecisionName {
  return Object.hasOwn(DECISIONS, name);
}
