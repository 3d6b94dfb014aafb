const plural = (count: number, one: string) => `${count} ${count === 1 ? one : `${one}s`}`;

/** Who moves next: the person decides. */
export const scheduler = {
  label: 'Scheduler',
  open: 'Be the scheduler (S)',
  turns: 'Can move',
  orders: 'The script still says',
  waits: 'Cannot move',
  left: 'Left behind',
  hint: 'Pick who moves next. Keys: 1 to 9 pick, up and down choose, Backspace takes the last step back.',
  undo: 'Take the last step back (Backspace)',
  due: 'due',
  dueTold: 'the clock would let this one move',
  way: (way: number, ways: number) => `way ${way + 1} of ${ways}`,
  tell: (who: string) => `tell ${who}`,
  halted: 'An invariant is broken: nobody moves any more. Take the last step back to try another one.',
  done: 'Everything that was begun has come to its end, and the script has nothing more to say.',
  stuck: 'Nobody can move.',
  leaves: (events: number) => `A pick leaves the ${plural(events, 'event')} after this moment behind.`,
  written: 'In the script:',
  branch: (at: number, events: number) => `Back to the run of ${plural(events, 'event')}, at event ${at}`,
} as const;
