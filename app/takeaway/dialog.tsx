import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Taken } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { type View, viewsOf } from '../picture/apart.tsx';
import { usePlayground } from '../store/context.tsx';
import { words } from '../words.ts';
import { Bring } from './bring.tsx';
import { PictureOut } from './picture-out.tsx';
import { TextOut } from './text-out.tsx';

const KINDS = {
  read: ['chart', 'race', 'trace', 'mermaid', 'invariants'],
  tools: ['jsonl', 'perfetto', 'state', 'script'],
} as const satisfies Record<string, readonly Taken[]>;

type Picked = { readonly text: Taken } | { readonly view: View } | 'paper' | 'bring';

/** What the list calls each of them. */
const idOf = (picked: Picked): string =>
  typeof picked === 'string' ? picked : 'text' in picked ? picked.text : `picture of ${picked.view}`;

interface TakeAwayProps {
  /** A file that was let go over the page, null for none. */
  readonly dropped: File | null;
  readonly onClose: () => void;
  readonly onHandout: () => void;
}

/** Everything that the run can be taken away as, with a look at it; and the way to bring one in. */
export function TakeAway({ dropped, onClose, onHandout }: TakeAwayProps) {
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
  const { store } = usePlayground();
  const views = viewsOf(store.getState());
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
          {views.map((view) => (
            <Form key={view} form={{ view }} name={words.takeaway.views[view].name} {...{ picked, setPicked }} />
          ))}
        </Kind>
        <Kind name={words.takeaway.kinds.paper}>
          <Form form="paper" name={words.handout.open} {...{ picked, setPicked }} />
        </Kind>
        <Kind name={words.takeaway.kinds.bring}>
          <Form form="bring" name={words.takeaway.bring.name} {...{ picked, setPicked }} />
        </Kind>
      </fieldset>
      <div className="takeaway-one">
        <One picked={picked} dropped={dropped} onOpened={close} onHandout={onHandout} />
      </div>
    </dialog>
  );
}

interface OneProps {
  readonly picked: Picked;
  readonly dropped: File | null;
  readonly onOpened: () => void;
  readonly onHandout: () => void;
}

function One({ picked, dropped, onOpened, onHandout }: OneProps) {
  if (picked === 'bring') return <Bring dropped={dropped} onOpened={onOpened} />;
  if (picked === 'paper') return <Paper onHandout={onHandout} />;
  return 'text' in picked ? <TextOut form={picked.text} /> : <PictureOut view={picked.view} />;
}

function Paper({ onHandout }: { readonly onHandout: () => void }) {
  return (
    <>
      <p className="takeaway-use">{words.handout.use}</p>
      <div className="takeaway-ways">
        <Button kind="strong" onClick={onHandout}>
          {words.handout.show}
        </Button>
      </div>
    </>
  );
}

function Kind({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a frame of its own
    <div role="group" aria-label={name}>
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
