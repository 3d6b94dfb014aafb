import type { Invariant } from './invariant.ts';

/**
 * What should be true of a machine that shares page tables, as the references number it: I1 to I36 were gathered from
 * sixty bugs of real kernels, P1 to P17 follow from the RFC. An invariant names those that it stands for; the others
 * say here where they are looked after, or why this machine has nothing that they could be about.
 */
export interface Statement {
  readonly id: string;
  readonly says: string;
  /** Where it is seen to, beside invariants; or why it does not apply. */
  readonly also?: string;
  readonly absent?: string;
}

const SAFETY: readonly Statement[] = [
  { id: 'I1', says: 'No entry of a PASID table names a free PASID.' },
  { id: 'I2', says: 'No queue, fault worker or stalled transaction carries a free PASID.' },
  { id: 'I3', says: 'A PASID that is handed out is in no queue, cache, transaction or pending response.' },
  { id: 'I4', says: 'No IOTLB, ATC or configuration cache has an entry tagged with a free PASID.' },
  { id: 'I5', says: 'A bond counts its users, and a domain the devices that are bonded.' },
  {
    id: 'I6',
    says: 'A PASID has an owner exactly while a bond exists or the mm was not dropped: no leak.',
    also: 'Random sequences end with every process gone, and then nothing may be left (core/machine/quiet.ts).',
  },
  { id: 'I7', says: 'A thread gives work with a PASID only if that is the PASID of its mm at this instant.' },
  { id: 'I8', says: 'A PASID is at least 1 and within the range of every device that is bound.' },
  {
    id: 'I9',
    says: 'A device that is bound to a living mm has a valid entry with its root and ASID; others have none.',
  },
  { id: 'I10', says: 'After a device was removed no bond, queue or fault of it is left.' },
  { id: 'I11', says: 'Between release and unbind the entry is quiet, neither absent nor live.' },
  { id: 'I12', says: 'A quiet entry starts no fill of an IOTLB or ATC.' },
  {
    id: 'I13',
    says: 'An entry of several words is written only while it is not valid and its invalidation has completed.',
    also: 'The SMMU reads an entry in one step here, so that no fetch is torn; what it has cached must be what was written.',
  },
  { id: 'I14', says: 'No access of a device lands in a frame that is not owned by the mm it was issued for.' },
  {
    id: 'I14b',
    says: 'No write goes through an entry after the descriptor lost the right and the invalidation completed.',
  },
  { id: 'I14c', says: 'A page that was written by DMA is dirty before its frame can be reclaimed as clean.' },
  { id: 'I15', says: 'After an invalidation has completed no cache has what its range held before.' },
  { id: 'I15b', says: 'A frame is freed only after the descriptor, the IOTLB and the ATCs, in this order.' },
  { id: 'I15c', says: 'An ATC invalidation completes only when no transaction uses the old translation.' },
  { id: 'I16', says: 'Two living address spaces never share an ASID in valid entries.' },
  { id: 'I17', says: 'A page request group gets at most one response, at the device and index that raised it.' },
  {
    id: 'I18',
    says: 'No overflow goes unnoticed: it is acknowledged with the queue empty, or the queue is read again.',
  },
  { id: 'I19', says: 'Software holds no partial group after an overflow was drained.' },
  { id: 'I20', says: 'A response has the PASID of its request, or none.' },
  {
    id: 'I21',
    says: 'What software keeps of a queue is what hardware has, while no command is under way.',
    absent: 'The driver keeps no copy: it reads PROD and CONS from the registers whenever it needs them.',
  },
  {
    id: 'I22',
    says: 'Success is answered only if the page was there with the right asked for, at some time since.',
    also:
      'The kernel promises less: where a fault finds that somebody was faster, handle_mm_fault() returns 0 without a look ' +
      'at the rights (mm/memory.c pte_same()), and the device asks again.',
  },
  { id: 'I23', says: 'A device has no more requests outstanding than it was allocated, and reuses no pending index.' },
  {
    id: 'I24',
    says: 'Mappings of device registers in a process do not outlive the queue that they map.',
    absent: 'Work is given by one store to a portal; no page of a device is mapped into a process.',
  },
  {
    id: 'I25',
    says: 'No step reads an object after its end.',
    also: 'To read a row that is gone stops the machine at once, whoever does it (core/world/table.ts).',
  },
  { id: 'I26', says: 'The mm is used only while it is held, and its memory only while it has users.' },
  { id: 'I27', says: 'A notifier is registered while somebody is attached, and is not called after that.' },
  { id: 'I28', says: 'A bind succeeds only for an mm that lives: no bond is made that release will not hear of.' },
  {
    id: 'I29',
    says: 'When unbind returns, the DMA of the bond has stopped and its entry, caches and queues are clean.',
  },
  { id: 'I30', says: 'exit_mmap() frees page tables only after the release of every notifier has returned.' },
  {
    id: 'I31',
    says: 'A page of page tables of the kernel is freed only when no IOMMU can walk it.',
    absent: 'The kernel half is not shared: TTBR1 is switched off in every context descriptor (EPD1).',
  },
  { id: 'I32', says: 'All devices of a group have equal entries, and none without PASIDs is written.' },
  {
    id: 'I33',
    says: 'Locks are taken in one order, and nobody sleeps with a spinlock.',
    also: 'The order is gathered over random sequences and must have no cycle (core/play/lock-order.property.test.ts).',
  },
  {
    id: 'I34',
    says: 'The completion of a CMD_SYNC says that all commands before it took effect.',
    also: 'Conformance tests of the command queue (docs/conformance.md); a sync that lied would break caches-agree.',
  },
  { id: 'I35', says: 'No response is sent to a device that was removed or whose PRI is off.' },
  { id: 'I36', says: 'What one mm writes is never seen through the PASID of another.' },
];

const OF_THE_RFC: readonly Statement[] = [
  { id: 'P1', says: 'A PASID maps to at most one living process, and a process has one PASID.' },
  { id: 'P2', says: 'A context counts the devices of its domain that are bound.' },
  { id: 'P3', says: 'The references of a process are its contexts and whoever looks at it.' },
  { id: 'P4', says: 'An entry of a PASID table is valid exactly if a context links its process and does not exit.' },
  { id: 'P5', says: 'Every complete group gets one response; a Stop Marker and partials get none.' },
  { id: 'P6', says: 'No response goes to a device that was removed; what is pending is answered INVALID.' },
  { id: 'P7', says: 'When a PASID is freed no fault carries it, and no cache has an entry of it.' },
  { id: 'P8', says: 'A page is freed only after TLBI, ATC_INV and CMD_SYNC.' },
  { id: 'P9', says: 'No more transactions are stalled than STALL_MAX, and each is ended by one CMD_RESUME.' },
  { id: 'P10', says: 'After release has returned nobody walks the page tables of the mm.' },
  {
    id: 'P11',
    says: 'On overflow each lost Last is answered by the SMMU, and partials are dropped before the acknowledgement.',
    also: 'A group that nobody answers would leave its device waiting: nothing may be under way when nobody moves.',
  },
  { id: 'P12', says: 'A shared ASID has one owner; a private domain keeps no ASID that a pinned mm holds.' },
  {
    id: 'P13',
    says: 'A process bound in two domains has one PASID and an entry in two tables.',
    also: 'The scenario bind-two-domains.',
  },
  {
    id: 'P14',
    says: 'A second unbind is refused with ESRCH, and never touches a new owner of the PASID.',
    also: 'Random sequences see ESRCH; the scenario bug-unbind-after-reuse shows the posted code hit the new owner.',
  },
  {
    id: 'P15',
    says: 'A bond never keeps the users of an mm above zero: the exit of the last thread always triggers release.',
    also: 'Random sequences end every process, bound or not, and nothing may be left then.',
  },
  { id: 'P16', says: 'After a fork, writes of a device go to the copy of the parent only.' },
  { id: 'P17', says: 'A group index is outstanding once, unless an automatic answer has freed it.' },
];

export const STATEMENTS: readonly Statement[] = [...SAFETY, ...OF_THE_RFC];

/** The invariants that stand for a statement. */
export function invariantsFor(id: string, all: readonly Invariant[]): readonly Invariant[] {
  return all.filter(({ stands }) => stands.includes(id));
}
