import type { CellView, Granularity, Moment, RunReport, VmaView, WalkView } from './engine/contract.ts';
import { cellInWords, walkSentence } from './sentences.ts';
import { bookmarks } from './words-bookmarks.ts';
import { branches } from './words-branches.ts';
import { compare } from './words-compare.ts';
import { embed } from './words-embed.ts';
import { explore } from './words-explore.ts';
import { help } from './words-help.ts';
import { lanes } from './words-lanes.ts';
import { link } from './words-link.ts';
import { museum } from './words-museum.ts';
import { offline } from './words-offline.ts';
import { present } from './words-present.ts';
import { scheduler } from './words-scheduler.ts';
import { palette, script } from './words-script.ts';
import { stream } from './words-stream.ts';
import { stretch } from './words-stretch.ts';
import { handout, takeaway } from './words-takeaway.ts';
import { watches } from './words-watches.ts';

const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** All that the page itself says to people. What the machine says comes from the core. */
export const words = {
  title: 'SVM Playground',
  columns: {
    processes: 'Processes',
    tables: 'Shared page tables',
    iommu: 'IOMMU',
    devices: 'Devices and groups',
  },
  short: { processes: 'Process', tables: 'Page table', iommu: 'IOMMU', devices: 'Device' },
  columnsNav: 'Columns of the machine',
  fold: (name: string) => `Fold ${name}`,
  gone: 'gone',
  goneMore: (more: number) => `gone, and ${more} more`,
  loading: 'Switching the machine on \u2026',
  none: {
    processes: 'No process yet.',
    trees: 'No page tables yet: they come with the first process.',
    iommus: 'This machine has no IOMMU.',
    devices: 'No device yet.',
  },
  process: {
    pid: (pid: number) => `pid ${pid}`,
    pasid: (pasid: number) => `PASID ${pasid}`,
    unbound: 'no PASID',
    states: { live: '', exiting: 'exiting', dead: 'dead' },
    cell: (cell: CellView, pinned: number) => cellInWords(cell, pinned),
    remarks: (flags: string, swapped: number, pinned: number) =>
      [flags, swapped > 0 && `${swapped} swapped out`, pinned > 0 && `${pinned} pinned`].filter(Boolean).join(', '),
    area: ({ name, start, end, pages }: Pick<VmaView, 'name' | 'start' | 'end' | 'pages'>) =>
      `${name}, ${start} to ${end}, ${plural(pages, 'page')}`,
    residency: (resident: number, pages: number) =>
      `${resident} of ${plural(pages, 'page')} ${resident === 1 ? 'has a frame' : 'have frames'}`,
    asks: 'asks',
    idle: 'idle',
    waits: 'waits',
  },
  kernel: {
    title: 'Kernel',
    quiet: 'no fault under way',
    container: (name: string) => `container ${name}`,
    holds: (owner: string, groups: readonly string[]) =>
      `of ${owner}, ${groups.length === 0 ? 'no group' : `${groups.length === 1 ? 'group' : 'groups'} ${groups.join(', ')}`}`,
    swap: 'Swap device',
    swapped: (used: number, limit: number) => `${used} / ${limit} pages`,
    pins: 'Pinned',
    pinned: (count: number) => plural(count, 'frame'),
    tornOff: (process: string, device: string | null) =>
      `${device === null ? '' : `for ${device}, `}no longer what ${process} has there`,
    held: (holder: string) => `held by ${holder}`,
    waiting: (names: readonly string[]) => `${names.join(', ')} ${names.length === 1 ? 'waits' : 'wait'}`,
  },
  tree: {
    levels: ['PGD', 'PUD', 'PMD', 'PTE'],
    level: (level: number) => `level ${level}`,
    tables: (count: number) => plural(count, 'table'),
    root: (root: string, asid: number) => `root pfn ${root} \u00b7 ASID ${asid}`,
    folded: 'open its page tables',
    // Of a CPU, and of the entry of a PASID: a register of arm64 and a field of its CD; a register of a hart and a field of its PC.
    roots: (backend: string) => (backend.startsWith('riscv') ? ['satp', 'iosatp'] : ['TTBR0', 'TTB0']),
    dma: (name: string) => `DMA, ${name}`,
    noPasid: 'no PASID',
    noCpu: 'no CPU',
    noDevice: 'no device',
    strip: (level: number, pfn: string, entries: number) =>
      `Level ${level} table, pfn ${pfn}, ${entries} of 512 entries used`,
    entry: (level: number, index: number, to: string) =>
      `Level ${level}, slot ${index}, ${to === '' ? 'not valid: nothing to walk to' : `leads to pfn ${to}`}`,
    pinned: 'pinned',
    pfn: (pfn: string) => `pfn ${pfn}`,
    leaf: (page: string, rights: string) => `page ${page}, ${rights}`,
    noFrame: 'no frame',
    noTable: 'no table',
    empty: 'desc = 0',
    denied: 'denied',
    rule: 'One tree, two walkers: CPU solid, device dashed.',
    unbound: 'One tree. No device walks it yet.',
    deviceOnly: 'Device walk only: DMA addresses, of no process.',
    walk: (walk: WalkView) => walkSentence(walk),
  },
  iommu: {
    iotlb: 'IOTLB',
    config: 'config',
    empty: 'empty',
    invalid: 'not valid',
    pasidRange: (first: number, last: number) => `${first}\u2013${last}`,
    fillOf: (queue: string, length: number) => `${queue} ${length}`,
    summary: (streams: number, cached: number, stalled: number, queues: readonly string[]) =>
      [plural(streams, 'stream'), `IOTLB ${cached}`, ...queues, ...(stalled > 0 ? [`${stalled} stalled`] : [])].join(
        ', ',
      ),
    overflow: 'overflow',
    stale: 'stale',
    more: (count: number) => `${count} more`,
    fewer: 'fewer',
    tagOf: (tag: string, number: number, shared: boolean) =>
      `${tag} ${number}, ${shared ? 'shared with the CPUs' : 'private'}`,
    stalls: 'Stalled',
    tag: (stag: number) => `STAG ${stag}`,
    noTag: 'no tag',
    slot: (queue: string, index: number, live: boolean, label: string) =>
      `${queue}, slot ${index}: ${live ? label || 'record' : 'empty'}`,
    fill: (length: number, size: number) => `${length} / ${size}`,
  },
  device: {
    stream: (sid: string) => `stream ${sid}`,
    group: (name: string) => `group ${name}`,
    domain: (name: string | null) => (name === null ? 'no domain' : `domain ${name}`),
    container: (name: string, owner: string) => `in container ${name} of ${owner}`,
    atc: 'ATC',
    jobs: 'DMA engine',
    noJob: 'no work',
    work: (open: number) => (open === 0 ? 'no work' : plural(open, 'job')),
    waits: 'waits',
    others: (count: number) => `+${count}`,
    uses: (uses: number) => `${plural(uses, 'user')}`,
    bonds: 'Bound to',
    unbound: 'bound to nobody',
    credits: (used: number, allowed: number) => `PRI credits ${allowed - used} / ${allowed}`,
    request: (group: number) => `group ${group}`,
    states: { queued: 'queued', running: 'running', waiting: 'waiting', done: 'done', failed: 'failed' },
  },
  now: {
    label: 'Now',
    why: (event: number) => `why ${event}`,
    next: (event: number) => `next ${event}`,
    whyLabel: (event: number, sentence: string) => `why ${event}: ${sentence}`,
    nextLabel: (event: number, sentence: string) => `next ${event}: ${sentence}`,
    cite: ({ chapter, cite }: Moment['now']) => [chapter, cite].filter(Boolean).join(' \u00b7 '),
    fault: 'Fault',
    spoken: (event: number, { sentence, note }: Moment['now']) =>
      [`Event ${event}.`, sentence, note].filter(Boolean).join(' '),
    start: 'Start',
  },
  timeline: {
    label: 'Timeline',
    first: 'Go to start',
    back: 'Step back',
    play: 'Play',
    pause: 'Pause',
    forward: 'Step forward',
    last: 'Go to end',
    granularity: 'Granularity',
    by: 'by',
    speed: 'Speed',
    position: 'Position',
    counter: (at: number, events: number) => `${at} / ${events}`,
    value: (at: number, events: number, chapter: string) => `Event ${at} of ${events}${chapter && `, ${chapter}`}`,
    sizes: { chapter: 'chapter', call: 'call', transaction: 'transaction', step: 'step' } as Record<
      Granularity,
      string
    >,
  },
  lanes,
  help,
  offline,
  inspector: {
    label: 'Inspector',
    tab: 'Inspect',
    following: 'of this moment',
    selected: 'selected',
    follow: 'Follow the moment',
    hint: 'Click anything in the picture to see what it is made of, bit by bit, and what has written it.',
    gone: 'It does not exist at this moment.',
    word: (index: number) => `word ${index}`,
    base: { hex: 'Show bits', binary: 'Show hex' },
    reserved: (bits: string) => `Bits ${bits} have no name.`,
    bits: (bits: string) => `${bits.includes(':') ? 'bits' : 'bit'} ${bits}`,
    history: 'History',
    earlier: (count: number) => `${count} earlier`,
    noHistory: 'Nothing has written it yet.',
  },
  why: {
    ask: 'Why?',
    short: 'why',
    askOf: (name: string) => `Why is ${name} so?`,
    label: 'Why',
    close: 'Close the chain of causes',
    back: (event: number) => `Back to event ${event}`,
    told: (thing: string, field: string | null, value: string) =>
      field === null ? `Why ${thing} is as it is` : `${thing}: why ${field} is \u201c${value}\u201d`,
    before: (before: string | null) => (before === null ? 'It was not there before.' : `Before, it was ${before}.`),
    steps: (count: number) => `, after ${plural(count - 1, 'step')} of its own`,
    start: 'It has been so since the machine was set up, before event 1.',
    notKept: 'This is read off several places: nothing keeps a journal of it. Ask for one of them.',
    unknown: 'There is nothing to ask about at this moment.',
    more: (count: number) => `and ${plural(count, 'earlier cause')}`,
  },
  rail: 'Panels below the inspector',
  watches,

  console: {
    label: 'Console',
    command: 'Command',
    placeholder: 'help',
    hint: 'A line of the script language; Tab completes, up and down bring back.',
    offers: 'Completions',
    chips: ['bind', 'dma', 'mmap', 'munmap', 'fork', 'exit', 'help'],
  },
  scheduler,
  explore,
  museum,
  stream,
  palette,
  script,
  takeaway,
  compare,
  branches,
  stretch,
  handout,
  present,
  top: {
    scenario: 'Scenario',
    ownRun: 'Your own run',
    theme: { system: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' },
    share: 'Share',
    help: 'Keyboard and legend',
    policy: 'Kernel design',
    backEnd: 'Back end',
    backEnds: { smmuv3: 'SMMUv3', riscv: 'RISC-V', 'riscv-sv39': 'RISC-V Sv39' },
  },
  share: {
    title: 'A link to this moment',
    told: (at: number) => `Opens this run at event ${at} and checks that the machine is in the same state.`,
    copied: 'Copied to the clipboard.',
    notCopied: 'Copy it from the field.',
    field: 'Link',
    otherwise: 'Take it away otherwise',
    close: 'Close',
  },
  status: {
    holds: 'All invariants and expectations hold',
    broken: 'Broken',
    brokenAsExpected: 'Broken, as the script expects',
    fingerprint: 'fingerprint',
    simulated: 'simulated',
    own: 'your own run',
    asWritten: 'as written',
    under: (policy: string) => `under ${policy}, not as written`,
    repaired: 'repaired: without the bug, not as written',
    withBug: (bug: string) => `with the bug ${bug}, not as written`,
    frames: (used: number, limit: number) => `${used} of ${limit} frames used`,
    version: (version: string) => `core ${version}`,
  },
  invariants: {
    open: 'Invariants',
    title: 'What must hold in every state',
    count: (holding: number, applying: number) => `${holding} / ${applying}`,
    told: (at: number, policy: string) =>
      `Looked at after event ${at}, under ${policy}. The numbers are events of this run after which there was something to look at.`,
    states: { holds: 'holds', broken: 'broken', untried: 'nothing to look at yet', excepted: 'does not apply' },
    met: (events: number) => plural(events, 'event'),
    looksAt: (cases: string) => `It looks at ${cases}.`,
    close: 'Close',
  },
  report: {
    kinds: {
      invariant: 'An invariant does not hold.',
      expectation: 'An expectation does not hold.',
      bug: 'The emulator is wrong.',
    } as Record<RunReport['kind'], string>,
    expected: 'The script expects it.',
    show: (event: number) => `Show event ${event}`,
    link: 'Copy a link that shows it',
    dead: 'The emulator has stopped working. What you see stays.',
    notStarted: 'The emulator could not be started.',
    again: 'Start again',
    restarted: (reason: string) =>
      `The emulator stopped working (${reason}) and was started again, at the same event in the same state.`,
  },
  notices: { label: 'Notices', dismiss: 'Dismiss' },
  link,
  bookmarks,
  embed,
  sheet: 'Panels',
} as const;
