import { type RefObject, useRef } from 'react';
import { type Branch, LONGEST_NAME, rowsOf } from '../draw/branches.ts';
import { Button } from '../kit/button.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';

/** Opens the tree of the runs that were made here. */
export function BranchesButton() {
  const dialog = useRef<HTMLDialogElement>(null);
  const count = usePage((page) => page.branches?.all.length ?? 1);
  return (
    <>
      <Button kind="quiet" onClick={() => dialog.current?.showModal()}>
        {words.branches.open(count)}
      </Button>
      <Tree dialog={dialog} />
    </>
  );
}

/** Takes back the last edit, and does it again. */
export function UndoButtons({ named = false }: { readonly named?: boolean }) {
  const { undo, redo } = useActions();
  const past = usePage((page) => page.edits.past.length);
  const future = usePage((page) => page.edits.future.length);
  const { undo: undoName, undoTold, redo: redoName, redoTold } = words.branches;
  const kind = named ? 'plain' : 'quiet';
  return (
    <>
      <Button kind={kind} icon="undo" label={undoTold} disabled={past === 0} onClick={() => void undo()}>
        {named && undoName}
      </Button>
      <Button kind={kind} icon="redo" label={redoTold} disabled={future === 0} onClick={() => void redo()}>
        {named && redoName}
      </Button>
    </>
  );
}

function Tree({ dialog }: { readonly dialog: RefObject<HTMLDialogElement | null> }) {
  const branches = usePage((page) => page.branches);
  const close = () => dialog.current?.close();
  return (
    <dialog ref={dialog} className="dialog branches" aria-labelledby="branches-title" closedby="any">
      <h2 id="branches-title">{words.branches.title}</h2>
      <p className="muted">{words.branches.hint}</p>
      <ul aria-label={words.branches.tree}>
        {branches !== null &&
          rowsOf(branches).map(({ branch, depth }) => (
            <Row key={branch.id} branch={branch} depth={depth} isShown={branch.id === branches.current} onGo={close} />
          ))}
      </ul>
      <div className="dialog-foot">
        <UndoButtons named />
        <span className="grow" />
        <Button kind="strong" onClick={close}>
          {words.branches.close}
        </Button>
      </div>
    </dialog>
  );
}

interface RowProps {
  readonly branch: Branch;
  readonly depth: number;
  readonly isShown: boolean;
  readonly onGo: () => void;
}

/** Steps to the right that are drawn; deeper ones stand under each other. */
const DEEPEST = 6;

function Row({ branch, depth, isShown, onGo }: RowProps) {
  const { id, parent, from, events, source } = branch;
  const { switchTo, dropBranch, nameBranch, compareRuns } = useActions();
  const name = branch.name || words.branches.unnamed(source.scenario ?? null, id);
  const go = (act: () => unknown) => () => {
    onGo();
    void act();
  };
  return (
    <li className="branch" aria-current={isShown} style={{ marginLeft: 20 * Math.min(depth, DEEPEST) }}>
      <input
        aria-label={words.branches.name(name)}
        maxLength={LONGEST_NAME}
        placeholder={words.branches.unnamed(source.scenario ?? null, id)}
        value={branch.name}
        onChange={({ target: { value } }) => nameBranch(id, value)}
      />
      <span className="muted small">
        {words.branches.told(from, events, parent === null)}
        {source.policy !== undefined && words.branches.under(source.policy)}
      </span>
      {isShown ? (
        <span className="badge">{words.branches.shown}</span>
      ) : (
        <span className="branch-acts">
          <Button label={words.branches.switchTo(name)} onClick={go(() => switchTo(id))}>
            {words.branches.show}
          </Button>
          <Button label={words.branches.compareTold(name)} onClick={go(() => compareRuns(source))}>
            {words.branches.compare}
          </Button>
          <Button kind="quiet" icon="close" label={words.branches.drop(name)} onClick={() => dropBranch(id)} />
        </span>
      )}
    </li>
  );
}
