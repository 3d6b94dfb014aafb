import type { RunInfo } from '../engine/contract.ts';
import { words } from '../words.ts';
import { undoably } from './arranging.ts';
import type { PageStore } from './state.ts';

/** A moment that somebody wants to find again, and why. */
export interface Bookmark {
  readonly event: number;
  readonly note: string;
  /** Fingerprint of the machine when it was set, null where a link does not say. */
  readonly fingerprint: string | null;
}

export const MOST_BOOKMARKS = 100;
export const LONGEST_NOTE = 200;

/** Where bookmarks of a run outlive a visit. */
export interface BookmarkShelf {
  read(run: string): readonly Bookmark[];
  write(run: string, bookmarks: readonly Bookmark[]): void;
}

/** The actions on bookmarks. They belong to the run that is open; another run has its own. */
export function bookmarksOf(
  store: PageStore,
  shelf: BookmarkShelf,
  move: { readonly seek: (at: number) => Promise<void>; readonly tell: (texts: readonly string[]) => void },
) {
  /** The event whose note is being written: all its letters are undone at once, and with them a bookmark that is new. */
  let writing: number | null = null;
  const set = (bookmarks: readonly Bookmark[]) => store.setState((page) => undoably(page, { bookmarks }));
  keepOn(store, shelf);

  return {
    /** Opens the list of bookmarks; with `here` the moment shown is among them, and its note is written. */
    openBookmarks: (here: boolean) => {
      const { moment, bookmarks, dead } = store.getState();
      if (moment === null || dead !== null) return;
      const { at: event, view } = moment;
      const isNew = here && !bookmarks.some((one) => one.event === event);
      if (isNew && bookmarks.length >= MOST_BOOKMARKS) move.tell([words.bookmarks.tooMany(MOST_BOOKMARKS)]);
      else if (isNew) set(merged(bookmarks, [{ event, note: '', fingerprint: view.fingerprint }]));
      writing = isNew ? event : null;
      store.setState({ notebook: { writing: here ? event : null } });
    },
    closeBookmarks: () => {
      writing = null;
      store.setState({ notebook: null });
    },
    writeNote: (event: number, text: string) => {
      const note = text.slice(0, LONGEST_NOTE);
      const bookmarks = store.getState().bookmarks.map((one) => (one.event === event ? { ...one, note } : one));
      if (writing === event) store.setState({ bookmarks });
      else set(bookmarks);
      writing = event;
    },
    removeBookmark: (event: number) => {
      writing = null;
      set(store.getState().bookmarks.filter((one) => one.event !== event));
    },
    /** Adds the bookmarks that a link carries; where both have one, the link's is kept. */
    takeBookmarks: (carried: readonly Bookmark[]) =>
      store.setState(({ bookmarks }) => ({ bookmarks: merged(bookmarks, carried) })),
    goToBookmark: async (bookmark: Bookmark) => {
      await move.seek(bookmark.event);
      const { moment, notices } = store.getState();
      const same = bookmark.fingerprint === null || moment?.view.fingerprint === bookmark.fingerprint;
      const told = words.bookmarks.changed(bookmark.event);
      if (!same && !notices.some(({ text }) => text === told)) move.tell([told]);
    },
    /** The nearest bookmark after or before the moment shown, null for none. */
    nextBookmark: (direction: 1 | -1): Bookmark | null => {
      const { bookmarks, moment } = store.getState();
      const at = moment?.at ?? 0;
      if (direction === 1) return bookmarks.find(({ event }) => event > at) ?? null;
      return bookmarks.findLast(({ event }) => event < at) ?? null;
    },
  };
}

/** Keeps the bookmarks of each run on the shelf, and takes them out when the run is opened. */
function keepOn(store: PageStore, shelf: BookmarkShelf): void {
  store.subscribe((page, old) => {
    if (page.run === null) return;
    if (page.run === old.run) {
      if (page.bookmarks !== old.bookmarks) shelf.write(nameOf(page.run), page.bookmarks);
      return;
    }
    const name = nameOf(page.run);
    if (old.run !== null && nameOf(old.run) === name) return;
    // A command has made another run of this one: what lies before it is still the same.
    const carried = page.moment === null ? [] : page.bookmarks.filter(({ event }) => event <= (page.moment?.at ?? 0));
    const kept = merged(shelf.read(name), carried);
    store.setState({ bookmarks: kept, notebook: null });
  });
}

/** Two sets of bookmarks as one, in the order of their events; of two at one event the second's, unless it says nothing. */
function merged(some: readonly Bookmark[], others: readonly Bookmark[]): readonly Bookmark[] {
  const all = new Map(some.map((one) => [one.event, one]));
  for (const other of others) {
    const known = all.get(other.event);
    all.set(other.event, known !== undefined && other.note === '' ? known : other);
  }
  return [...all.values()].sort((one, other) => one.event - other.event).slice(0, MOST_BOOKMARKS);
}

/** What tells the runs apart whose bookmarks are kept. */
function nameOf({ scenario, script, policy, bug }: RunInfo): string {
  return [scenario ?? `script ${digestOf(script)}`, policy ?? '', bug ?? ''].join(' | ');
}

/** FNV-1a, 32 bits, and the length: scripts of one person are told apart by that. */
function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  return `${(hash >>> 0).toString(16)}-${text.length}`;
}
