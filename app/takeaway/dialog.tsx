import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Taken } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { VIEWS, type View } from '../picture/apart.tsx';
import { words } from '../words.ts';
import { Bring } from './bring.tsx';
import { PictureOut } from './picture-out.tsx';
import { TextOut } from './text-out.tsx';

const KINDS = {
  read: ['chart', 'race', 'trace', 'mermaid', 'invariants'],
  tools: ['jsonl', 'perfetto', 'state', 'script'],
} as const satisfies Record<string, readonly Taken[]>;

type Picked = { readonly text: Taken } | { readonly view: View } | 'bring';

/** What the list calls each of them. */
const idOf = (picked: Picked): string =>
  picked === 'bring' ? picked : 'text' in picked ? picked.text : `picture of ${picked.view}`;

interface TakeAwayProps {
  /** A file that was let go over the page, null for none. */
  readonly dropped: File | null;
  readonly onClose: () => void;
}

/** Everything that the run can be taken away as, with a look at it; and the way to bring one in. */
export function TakeAway({ dropped, onClose }: TakeAwayProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [picked, setPicked] = useState<Picked>(dropped === null ? { text: 'chart' } : 'bring');
  useEffect(() => {
    if (dialog.current?.open !== false) return;
    dialog.current.showModal();
    dialog.current.querySelector<HTMLElement>('input:checked')?.focus();
  }, []);
  useEffect(() => {
    if (dropped !== null) setPicked('bring');
  }, [dropped]);
  const close = () => dialog.current?.close();
  return (
    <dialog ref={dialog} className="dialog takeaway" aria-labelledby="takeaway-title" closedby="any" onClose={onClose}>
      <div className="takeaway-head">
        <h2 id="takeaway-title">{words.takeaway.title}</h2>
        <Button kind="quiet" icon="close" label={words.takeaway.close} onClick={close} />
      </div>
      <fieldset className="takeaway-list" aria-label={words.takeaway.formats}>
        {Object.entries(KINDS).map(([kind, forms]) => (
          <Kind key={kind} name={words.takeaway.kinds[kind as keyof typeof KINDS]}>
            {forms.map((text) => (
              <Form key={text} form={{ text }} name={words.takeaway.forms[text].name} {...{ picked, setPicked }} />
            ))}
          </Kind>
        ))}
        <Kind name={words.takeaway.kinds.pictures}>
          {VIEWS.map((view) => (
            <Form key={view} form={{ view }} name={words.takeaway.views[view].name} {...{ picked, setPicked }} />
          ))}
        </Kind>
        <Kind name={words.takeaway.kinds.bring}>
          <Form form="bring" name={words.takeaway.bring.name} {...{ picked, setPicked }} />
        </Kind>
      </fieldset>
      <div className="takeaway-one">
        {picked === 'bring' && <Bring dropped={dropped} onOpened={close} />}
        {picked !== 'bring' && 'text' in picked && <TextOut form={picked.text} />}
        {picked !== 'bring' && 'view' in picked && <PictureOut view={picked.view} />}
      </div>
    </dialog>
  );
}

function Kind({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <h3 className="muted small">{name}</h3>
      {children}
    </div>
  );
}

interface FormProps {
  readonly form: Picked;
  readonly name: string;
  readonly picked: Picked;
  readonly setPicked: (form: Picked) => void;
}

function Form({ form, name, picked, setPicked }: FormProps) {
  return (
    <label className="takeaway-form">
      <input type="radio" name="takeaway" checked={idOf(form) === idOf(picked)} onChange={() => setPicked(form)} />
      {name}
    </label>
  );
}
