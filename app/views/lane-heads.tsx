import { memo, useRef } from 'react';
import type { LaneView } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';

interface HeadsProps {
  readonly lanes: readonly LaneView[];
  readonly shown: readonly LaneView[];
  readonly columns: ReadonlyMap<string, number>;
  readonly gutter: number;
}

/** The names over the lanes: a click hides one, and the list at the left brings it back. */
export const LaneHeads = memo(function LaneHeads({ lanes, shown, columns, gutter }: HeadsProps) {
  const { setLaneShown } = useActions();
  return (
    <div className="lane-heads">
      <Actors lanes={lanes} shown={shown} />
      {shown.map(({ id, label }) => (
        <button
          key={id}
          type="button"
          className="lane-head"
          style={{ left: gutter + (columns.get(id) ?? 0) }}
          data-box={`lane ${label}`}
          title={words.lanes.hide(label)}
          aria-label={words.lanes.hide(label)}
          onClick={() => setLaneShown(id, false)}
        >
          {label}
        </button>
      ))}
    </div>
  );
});

/** All actors of the run, each of which can be hidden and shown. */
function Actors({ lanes, shown }: Pick<HeadsProps, 'lanes' | 'shown'>) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { setLaneShown, chooseLanesAgain } = useActions();
  const changed = usePage(({ laneWishes }) => laneWishes.size > 0);
  const label = words.lanes.actors(shown.length, lanes.length);
  return (
    <>
      <button
        type="button"
        className="lane-menu mono"
        aria-label={label}
        title={label}
        onClick={() => dialog.current?.showModal()}
      >
        {words.lanes.count(shown.length, lanes.length)}
      </button>
      <dialog ref={dialog} className="dialog" aria-label={words.lanes.choose}>
        <h2>{words.lanes.choose}</h2>
        <p className="muted small">{words.lanes.chooseHint}</p>
        <div className="lane-list">
          {lanes.map(({ id, label: name }) => (
            <label key={id}>
              <input
                type="checkbox"
                checked={shown.some((one) => one.id === id)}
                onChange={(event) => setLaneShown(id, event.target.checked)}
              />
              {name}
            </label>
          ))}
        </div>
        <div className="dialog-foot">
          {changed && <Button onClick={chooseLanesAgain}>{words.lanes.again}</Button>}
          <Button kind="strong" onClick={() => dialog.current?.close()}>
            {words.lanes.close}
          </Button>
        </div>
      </dialog>
    </>
  );
}
