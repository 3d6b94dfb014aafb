/** Moments that somebody wants to find again. */
export const bookmarks = {
  open: 'Bookmarks',
  title: 'Bookmarks of this run',
  told: 'B sets one at the moment shown; J and Shift+J go to the next one and back. The link carries them, and this browser keeps them.',
  none: 'None yet.',
  add: (event: number) => `Bookmark event ${event}`,
  note: (event: number) => `Note of event ${event}`,
  unnamed: 'no note',
  placeholder: 'why it matters',
  goTo: (event: number) => `Go to the bookmark at event ${event}`,
  remove: (event: number) => `Delete the bookmark at event ${event}`,
  beyond: 'beyond the end of this run',
  named: (event: number, note: string) => (note === '' ? `Bookmark at event ${event}` : `${note} (event ${event})`),
  palette: (event: number, note: string) => `Go to bookmark ${note === '' ? '' : `${note}, `}event ${event}`,
  changed: (event: number) =>
    `Event ${event} is not in the state that it had when its bookmark was set: the core or the script has changed since.`,
  tooMany: (most: number) => `A run has at most ${most} bookmarks: delete one first.`,
  close: 'Close',
} as const;
