import { type RefObject, useState } from 'react';
import { Button } from '../kit/button.tsx';
import { useNarrow } from '../kit/size.ts';
import { applyPatterns, keptPatterns } from '../theme.ts';
import { words } from '../words.ts';
import { BranchesButton } from './branches.tsx';
import { CompareButton } from './compare-button.tsx';
import { InvariantsButton } from './invariants.tsx';

/** The keys and the signs of the page. */
export function Help({ dialog }: { readonly dialog: RefObject<HTMLDialogElement | null> }) {
  const narrow = useNarrow();
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="help-title" closedby="any">
      <h2 id="help-title">{words.help.title}</h2>
      <Pairs pairs={words.help.keys} />
      <Pairs pairs={words.help.legend} />
      <Patterns />
      <div className="dialog-foot">
        {narrow && <CompareButton onOpen={() => dialog.current?.close()} />}
        {narrow && <BranchesButton />}
        {narrow && <InvariantsButton />}
        <Button kind="strong" onClick={() => dialog.current?.close()}>
          {words.help.close}
        </Button>
      </div>
    </dialog>
  );
}

/** Lets patterns say what hues say. */
function Patterns() {
  const [on, setOn] = useState(keptPatterns);
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={on}
        onChange={({ target: { checked } }) => {
          applyPatterns(checked);
          setOn(checked);
        }}
      />
      {words.help.patterns}
    </label>
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
