const plural = (count: number, one: string) => `${count} ${count === 1 ? one : `${one}s`}`;

/** The runs that were made here, and what can be undone. */
export const branches = {
  open: (count: number) => (count === 1 ? 'Branches' : `Branches ${count}`),
  title: 'Runs that were made here',
  hint: 'A line, a click or a pick in the middle of a run, another design and another script leave the run that was there as a branch. Undo and redo go through these edits and through what was hidden, folded, opened or laid out, bookmarks, watches and the part looked at alone, apart from time.',
  tree: 'Branches',
  unnamed: (scenario: string | null, id: number) => scenario ?? `Run ${id + 1}`,
  told: (from: number, events: number, isFirst: boolean) =>
    isFirst ? plural(events, 'event') : `from event ${from}, ${plural(events, 'event')}`,
  under: (policy: string) => `, ${policy}`,
  shown: 'shown',
  name: (name: string) => `Name of ${name}`,
  switchTo: (name: string) => `Show ${name}`,
  show: 'Show',
  compare: 'Compare',
  compareTold: (name: string) => `Compare with ${name}`,
  drop: (name: string) => `Delete ${name}`,
  undo: 'Undo',
  undoTold: 'Undo the last edit (Ctrl+Z)',
  redo: 'Redo',
  redoTold: 'Redo the edit (Ctrl+Shift+Z)',
  close: 'Close',
  kind: 'edit',
} as const;
