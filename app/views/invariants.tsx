import { type RefObject, useRef } from 'react';
import type { InvariantsView, Standing } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';

/** Looks at every invariant at the moment shown, and tells how each stands. */
export function InvariantsButton() {
  const dialog = useRef<HTMLDialogElement>(null);
  const { checkInvariants } = useActions();
  const open = async () => {
    await checkInvariants();
    dialog.current?.showModal();
  };
  return (
    <>
      <Button kind="quiet" onClick={open}>
        {words.invariants.open}
      </Button>
      <Invariants dialog={dialog} />
    </>
  );
}

function Invariants({ dialog }: { readonly dialog: RefObject<HTMLDialogElement | null> }) {
  const invariants = usePage((page) => page.invariants);
  const at = usePage((page) => page.moment?.at ?? 0);
  const policy = usePage((page) => page.moment?.view.policy ?? '');
  return (
    <dialog ref={dialog} className="dialog invariants" aria-labelledby="invariants-title" closedby="any">
      <h2 id="invariants-title">
        {words.invariants.title}
        {invariants !== null && (
          <span className="mono count">{words.invariants.count(invariants.holding, invariants.applying)}</span>
        )}
      </h2>
      <p className="muted">{words.invariants.told(at, policy)}</p>
      {invariants !== null && <Standings invariants={invariants} />}
      <div className="dialog-foot">
        <Button kind="strong" onClick={() => dialog.current?.close()}>
          {words.invariants.close}
        </Button>
      </div>
    </dialog>
  );
}

/** How each of them stands. */
export function Standings({ invariants: { standings } }: { readonly invariants: InvariantsView }) {
  return (
    <ul>
      {standings.map((standing) => (
        <Row key={standing.id} standing={standing} />
      ))}
    </ul>
  );
}

const SIGNS: Readonly<Record<Standing['state'], string>> = {
  holds: '\u2713',
  broken: '\u2717',
  untried: '\u25cb',
  excepted: '\u2013',
};

function Row({ standing: { id, stands, claim, cases, state, detail, events } }: { readonly standing: Standing }) {
  const more = state === 'untried' ? words.invariants.looksAt(cases) : detail;
  return (
    <li className={`invariant ${state}`}>
      <span className="sign" aria-hidden="true">
        {SIGNS[state]}
      </span>
      <div>
        <p className="invariant-head">
          <b className="mono">{id}</b>
          <span className="muted">{stands.join(' ')}</span>
          <span className="grow" />
          <span className="muted">
            {state === 'holds' ? words.invariants.met(events) : words.invariants.states[state]}
          </span>
        </p>
        <p>{claim}</p>
        {more !== '' && <p className={state === 'broken' ? 'fault-text' : 'muted'}>{more}</p>}
      </div>
    </li>
  );
}
