/** The words of the mode for lecture halls. */
export const present = {
  open: 'Present: for a lecture hall',
  label: 'Presentation',
  chapters: 'Chapters',
  counter: (at: number, events: number) => `${at} / ${events}`,
  picture: (columns: readonly string[]) =>
    columns.length === 0 ? 'The whole machine' : `What happens, in ${columns.join(', ')}`,
  keys: 'Right or Page Down: on. Left or Page Up: back. A: all columns. B: black. F: full screen. Escape: leave.',
  screen: 'Full screen (F)',
  leave: 'Leave the presentation (Escape)',
  refused:
    'The screen cannot be filled here: the browser, or the page around this one, does not allow it. All else works.',
  black: 'Black. Any key goes on.',
} as const;
