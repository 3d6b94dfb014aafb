import type { Diagnostic, LineView } from './engine/contract.ts';

const plural = (count: number, one: string) => `${count} ${count === 1 ? one : `${one}s`}`;

/** The command palette. */
export const palette = {
  label: 'Commands',
  open: 'Commands (Ctrl+K)',
  field: 'What do you want to do?',
  placeholder: 'A scenario, an event, a thing, a setting \u2026',
  nothing: 'Nothing is called that.',
  kinds: { move: 'time', page: 'page', thing: 'inspect', setting: 'setting' },
  event: (event: number) => `Go to event ${event}`,
  chapter: (title: string, event: number) => `Go to ${title}, event ${event}`,
  areaOf: (area: string, process: string) => `${area} of ${process}`,
  inspect: (name: string) => `Inspect ${name}`,
  stepBy: (size: string) => `Step by ${size}`,
  panels: {
    lanes: 'Show the lanes',
    inspector: 'Show the inspector',
    events: 'Show the table of events',
    console: 'Show the console',
    watches: 'Show the watches',
    scheduler: 'Be the scheduler: who moves next',
    script: 'Show the script',
  },
} as const;

/** The script's editor. */
export const script = {
  tab: 'Script',
  label: 'Script',
  field: 'Script',
  open: 'Script',
  loading: 'Getting the editor ready \u2026',
  failed: 'The editor could not be loaded. Reload the page to try again; your draft is kept.',
  play: 'Play the script',
  discard: 'Drop the changes',
  close: 'Close the script',
  played: 'As it was played.',
  draft: 'Changed, and not played yet.',
  mistakes: (count: number) => `Not played: ${plural(count, 'mistake')}.`,
  mistake: ({ line, column, message }: Diagnostic) => `${line}:${column} ${message}`,
  inspect: 'Inspect it',
  keys: 'Ctrl+Enter plays, Ctrl+Space completes, Alt+Enter inspects the name at the cursor.',
  signs: { done: '', refused: '\u2715 ', failed: '! ', skipped: '\u2013 ' },
  states: { done: '', refused: ', refused', failed: ', does not hold', skipped: ', not reached' },
  lineSign: ({ first, last, state }: Pick<LineView, 'first' | 'last' | 'state'>) =>
    `${script.signs[state]}${last > first ? first + 1 : ''}`,
  lineTold: (first: number, last: number, state: LineView['state']) =>
    `${last > first ? `Events ${first + 1} to ${last}` : `At event ${first}`}${script.states[state]}`,
} as const;
