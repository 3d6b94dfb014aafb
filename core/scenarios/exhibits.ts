import { DEFAULT_POLICY } from '../policy/policy.ts';
import type { Origin } from '../policy/switch.ts';
import { SWITCHES, type SwitchName } from '../policy/switches.ts';

/** What of a kernel differs between the one with the bug and the repaired one. */
export type Cause =
  | { readonly kind: 'bug'; readonly bug: SwitchName }
  /** Answers of the design as posted, none of which does it alone; `repaired` answers each of them otherwise. */
  | { readonly kind: 'policy'; readonly answers: readonly string[]; readonly repaired: string };

/** One bug of the museum, all that a card about it says. */
export interface Exhibit {
  readonly id: string;
  readonly title: string;
  readonly story: string;
  /** The rule with the bug, and as it should be. */
  readonly before: string;
  readonly after: string;
  readonly origin: Origin;
  /** What of the original this machine has, and what stands for the rest. */
  readonly carried: string;
  /** The original is about other silicon: its mechanism is shown here. */
  readonly byMechanism: boolean;
  readonly cause: Cause;
  /** The invariant that breaks first. */
  readonly invariant: string;
  /** The script that shows it, by an explicit order of who moves. */
  readonly scenario: string;
}

/** The invariant that each switch breaks in its scenario. */
const BROKEN: { readonly [S in SwitchName]: string } = {
  'pasid-freed-at-mmput': 'one-pasid',
  'unbind-without-flush': 'pasid-in-flight',
  'drain-unsupported': 'pasid-in-flight',
  'flush-under-lock': 'deadlock',
  'mm-dropped-early': 'freed-objects',
  'device-released-early': 'freed-objects',
  'answered-unmatched': 'one-response',
  'started-unasked': 'pasid-in-flight',
  'entry-left-live': 'released-tables',
  'atc-before-iotlb': 'frames-cached',
  'range-wraps': 'frames-cached',
  'span-ignores-address': 'frames-cached',
  'entry-torn': 'pasid-entries',
  'listed-late': 'asid-owner',
  'overflow-acked-early': 'partials-outstanding',
  'partials-kept': 'partials-outstanding',
};

function ofSwitch(bug: SwitchName): Exhibit {
  const { title, story, before, after, origin, carried, byMechanism } = SWITCHES[bug];
  const told = { title, story, before, after, origin, carried, byMechanism };
  const cause = { kind: 'bug', bug } as const;
  return { id: bug, ...told, cause, invariant: BROKEN[bug], scenario: `museum-${bug}` };
}

/** A bug of the RFC as posted: it is an answer to a decision, and its scenario was there before. */
function posted(
  scenario: string,
  answers: readonly string[],
  invariant: string,
  text: Pick<Exhibit, 'title' | 'story' | 'before' | 'after'>,
  rule: string,
): Exhibit {
  return {
    id: scenario,
    ...text,
    origin: {
      driver: 'IOMMU process management (RFCv2, drivers/iommu/process.c)',
      source: 'RFCv2 05/36, as posted',
      rule,
    },
    carried: 'All of it.',
    byMechanism: false,
    cause: { kind: 'policy', answers, repaired: DEFAULT_POLICY.name },
    invariant,
    scenario,
  };
}

const POSTED: readonly Exhibit[] = [
  posted(
    'bug-second-device-leak',
    ['lookup-reference=leaked'],
    'context-refs',
    {
      title: 'A reference is leaked on the second device',
      story:
        'Bind looks a process up and joins the context of its domain, and nobody drops the reference of the lookup.',
      before: 'the lookup takes a reference; the join keeps it',
      after: 'the lookup takes a reference; the join drops it',
    },
    'v1 of February 2018: io_mm is counted by its bonds',
  ),
  posted(
    'two-binders',
    ['process-lookup=once'],
    'one-pasid',
    {
      title: 'Two binders of one process',
      story: 'Both look, both find nothing and both insert: one address space gets two PASIDs.',
      before: 'look; unlock to allocate; insert',
      after: 'look; unlock to allocate; look again under the lock; insert',
    },
    'one PASID for each mm: struct mm_struct of mainline',
  ),
  posted(
    'bug-stranger-unbind',
    ['bonds=counted'],
    'pasid-in-flight',
    {
      title: 'A stranger unbinds',
      story: 'A device that never bound a process takes the bind of another device back.',
      before: 'unbind takes one from the count of the context',
      after: 'unbind takes one from what this device has bound, or is ESRCH',
    },
    'iommu_bond of v1 (February 2018)',
  ),
  posted(
    'bug-detach-all',
    ['bonds=counted'],
    'pasid-in-flight',
    {
      title: 'A device that leaves ends the bonds of others',
      story: 'Detach takes the device out of every context of its domain, also of those that it never joined.',
      before: 'detach takes one from every context of the domain',
      after: 'detach ends what the device itself has bound',
    },
    'iommu_bond of v1 (February 2018)',
  ),
  posted(
    'bug-exit-handler',
    ['exit-callback=per-domain', 'pasid-lifetime=flushed'],
    'pasid-in-flight',
    {
      title: 'One exit handler for a domain',
      story: 'The second driver that sets its handler replaces that of the first, whose device is never told to stop.',
      before: 'the domain keeps one handler: the last setter wins; a PASID is free when the queues were flushed',
      after: 'each device has a handler of its own; a PASID is free when the devices have stopped too',
    },
    'mm_exit() of v2 05/40',
  ),
  posted(
    'bug-lost-last',
    ['partials=kept'],
    'group-members',
    {
      title: 'A request without its last joins the next group',
      story:
        'The last request of a group was lost; its first stays in the list, and is taken for part of another group.',
      before: 'partials wait for their last, for ever',
      after: 'partials are dropped when the queue has overflowed',
    },
    'iopf_queue_discard_partial()',
  ),
  posted(
    'two-binders-second-domain',
    ['context-lookup=once'],
    'one-context',
    {
      title: 'Two contexts of one process in a domain',
      story: 'Two binders of a known process each make a context; the first unbind clears the entry under the other.',
      before: 'insert a context',
      after: 'look again for a context under the lock; insert',
    },
    'RFCv2 05/36 iommu_process_attach(), repaired',
  ),
  posted(
    'bind-vs-exit',
    ['dying-mm=unchecked'],
    'released-tables',
    {
      title: 'A bind that exit does not hear of',
      story:
        'Release has found nothing to end; then attach installs an entry that leads to page tables about to be freed.',
      before: 'attach installs the entry',
      after: 'attach sees under the lock that the mm lives, or is ESRCH',
    },
    'mmget_not_zero() in arm-smmu-v3-sva.c',
  ),
  posted(
    'bug-unbind-after-reuse',
    ['unbind-key=pasid'],
    'pasid-in-flight',
    {
      title: 'A late unbind hits the next owner',
      story: 'While unbind flushes, its process exits and its PASID goes to another, whose bond it ends.',
      before: 'unbind finds what device and PASID name now',
      after: 'unbind ends the bond that it was asked for, or is ESRCH',
    },
    'struct iommu_sva of mainline: a handle',
  ),
  posted(
    'bind-vs-detach',
    ['leaving-device=unchecked'],
    'bond-domain',
    {
      title: 'A bind to a device that leaves',
      story: 'Bind has read the domain of the device; detach ends all bonds; then the new one is made.',
      before: 'read dev->domain; attach',
      after: 'attach sees under the lock whether the device leaves: ENODEV',
    },
    'iommu_group mutex of mainline',
  ),
];

/** The museum, in the order in which its gallery shows it. */
export const EXHIBITS: readonly Exhibit[] = [...(Object.keys(SWITCHES) as SwitchName[]).map(ofSwitch), ...POSTED];
