/** The words of the sequence chart and of the table of events. */
export const lanes = {
  label: 'Messages',
  tab: 'Lanes',
  empty: (events: number) =>
    events === 0
      ? 'This run has no event yet. Write a line into the console, or into the script.'
      : 'Nobody has said anything yet. Step forward.',
  between: (from: string, to: string) => (from === to ? `by ${from}` : `from ${from} to ${to}`),
  steps: (count: number) => `(${count} steps)`,
  told: (text: string, from: string, to: string) => `${text} (${from} \u2192 ${to})`,
  by: (text: string, who: string) => `${text} (${who})`,
  wrote: 'wrote what is inspected',
  hide: (lane: string) => `Hide ${lane}`,
  count: (shown: number, all: number) => `${shown}/${all}`,
  actors: (shown: number, all: number) => `${shown}/${all} actors shown`,
  choose: 'Actors of the chart',
  chooseHint: 'What goes to an actor that is hidden is drawn as a stub.',
  again: 'As many as fit',
  close: 'Close',
  asTable: 'Show all events as a table',
  asChart: 'Show the chart',
  columns: ['Event', 'What happens', 'Time', 'Step', 'Source', 'Cause'],
  table: 'Events',
  goTo: (event: number) => `Go to event ${event}`,
  goToCause: (event: number) => `Go to its cause, event ${event}`,
} as const;
