import { useEffect, useLayoutEffect, useRef } from 'react';
import { Button } from '../kit/button.tsx';
import { type Bookmark, LONGEST_NOTE } from '../store/bookmarks.ts';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';

/** The bookmarks of the run, while somebody looks at them. */
export function Bookmarks() {
  const open = usePage((page) => page.notebook !== null);
  return open && <Notebook />;
}

/** Opens the list of bookmarks. */
export function BookmarksButton() {
  const { openBookmarks } = useActions();
  return <Button kind="quiet" icon="flag" label={words.bookmarks.open} onClick={() => openBookmarks(false)} />;
}

function Notebook() {
  const dialog = useRef<HTMLDialogElement>(null);
  const bookmarks = usePage((page) => page.bookmarks);
  const at = usePage((page) => page.moment?.at ?? 0);
  const { closeBookmarks, openBookmarks } = useActions();
  // Before the note asks for the focus: an opened dialog gives it to its first control.
  useLayoutEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  const { title, told, none, add, close } = words.bookmarks;
  const isMarked = bookmarks.some(({ event }) => event === at);
  return (
    <dialog
      ref={dialog}
      className="dialog bookmarks"
      aria-labelledby="bookmarks-title"
      closedby="any"
      onClose={closeBookmarks}
    >
      <h2 id="bookmarks-title">{title}</h2>
      <p className="muted">{told}</p>
      {bookmarks.length === 0 && <p>{none}</p>}
      <ul>
        {bookmarks.map((bookmark) => (
          <Row key={bookmark.event} bookmark={bookmark} onDone={() => dialog.current?.close()} />
        ))}
      </ul>
      <div className="dialog-foot">
        <UndoOfBookmarks />
        {!isMarked && <Button onClick={() => openBookmarks(true)}>{add(at)}</Button>}
        <Button kind="strong" onClick={() => dialog.current?.close()}>
          {close}
        </Button>
      </div>
    </dialog>
  );
}

/** Takes back what was done last, if that was done to the bookmarks. */
function UndoOfBookmarks() {
  const { undo } = useActions();
  const last = usePage((page) => page.edits.past.at(-1));
  const isOfBookmarks = last !== undefined && 'change' in last && last.change.bookmarks !== undefined;
  return (
    isOfBookmarks && (
      <Button icon="undo" label={words.branches.undoTold} onClick={() => void undo()}>
        {words.branches.undo}
      </Button>
    )
  );
}

function Row({ bookmark, onDone }: { readonly bookmark: Bookmark; readonly onDone: () => void }) {
  const { event, note } = bookmark;
  const field = useRef<HTMLInputElement>(null);
  const writing = usePage((page) => page.notebook?.writing === event);
  const isHere = usePage((page) => page.moment?.at === event);
  const isBeyond = usePage((page) => event > (page.run?.events ?? 0));
  const { writeNote, removeBookmark, goToBookmark } = useActions();
  useEffect(() => {
    if (writing) field.current?.focus();
  }, [writing]);
  const go = () => {
    onDone();
    void goToBookmark(bookmark);
  };
  return (
    <li aria-current={isHere ? 'step' : undefined}>
      <Button kind="quiet" className="mono" label={words.bookmarks.goTo(event)} disabled={isBeyond} onClick={go}>
        {event}
      </Button>
      <input
        ref={field}
        type="text"
        aria-label={words.bookmarks.note(event)}
        placeholder={isBeyond ? words.bookmarks.beyond : words.bookmarks.placeholder}
        maxLength={LONGEST_NOTE}
        value={note}
        onChange={({ target }) => writeNote(event, target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          // The dialog gives the focus back at once: the button that gets it must not take the key for its own.
          event.preventDefault();
          onDone();
        }}
      />
      <Button kind="quiet" icon="close" label={words.bookmarks.remove(event)} onClick={() => removeBookmark(event)} />
    </li>
  );
}
