const grouped = (count: number) => count.toLocaleString('en');

/** The search over every order of moves. */
export const explore = {
  title: 'Explore every order of moves',
  open: 'Explore (X)',
  button: 'Explore',
  fromHere: 'Explore from here',
  close: 'Close',
  told: 'Every thread, worker and hardware unit that can move does, in every order and with every choice; in each state all invariants are checked. The shortest order that breaks something is told.',
  from: 'From',
  order: 'Orders',
  orders: {
    every: 'every order of moves',
    alike: 'every order, what is alike once',
    exact: 'every order, whole states compared',
    walks: 'random walks, to the end',
  },
  moment: (at: number) => (at === 0 ? 'the start' : `event ${grouped(at)}`),
  here: (at: number) => `this moment, event ${grouped(at)}`,
  until: 'Until',
  toEnd: 'the end of the script',
  nothingMore: 'the end of this run: nothing left behind is said',
  before: (title: string) => `before: ${title}`,
  chapter: (title: string, at: number) => `${title}, event ${grouped(at)}`,
  budget: { states: 'States', megabytes: 'Memory, MB', seconds: 'Seconds' },
  asked: {
    ...{ states: 'States at most', megabytes: 'Memory at most, MB', seconds: 'Seconds at most' },
    ...{ workers: 'Workers', walks: 'Walks', seed: 'Seed' },
  },
  badBudget: (what: string, most: number) => `${what}: a whole number from 1 to ${grouped(most)}.`,
  begin: 'Explore',
  cancel: 'Cancel',
  configuration: (title: string, policy: string, bug: string | null, event: number) =>
    `${title}, under ${policy}${bug === null ? '' : ` with the bug ${bug}`}, from ${explore.moment(event)}`,
  programs: 'What the script still says, to each thread in any order',
  nothingSaid: 'The script says nothing more: whoever is under way goes on.',
  progress: 'Progress',
  preparing: 'Getting ready \u2026',
  telling: 'Telling the shortest way \u2026',
  of: (count: number, limit: number) => `${grouped(count)} of ${grouped(limit)}`,
  ofSeconds: (seconds: number, limit: number) => `${seconds.toFixed(1)} of ${grouped(limit)}`,
  depth: 'Moves deep',
  walks: 'Walks',
  longest: 'Moves of the longest walk',
  left: 'States to go on from',
  rate: 'States per second',
  count: grouped,
  result: 'Result',
  failed: 'It could not be explored.',
  silent: 'The worker of the search no longer answers, and what it knew is lost.',
  broken: (id: string) => `Broken: ${id}`,
  ruleOf: (claim: string) => `The rule: ${claim}`,
  show: (event: number) => `Show it: event ${grouped(event)}`,
  copyChart: 'Copy the race chart',
  /** The chart with the script that its first line plays: whoever gets the mail can play it too. */
  mail: (chart: string, script: string) => `${chart}\n# counterexample.svm\n${script}`,
  copyLink: 'Copy a link to it',
  copied: 'Copied to the clipboard.',
  notCopied: 'The browser does not let the page copy.',
  chart: 'Race chart',
  waits: 'Who waits for what',
  covered: ({ states, transitions, invariants, storage, omissions, walks, symmetry }: Covered) =>
    `${plural(states, 'state')}, ${plural(transitions, 'transition')}, ${plural(invariants, 'invariant')} in each state. ${told(storage, omissions, walks)}${exchanged(symmetry)}`,
  never: ({ neverTaken, steps, complete }: Missed) =>
    `Steps never taken${soFar(complete)}: ${grouped(neverTaken.length)} of ${grouped(steps)}`,
  neverTold: 'Of the functions that took part; what no order reaches was not checked.',
  neverAccepted: ({ neverAccepted, complete }: Missed) =>
    `Lines of the script that no state accepted${soFar(complete)}: ${neverAccepted.join(', ')}.`,
  running: (states: number) => `Exploring: ${grouped(states)} states`,
  over: 'Explored',
} as const;

/** Of a search that did not come to its end, what was missed may come yet. */
const soFar = (complete: boolean) => (complete ? '' : ' so far');
const plural = (count: number, one: string) => `${grouped(count)} ${count === 1 ? one : `${one}s`}`;

/** How states were told apart, or which walks were walked. */
function told(storage: Covered['storage'], omissions: number, walks: Covered['walks']): string {
  if (walks !== null) return `Seed ${walks.seed}, walks of up to ${grouped(walks.depth)} moves.`;
  if (storage === 'exact') return 'States are told apart by all that is in them.';
  return `States are told apart by 64-bit fingerprints; ${omissions.toExponential(0)} of them are expected to be mistaken for another.`;
}

/** Who was taken for one another, where that was asked. */
function exchanged(symmetry: Covered['symmetry']): string {
  if (symmetry === null) return '';
  if (symmetry.names.length === 0)
    return ' Nobody is taken for another one: no two are told the same from the start on.';
  const sets = symmetry.names.map((names) => names.join(', ')).join('; ');
  return ` Taken for one another: ${sets}; the states stand for ${grouped(symmetry.standFor)}.`;
}

interface Covered {
  readonly states: number;
  readonly transitions: number;
  readonly invariants: number;
  readonly storage: 'fingerprint' | 'exact';
  readonly omissions: number;
  readonly walks: { readonly depth: number; readonly seed: number } | null;
  readonly symmetry: { readonly names: readonly (readonly string[])[]; readonly standFor: number } | null;
}

interface Missed {
  readonly complete: boolean;
  readonly steps: number;
  readonly neverTaken: readonly string[];
  readonly neverAccepted: readonly number[];
}
