import { useEffect, useRef, useState } from 'react';
import type { Taken } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { words } from '../words.ts';
import { Bring } from './bring.tsx';
import { TextOut } from './text-out.tsx';

const KINDS = {
  read: ['chart', 'race', 'trace', 'mermaid', 'invariants'],
  tools: ['jsonl', 'perfetto', 'state', 'script'],
} as const satisfies Record<string, readonly Taken[]>;

type Picked = Taken | 'bring';

interface TakeAwayProps {
  /** A file that was let go over the page, null for none. */
  readonly dropped: File | null;
  readonly onClose: () => void;
}

/** Everything that the run can be taken away as, with a look at it; and the way to bring one in. */
export function TakeAway({ dropped, onClose }: TakeAwayProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [picked, setPicked] = useState<Picked>(dropped === null ? 'chart' : 'bring');
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
          <div key={kind}>
            <h3 className="muted small">{words.takeaway.kinds[kind as keyof typeof KINDS]}</h3>
            {forms.map((form) => (
              <Form key={form} form={form} name={words.takeaway.forms[form].name} {...{ picked, setPicked }} />
            ))}
          </div>
        ))}
        <div>
          <h3 className="muted small">{words.takeaway.kinds.bring}</h3>
          <Form form="bring" name={words.takeaway.bring.name} {...{ picked, setPicked }} />
        </div>
      </fieldset>
      <div className="takeaway-one">
        {picked === 'bring' ? <Bring dropped={dropped} onOpened={close} /> : <TextOut form={picked} />}
      </div>
    </dialog>
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
      <input type="radio" name="takeaway" checked={form === picked} onChange={() => setPicked(form)} />
      {name}
    </label>
  );
}
