import type { Taken } from './engine/contract.ts';
import { sentenceOf } from './sentences.ts';

/** Everything that a run can be taken away as: its name, and what it is good for. */
const forms: Record<Taken, { readonly name: string; readonly use: string }> = {
  chart: {
    name: 'Sequence chart',
    use: 'Who says what to whom, in plain text for a mail or a comment in code: 7-bit ASCII, at most 75 columns.',
  },
  race: {
    name: 'Race chart',
    use: 'A column for each thread and for the hardware, as kernel reviewers write a race down: plain text for a mail.',
  },
  trace: { name: 'Trace', use: 'One line for each event, with its cause, its time, its step and its source.' },
  mermaid: { name: 'Mermaid', use: 'The sequence chart for Markdown: put it into a block of the language mermaid.' },
  invariants: { name: 'Invariants', use: 'How each thing that must hold stands at the last event.' },
  jsonl: {
    name: 'Event log',
    use: 'The whole run as JSON Lines. Opened here or on the command line it is played again, event by event, and checked.',
  },
  perfetto: {
    name: 'Perfetto trace',
    use: 'Functions, events, causes, jobs and queues for Perfetto or chrome://tracing: JSON in the Trace Event Format.',
  },
  state: { name: 'State', use: 'The whole machine at the last event, decoded, as JSON.' },
  script: { name: 'Script', use: 'The commands that play this run: a text for the editor and for the command line.' },
};

/** Every view of the page that there is a picture of. */
const views = {
  machine: { name: 'Machine', use: 'All four columns at the moment shown, with what leads from one to another.' },
  processes: { name: 'Processes', use: 'Address spaces, their areas and threads, and the kernel.' },
  tables: { name: 'Page tables', use: 'The tree that is open, with the walk of the moment.' },
  iommu: { name: 'IOMMU', use: 'Streams, PASIDs, translations that are kept, and the queues.' },
  devices: { name: 'Devices', use: 'Groups and devices, their work, what they keep and ask for.' },
  lanes: { name: 'Messages', use: 'The sequence chart from the start to the moment shown.' },
  timeline: { name: 'Timeline', use: 'The chapters of the run, how much happens in them, and the moment.' },
  inspector: { name: 'Inspected record', use: 'What the inspector shows, bit by bit.' },
  events: {
    name: 'Event table',
    use: 'The last 200 events up to the moment shown, or those that are looked at alone.',
  },
  watches: { name: 'Watches', use: 'What is watched: its value now, and how it changes over the run.' },
  branches: { name: 'Tree of runs', use: 'The runs that were made here, each below what it goes out from.' },
  compare: {
    name: 'Comparison',
    use: 'Both machines side by side with a mark at what differs, or what differs between two moments.',
  },
  rows: {
    name: 'Comparison, events',
    use: 'The events of both runs up to the row shown and a few more, 200 rows at most: partners in one row, and gaps.',
  },
  differences: { name: 'Comparison, differences', use: 'How the machines of both runs differ, thing by thing.' },
  script: { name: 'Script with its events', use: 'Each line with the event that it begins with: 200 lines at most.' },
  scheduler: { name: 'Who can move', use: 'What could come next at the moment shown, and who waits for what.' },
  console: { name: 'Console lines', use: 'The last 200 lines that were typed, and what came of them.' },
  bookmarks: { name: 'Bookmarks', use: 'The moments that were marked, with their notes.' },
  invariants: { name: 'Invariants at the moment', use: 'What must hold, and how each stands at the moment shown.' },
  stream: { name: 'Streams', use: 'Hit rate and latency of the last sweep, against the size of the working set.' },
  explore: { name: 'What the search found', use: 'Verdict, counterexample and coverage of the last search.' },
} as const;

const units = ['bytes', 'KB', 'MB'] as const;

/** The words of the handout. */
export const handout = {
  open: 'Handout to print',
  use: 'The key moments of the run on paper: a page each, with its picture, its sentence, its source and its note, black on white.',
  show: 'Show the handout',
  making: (done: number, all: number) => `Picture ${done} of ${all} \u2026`,
  ready: (moments: number) => `${moments === 1 ? '1 moment' : `${moments} moments`}, a page each, in landscape.`,
  print: 'Print',
  close: 'Close',
  contents: 'Key moments',
  event: (event: number) => `Event ${event}`,
  picture: (event: number) => `The machine after event ${event}`,
  again: 'To see it move',
  chart: 'The whole run as a chart',
} as const;

/** The words of the dialog that takes a run away and brings one in. */
export const takeaway = {
  open: 'Take away',
  title: 'Take this run away',
  forms,
  views,
  kinds: { read: 'To read', tools: 'For tools', pictures: 'Pictures', paper: 'On paper', bring: 'Bring in' },
  formats: 'What to take',
  range: 'How much of the run',
  whole: (events: number) => (events === 1 ? 'The one event' : `All ${events} events`),
  upTo: (event: number) => `Up to event ${event}`,
  making: 'Being made \u2026',
  preview: (name: string) => `Preview of ${name}`,
  cut: 'Only the beginning is shown here.',
  size: (bytes: number) => {
    const unit = bytes < 1000 ? 0 : bytes < 1_000_000 ? 1 : 2;
    const size = bytes / 1000 ** unit;
    return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
  },
  copy: 'Copy',
  copied: 'Copied to the clipboard.',
  notCopied: 'The browser does not let the page copy: pick the text above.',
  download: 'Download',
  downloaded: (file: string) => `${file} goes to your downloads.`,
  perfetto: {
    open: 'Open in Perfetto',
    told: 'Opens ui.perfetto.dev in another window and hands the trace over to it there, in this browser. Before that nothing is asked of it.',
    waiting: 'Waiting for Perfetto to answer \u2026',
    done: 'Perfetto has the trace.',
    blocked: 'The browser did not open another window: allow it for this page, or download the trace.',
    silent: 'Perfetto did not answer. Download the trace and open it there.',
  },
  picture: {
    theme: 'Colours',
    themes: { light: 'Light', dark: 'Dark' },
    patterns: 'Patterns beside hues',
    bare: 'Without words around it',
    svg: 'Download SVG',
    png: 'Download PNG',
    alt: (name: string) => `Picture of ${name}`,
    failed: 'This browser cannot make a PNG of it: take the SVG.',
    facts: (width: number, height: number) =>
      `${width} \u00d7 ${height} px; shapes and text alone, with the fonts inside`,
    source: (command: string, version: string, fingerprint: string) =>
      `${command} \u00b7 core ${version} \u00b7 ${fingerprint}`,
  },
  link: 'End with a link to it',
  bring: {
    name: 'A file of yours',
    told: 'An event log is played again and must come out the same, event by event, to the fingerprint. A script is played from its start. What cannot be opened is told here, and the run that is shown stays as it is; after one that is opened, Back leads to the run before.',
    choose: 'Choose a file',
    hint: 'Or drop it anywhere on the page.',
    drop: 'Let it go here: an event log or a script',
    reading: (file: string) => `Reading ${file} \u2026`,
    failed: (file: string) => `${file} was not opened. The run that is shown stays as it is.`,
    huge: (limit: string) => `It has more than ${limit}: no run of this emulator is that long.`,
    unreadable: 'It cannot be read as text.',
    located: ({ line, message }: { readonly line: number; readonly message: string }) =>
      line === 0 ? sentenceOf(message) : `Line ${line}: ${message}.`,
    more: (count: number) => `And ${count} more of the kind.`,
    anyway: 'Open what its script does here',
  },
  close: 'Close',
} as const;
