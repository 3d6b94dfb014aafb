import { useState } from 'react';
import { eventsAt } from '../draw/beside.ts';
import { Button } from '../kit/button.tsx';
import { useNarrow } from '../kit/size.ts';
import { useActions, usePage } from '../store/context.tsx';
import type { Comparing } from '../store/state.ts';
import { words } from '../words.ts';
import { BesideTable, useSentence } from './beside-table.tsx';
import { RowScrubber } from './row-scrubber.tsx';
import { Things, useDifferences } from './things.tsx';

type TwoRuns = Extract<Comparing, { kind: 'runs' }>;
const SIDES = ['left', 'right', 'machine'] as const;
type Side = (typeof SIDES)[number];

/** Two runs beside each other, both at the row that the one scrubber stands at. */
export function Runs({ comparing }: { readonly comparing: TwoRuns }) {
  const narrow = useNarrow();
  const [side, setSide] = useState<Side>('left');
  return (
    <>
      <Told comparing={comparing} />
      {narrow && <Sides side={side} onPick={setSide} />}
      {(!narrow || side !== 'machine') && (
        <BesideTable comparing={comparing} only={narrow && side !== 'machine' ? side : null} />
      )}
      {(!narrow || side === 'machine') && <Machines comparing={comparing} />}
      <div className="compare-now">
        {(['left', 'right'] as const).map((each) => (
          <NowOf key={each} side={each} comparing={comparing} />
        ))}
      </div>
      <RowScrubber comparing={comparing} />
    </>
  );
}

function Told({ comparing: { beside } }: { readonly comparing: TwoRuns }) {
  const events = usePage((page) => page.run?.events ?? 0);
  const { shared } = beside.rows;
  return (
    <p className="compare-told muted" role="status">
      {words.compare.told(shared, events - shared, beside.run.events - shared)}
    </p>
  );
}

/** A narrow page has room for one side at a time. */
function Sides({ side, onPick }: { readonly side: Side; readonly onPick: (side: Side) => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a frame of its own
    <div className="switch sides" role="group" aria-label={words.compare.side}>
      {SIDES.map((each) => (
        <button key={each} type="button" aria-pressed={each === side} onClick={() => onPick(each)}>
          {words.compare.sides[each]}
        </button>
      ))}
    </div>
  );
}

/** How the two machines differ at the row. */
function Machines({ comparing: { beside, row } }: { readonly comparing: TwoRuns }) {
  const { left, right } = eventsAt(beside.rows, row);
  const things = useDifferences(left, right, 'beside');
  return (
    <section className="compare-machine" aria-label={words.compare.machine} data-box="differences">
      <h2>{words.compare.machine}</h2>
      <p className="muted small">{words.compare.machineTold(left, right)}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <div className="compare-scroll" tabIndex={0}>
        {things !== null && <Things things={things} kind="runs" />}
      </div>
    </section>
  );
}

/** The sentence that a run stands at, and the way to its picture. */
function NowOf({ side, comparing }: { readonly side: 'left' | 'right'; readonly comparing: TwoRuns }) {
  const { beside, row, source } = comparing;
  const event = eventsAt(beside.rows, row)[side];
  const told = useSentence(beside, side, event);
  const { stopComparing, open } = useActions();
  const show = () => (side === 'left' ? stopComparing() : void open({ ...source, at: event }));
  return (
    <section className={told?.fault ? 'compare-side fault' : 'compare-side'} aria-label={words.compare[side]}>
      <span className="mono event">{event}</span>
      <p>{told?.sentence ?? words.compare.start}</p>
      <Button
        kind="quiet"
        label={side === 'left' ? words.compare.showLeftTold(event) : words.compare.showRightTold(event)}
        onClick={show}
      >
        {words.compare.show}
      </Button>
    </section>
  );
}
