import { printBookmarks, readBookmarks } from './bookmark-text.ts';
import { keep, kept } from './kept.ts';
import type { BookmarkShelf } from './store/bookmarks.ts';

const KEPT_AS = 'svm-bookmarks';
/** Runs whose bookmarks are kept, the last ones. */
const RUNS_KEPT = 50;

/** Bookmarks as this browser keeps them: of each run a text, the run that was changed last at the end. */
export const bookmarkShelf: BookmarkShelf = {
  read: (run) => readBookmarks(all().get(run) ?? '[]') ?? [],
  write: (run, bookmarks) => {
    const runs = all();
    runs.delete(run);
    if (bookmarks.length > 0) runs.set(run, printBookmarks(bookmarks));
    keep(KEPT_AS, JSON.stringify([...runs].slice(-RUNS_KEPT)));
  },
};

/** All that is kept; nothing where somebody else has written there. */
function all(): Map<string, string> {
  try {
    const runs: unknown = JSON.parse(kept(KEPT_AS) ?? '[]');
    const isKept = (run: unknown): run is [string, string] =>
      Array.isArray(run) && run.length === 2 && run.every((part) => typeof part === 'string');
    return new Map(Array.isArray(runs) ? runs.filter(isKept) : []);
  } catch {
    return new Map();
  }
}
