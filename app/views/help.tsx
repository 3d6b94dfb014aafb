import type { RefObject } from 'react';
import { Button } from '../kit/button.tsx';
import { useNarrow } from '../kit/size.ts';
import { words } from '../words.ts';
import { InvariantsButton } from './invariants.tsx';

/** The keys and the signs of the page. */
export function Help({ dialog }: { readonly dialog: RefObject<HTMLDialogElement | null> }) {
  const narrow = useNarrow();
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="help-title" closedby="any">
      <h2 id="help-title">{words.help.title}</h2>
      <Pairs pairs={words.help.keys} />
      <Pairs pairs={words.help.legend} />
      <div className="dialog-foot">
        {narrow && <InvariantsButton />}
        <Button kind="strong" onClick={() => dialog.current?.close()}>
          {words.help.close}
        </Button>
      </div>
    </dialog>
  );
}

function Pairs({ pairs }: { readonly pairs: readonly (readonly [string, string])[] }) {
  return (
    <dl className="fields wide">
      {pairs.map(([name, meaning]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
