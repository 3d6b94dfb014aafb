import { type Bookmark, LONGEST_NOTE, MOST_BOOKMARKS } from './store/bookmarks.ts';

/** Bookmarks as text, for links and for what the browser keeps. */
export function printBookmarks(bookmarks: readonly Bookmark[]): string {
  return JSON.stringify(bookmarks.map(({ event, note, fingerprint }) => [event, note, fingerprint]));
}

/** Bookmarks as they were printed; null for a text that is anything else. */
export function readBookmarks(text: string): readonly Bookmark[] | null {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(rows) || rows.length > MOST_BOOKMARKS) return null;
  const bookmarks = rows.map(bookmarkIn);
  return bookmarks.every((bookmark) => bookmark !== null) ? bookmarks : null;
}

function bookmarkIn(row: unknown): Bookmark | null {
  if (!Array.isArray(row) || row.length !== 3) return null;
  const [event, note, fingerprint] = row as readonly unknown[];
  if (typeof event !== 'number' || !Number.isInteger(event) || event < 0 || event > 999_999_999) return null;
  if (typeof note !== 'string' || note.length > LONGEST_NOTE) return null;
  if (fingerprint !== null && !(typeof fingerprint === 'string' && /^[0-9a-f]{16}$/.test(fingerprint))) return null;
  return { event, note, fingerprint };
}
