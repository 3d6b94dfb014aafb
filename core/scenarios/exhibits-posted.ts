import { DEFAULT_POLICY } from '../policy/policy.ts';
import type { Origin, Quote } from '../policy/switch.ts';
import type { Exhibit } from './exhibit.ts';

/** A bug of the RFC as posted: it is an answer to a decision, and its scenario was there before. The span: from a chapter until another. */
function posted(
  scenario: string,
  [from, until]: readonly [string, string | null],
  answers: readonly string[],
  invariant: string,
  text: Pick<Exhibit, 'title' | 'story' | 'before' | 'after'>,
  { patch, ...stated }: Pick<Origin, 'rule' | 'quote' | 'said'> & { readonly patch: string },
): Exhibit {
  return {
    id: scenario,
    ...text,
    origin: {
      driver: 'IOMMU process management (RFCv2, drivers/iommu)',
      source: `RFCv2 ${patch}, as posted on 6 October 2017`,
      ...stated,
    },
    carried: 'All of it.',
    byMechanism: false,
    cause: { kind: 'policy', answers, repaired: DEFAULT_POLICY.name },
    invariant,
    ...{ scenario, from, until },
  };
}

/** A comment of the posted core, as it stands in the author's tree: the mails of the series are not all at hand. */
const comment = (words: string, where: string): Quote => ({
  words,
  who: 'Jean-Philippe Brucker',
  when: '2017',
  where: `a comment in ${where}, drivers/iommu/iommu-process.c of linux-jpb 288b917ca264`,
});

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
        'Bind looks the process up and joins its context in the domain; nobody drops the reference that the lookup took.',
      before: 'The lookup takes a reference; the join keeps it',
      after: 'The lookup takes a reference; the join drops it',
    },
    {
      patch: '05/36',
      rule: 'v1 of February 2018: io_mm is counted by its bonds',
      quote: comment('Splendid, tell the driver and increase the ref', 'iommu_process_bind_device()'),
      said: 'That is the count of the context. The reference to the process, which the lookup took just before, is dropped only where the driver refuses.',
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
      before: 'Look; unlock to allocate; insert',
      after: 'Look; unlock to allocate; look again under the lock; insert',
    },
    {
      patch: '05/36',
      rule: 'one PASID for each mm: struct mm_struct of mainline',
      quote: comment('Process is defunct, create a new one', 'iommu_process_bind_device()'),
      said: 'A process under construction has no references either. And the lock is dropped after the lookup, and nobody looks again.',
    },
  ),
  posted(
    'bug-stranger-unbind',
    ['nic0 unbinds', null],
    ['bonds=counted'],
    'pasid-in-flight',
    {
      title: 'A stranger unbinds',
      story: 'A device that has bound nothing takes back the bind of another device of its domain.',
      before: 'Unbind takes one from the count of the context',
      after: 'Unbind takes one from what this device has bound; if that is nothing: ESRCH',
    },
    {
      patch: '05/36',
      rule: 'iommu_bond of v1 (February 2018)',
      quote: comment('Number of devices that use this context', 'struct iommu_context'),
      said: 'A number does not say which devices. v1 of February 2018 keeps a bond for each.',
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
      before: 'Detach takes one from every context of the domain',
      after: 'Detach ends what the device itself has bound',
    },
    {
      patch: '05/36',
      rule: 'iommu_bond of v1 (February 2018)',
      quote: comment('Detach all processes attached to this device.', '__iommu_process_unbind_dev_all()'),
      said: 'The list that it walks is that of the domain. A model in SPIN frees a context in 9 steps while another device uses it; the count itself never goes below 0.',
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
      before: 'The domain keeps one handler: the last setter wins; a PASID is free when the queues were flushed',
      after: 'Each device has a handler of its own; a PASID is free when the devices have stopped too',
    },
    {
      patch: '02/36',
      rule: 'mm_exit() of v2 05/40, set for each device',
      quote: {
        words:
          "Allowing the device driver's mm_exit() handler to sleep adds another complication, but it will greatly simplify things for users.",
        who: 'Jean-Philippe Brucker',
        when: '11 May 2018',
        where: 'v2 05/40, 20180511190641.23008-6-jean-philippe.brucker@arm.com',
      },
      said: 'In 2020 he took it out again: "This is deemed too complex for the MMU release() notifier" (20200408140427.212807-3-jean-philippe@linaro.org).',
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
      before: 'Partials wait for their last, for ever',
      after: 'Partials are dropped when the queue has overflowed',
    },
    {
      patch: '07/36',
      rule: 'iopf_queue_discard_partial()',
      quote: {
        words:
          'I think we can just drop the requests in the partial list for that PASID until the PASID gets re-allocated.',
        who: 'Jacob Pan',
        when: '25 May 2018',
        where: 'on v2 07/40, 20180525173544.05638510@jacob-builder',
      },
      said: 'J.-P. Brucker answered that the driver cannot know which groups the hardware has answered: "all it can do is remove all partial faults, for all devices using this queue".',
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
      before: 'Insert a context',
      after: 'Look again for a context under the lock; insert',
    },
    {
      patch: '05/36',
      rule: 'none was stated: RFCv2 05/36 iommu_process_attach(), repaired',
      quote: comment('Link between a domain and a process', 'struct iommu_context'),
      said: 'The lock is dropped after the lookup, and iommu_process_attach() makes such a link without looking for one again.',
    },
  ),
  posted(
    'bind-vs-exit',
    ['app exits', 'The PASID can be used again'],
    ['dying-mm=unchecked'],
    'released-tables',
    {
      title: 'A bind that exit does not hear of',
      story: 'Release finds nothing to end; then attach installs an entry that leads to page tables about to be freed.',
      before: 'Attach installs the entry',
      after: 'Attach looks under the lock whether the mm lives; if not: ESRCH',
    },
    {
      patch: '05/36',
      rule: 'mmget_not_zero() in arm_smmu_sva_set_dev_pasid()',
      quote: comment(
        'If the process is exiting then domains are still attached to the process.',
        'iommu_notifier_release()',
      ),
      said: 'Not those that a bind is about to attach. Mainline: "Prevent arm_smmu_mm_release from being called while we are attaching", by mmget_not_zero().',
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
      before: 'Unbind finds what device and PASID name now',
      after: 'Unbind ends the bond that it was asked for; if that has ended: ESRCH',
    },
    {
      patch: '05/36',
      rule: 'struct iommu_sva of mainline: a handle',
      quote: {
        words:
          "We can't simply call unbind with the PASID, because the process might have died and the PASID might have been reallocated to another process.",
        who: 'Jean-Philippe Brucker',
        when: '11 May 2018',
        where: 'v2 13/40, 20180511190641.23008-14-jean-philippe.brucker@arm.com',
      },
      said: 'So VFIO looks the mm up by its pid there. In v2 unbind itself still takes device and PASID.',
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
      before: 'Read dev->domain; attach',
      after: 'Attach looks under the lock whether the device leaves; if so: ENODEV',
    },
    {
      patch: '05/36',
      rule: 'iommu_group mutex of mainline',
      quote: {
        words:
          "It fetches and returns a domain, but there's no guarantee that the domain will *not* be freed while the caller is still using it.",
        who: 'Baolu Lu',
        when: '29 April 2024',
        where: '001d6fa8-d2f5-4011-988d-d2bc4f43a1aa@linux.intel.com',
      },
      said: 'That is said of iommu_get_domain_for_dev_pasid(), which came later and has the same gap. Here a model in SPIN found it: iommu_get_domain_for_dev() reads dev->domain without a lock. A driver that keeps bind and detach apart never meets it.',
    },
  ),
];
