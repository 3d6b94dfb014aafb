import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { neighbour } from '../keys.ts';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { type Entry, entriesOf, eventEntry, type PaletteHost } from './entries.ts';
import { search } from './search.ts';

interface PaletteProps {
  readonly host: PaletteHost;
  readonly onClose: () => void;
}

/** Everything that can be done, by a few letters of its name. */
export function Palette({ host, onClose }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  const pick = (entry: Entry | undefined) => {
    dialog.current?.close();
    entry?.run();
  };
  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-label={words.palette.label}
      closedby="any"
      onClose={onClose}
      // A closed dialog says so only a moment later, and the keys that open it again may be pressed before.
      onCancel={(event) => {
        event.preventDefault();
        dialog.current?.close();
        onClose();
      }}
    >
      <Search host={host} onPick={pick} />
    </dialog>
  );
}

function Search({ host, onPick }: { readonly host: PaletteHost; readonly onPick: (entry: Entry | undefined) => void }) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const found = useFound(text, host);
  const list = useId();
  const onKeyDown = (event: KeyboardEvent) => {
    const next = event.key.startsWith('Arrow') ? neighbour(event.key, chosen, found.length) : null;
    if (event.key === 'Enter') onPick(found[chosen]);
    else if (next !== null && event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') setChosen(next);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={found.length > 0 ? `${list}-${chosen}` : undefined}
        aria-label={words.palette.field}
        placeholder={words.palette.placeholder}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="palette-list" id={list} role="listbox" aria-label={words.palette.label}>
        {found.map((entry, index) => (
          <Offer key={entry.id} id={`${list}-${index}`} entry={entry} chosen={index === chosen} onPick={onPick} />
        ))}
        {found.length === 0 && <p className="muted">{words.palette.nothing}</p>}
      </div>
    </>
  );
}

function useFound(text: string, host: PaletteHost): readonly Entry[] {
  const run = usePage((page) => page.run);
  const bookmarks = usePage((page) => page.bookmarks);
  const moment = usePage((page) => page.moment);
  const scenarios = usePage((page) => page.scenarios);
  const policies = usePage((page) => page.policies);
  const playing = usePage((page) => page.playing);
  const stretch = usePage((page) => page.stretch);
  const actions = useActions();
  const event = eventEntry(text, { run }, actions);
  const entries = search(
    entriesOf({ bookmarks, run, moment, scenarios, policies, playing, stretch }, actions, host),
    text,
  );
  return event === null ? entries : [event, ...entries];
}

interface OfferProps {
  readonly id: string;
  readonly entry: Entry;
  readonly chosen: boolean;
  readonly onPick: (entry: Entry) => void;
}

function Offer({ id, entry, chosen, onPick }: OfferProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the textbox keeps the focus and has the keys
    <div
      ref={row}
      id={id}
      role="option"
      aria-selected={chosen}
      className={chosen ? 'palette-entry chosen' : 'palette-entry'}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => onPick(entry)}
    >
      <span className="wrap">{entry.label}</span>
      <span className="muted small">{entry.kind}</span>
    </div>
  );
}
