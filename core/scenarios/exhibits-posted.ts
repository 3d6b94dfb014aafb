import { DEFAULT_POLICY } from '../policy/policy.ts';
import type { Origin } from '../policy/switch.ts';
import type { Exhibit } from './exhibit.ts';

/** A bug of the RFC as posted: it is an answer to a decision, and its scenario was there before. The span: from a chapter until another. */
function posted(
  scenario: string,
  [from, until]: readonly [string, string | null],
  answers: readonly string[],
  invariant: string,
  text: Pick<Exhibit, 'title' | 'story' | 'before' | 'after'>,
  { patch, ...stated }: Pick<Origin, 'rule' | 'said'> & { readonly patch: string },
): Exhibit {
  return {
    id: scenario,
    ...text,
    origin: {
      driver: 'IOMMU process management (RFCv2, drivers/iommu)',
      source: `RFCv2 ${patch}, as posted`,
      ...stated,
    },
    carried: 'All of it.',
    byMechanism: false,
    cause: { kind: 'policy', answers, repaired: DEFAULT_POLICY.name },
    invariant,
    ...{ scenario, from, until },
  };
}

/** The bugs of the series as posted that reviews and models have found since. */
export const POSTED: readonly Exhibit[] = [
  posted(
    'bug-second-device-leak',
    ['Second device: one context, two references', null],
    ['lookup-reference=leaked'],
    'context-refs',
    {
      title: 'A reference is leaked on the second device',
      story:
        'Bind looks a process up and joins the context of its domain, and nobody drops the reference of the lookup.',
      before: 'the lookup takes a reference; the join keeps it',
      after: 'the lookup takes a reference; the join drops it',
    },
    {
      patch: '05/36',
      rule: 'v1 of February 2018: io_mm is counted by its bonds',
      said: 'Read off the posted code: contexts hold one reference each, and the one of the lookup has no owner.',
    },
  ),
  posted(
    'two-binders',
    ['The second finds nothing either', 'One PASID on both devices'],
    ['process-lookup=once'],
    'one-pasid',
    {
      title: 'Two binders of one process',
      story: 'Both look, both find nothing and both insert: one address space gets two PASIDs.',
      before: 'look; unlock to allocate; insert',
      after: 'look; unlock to allocate; look again under the lock; insert',
    },
    {
      patch: '05/36',
      rule: 'one PASID for each mm: struct mm_struct of mainline',
      said: 'Read off the posted code: the lock is dropped between the lookup and the allocation.',
    },
  ),
  posted(
    'bug-stranger-unbind',
    ['nic0 unbinds', null],
    ['bonds=counted'],
    'pasid-in-flight',
    {
      title: 'A stranger unbinds',
      story: 'A device that never bound a process takes the bind of another device back.',
      before: 'unbind takes one from the count of the context',
      after: 'unbind takes one from what this device has bound, or is ESRCH',
    },
    {
      patch: '05/36',
      rule: 'iommu_bond of v1 (February 2018)',
      said: 'Read off the posted code: a context is counted for the domain. v1 of February 2018 keeps a bond for each device.',
    },
  ),
  posted(
    'bug-detach-all',
    ['nic0 leaves the domain', 'gpu0 goes on'],
    ['bonds=counted'],
    'pasid-in-flight',
    {
      title: 'A device that leaves ends the bonds of others',
      story: 'Detach takes the device out of every context of its domain, also of those that it never joined.',
      before: 'detach takes one from every context of the domain',
      after: 'detach ends what the device itself has bound',
    },
    {
      patch: '05/36',
      rule: 'iommu_bond of v1 (February 2018)',
      said: 'A model in SPIN frees a context in 9 steps while another device uses it; the count itself never goes below 0.',
    },
  ),
  posted(
    'bug-exit-handler',
    ['The process exits', 'The next process'],
    ['exit-callback=per-domain', 'pasid-lifetime=flushed'],
    'pasid-in-flight',
    {
      title: 'One exit handler for a domain',
      story: 'The second driver that sets its handler replaces that of the first, whose device is never told to stop.',
      before: 'the domain keeps one handler: the last setter wins; a PASID is free when the queues were flushed',
      after: 'each device has a handler of its own; a PASID is free when the devices have stopped too',
    },
    {
      patch: '02/36',
      rule: 'mm_exit() of v2 05/40',
      said: 'v2 of May 2018 lets mm_exit() sleep; in 2020 it was taken out as slow, complex and prone to deadlocks (20200423125329.782066-2-jean-philippe@linaro.org).',
    },
  ),
  posted(
    'bug-lost-last',
    ['The overflow is read', null],
    ['partials=kept'],
    'group-members',
    {
      title: 'A request without its last joins the next group',
      story:
        'The last request of a group was lost; its first stays in the list, and is taken for part of another group.',
      before: 'partials wait for their last, for ever',
      after: 'partials are dropped when the queue has overflowed',
    },
    {
      patch: '07/36',
      rule: 'iopf_queue_discard_partial()',
      said: 'J. Pan and J.-P. Brucker on v2 07/40 (20180525173544.05638510@jacob-builder): a flush counts on whole groups, an overflow breaks them; drop the partial ones.',
    },
  ),
  posted(
    'two-binders-second-domain',
    ['Two lookups find no context', 'One lets go'],
    ['context-lookup=once'],
    'one-context',
    {
      title: 'Two contexts of one process in a domain',
      story: 'Two binders of a known process each make a context; the first unbind clears the entry under the other.',
      before: 'insert a context',
      after: 'look again for a context under the lock; insert',
    },
    {
      patch: '05/36',
      rule: 'RFCv2 05/36 iommu_process_attach(), repaired',
      said: 'Read off the posted code: iommu_process_attach() does not look for a context again.',
    },
  ),
  posted(
    'bind-vs-exit',
    ['app exits', 'The PASID can be used again'],
    ['dying-mm=unchecked'],
    'released-tables',
    {
      title: 'A bind that exit does not hear of',
      story:
        'Release has found nothing to end; then attach installs an entry that leads to page tables about to be freed.',
      before: 'attach installs the entry',
      after: 'attach sees under the lock that the mm lives, or is ESRCH',
    },
    {
      patch: '05/36',
      rule: 'mmget_not_zero() in arm-smmu-v3-sva.c',
      said: 'Mainline wraps the attach in mmget_not_zero(), and refuses where the mm exits already.',
    },
  ),
  posted(
    'bug-unbind-after-reuse',
    ['The PASID gets another owner', null],
    ['unbind-key=pasid'],
    'pasid-in-flight',
    {
      title: 'A late unbind hits the next owner',
      story: 'While unbind flushes, its process exits and its PASID goes to another, whose bond it ends.',
      before: 'unbind finds what device and PASID name now',
      after: 'unbind ends the bond that it was asked for, or is ESRCH',
    },
    {
      patch: '05/36',
      rule: 'struct iommu_sva of mainline: a handle',
      said: 'v2 13/40 has VFIO unbind by pid, because the process may have died and its PASID been given to another.',
    },
  ),
  posted(
    'bind-vs-detach',
    ['The device leaves', 'Another device is not disturbed'],
    ['leaving-device=unchecked'],
    'bond-domain',
    {
      title: 'A bind to a device that leaves',
      story: 'Bind has read the domain of the device; detach ends all bonds; then the new one is made.',
      before: 'read dev->domain; attach',
      after: 'attach sees under the lock whether the device leaves: ENODEV',
    },
    {
      patch: '05/36',
      rule: 'iommu_group mutex of mainline',
      said: 'A model in SPIN found it: dev->domain is read unlocked. A driver that keeps bind and detach apart never meets it.',
    },
  ),
];
