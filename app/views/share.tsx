import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Button } from '../kit/button.tsx';
import { linkTo } from '../link.ts';
import { addCompared } from '../link-compare.ts';
import { addFocus } from '../link-focus.ts';
import { usePage } from '../store/context.tsx';
import { words } from '../words.ts';

/** Makes the link to this moment, copies it and shows it. */
export function ShareButton({ onTakeAway }: { readonly onTakeAway: () => void }) {
  const run = usePage((page) => page.run);
  const moment = usePage((page) => page.moment);
  const comparing = usePage((page) => page.comparing);
  const selected = usePage((page) => page.selected);
  const bookmarks = usePage((page) => page.bookmarks);
  const stretch = usePage((page) => page.stretch);
  const dialog = useRef<HTMLDialogElement>(null);
  const [link, setLink] = useState('');
  const [copied, setCopied] = useState(false);
  const share = async () => {
    if (run === null || moment === null) return;
    const { at, view } = moment;
    const { fingerprint } = view;
    const url = await linkTo({ run, at, fingerprint, selected, bookmarks }, new URL(location.href));
    await addCompared(url, { comparing, run });
    addFocus(url, { stretch });
    // Who opens the dialog and reads the field at once must not find it empty.
    flushSync(() => setLink(url.href));
    dialog.current?.showModal();
    setCopied(await copy(url.href));
  };
  return (
    <>
      <Button onClick={share} disabled={moment === null}>
        {words.top.share}
      </Button>
      <dialog ref={dialog} className="dialog" aria-labelledby="share-title" closedby="any">
        <h2 id="share-title">{words.share.title}</h2>
        <p>{words.share.told(moment?.at ?? 0)}</p>
        <input
          className="mono"
          readOnly
          aria-label={words.share.field}
          value={link}
          onFocus={(event) => event.target.select()}
        />
        <p className="muted" aria-live="polite">
          {copied ? words.share.copied : words.share.notCopied}
        </p>
        <div className="dialog-foot">
          <Button
            onClick={() => {
              dialog.current?.close();
              onTakeAway();
            }}
          >
            {words.share.otherwise}
          </Button>
          <Button kind="strong" onClick={() => dialog.current?.close()}>
            {words.share.close}
          </Button>
        </div>
      </dialog>
    </>
  );
}

/** Puts a text on the clipboard, and says whether the browser let it. */
export async function copy(text: string): Promise<boolean> {
  return (
    navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    ) ?? false
  );
}
