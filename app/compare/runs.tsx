import { useState } from 'react';
import { eventsAt } from '../draw/beside.ts';
import { shownAs } from '../draw/columns.ts';
import type { ThingDiff } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { useNarrow } from '../kit/size.ts';
import { useActions, usePage } from '../store/context.tsx';
import { type Comparing, LOOKS, type Look } from '../store/state.ts';
import { words } from '../words.ts';
import { BesideTable, useSentence } from './beside-table.tsx';
import { type Picked, Pictures, useMoments } from './pictures.tsx';
import { RowScrubber } from './row-scrubber.tsx';
import { Things, useDifferences } from './things.tsx';

type TwoRuns = Extract<Comparing, { kind: 'runs' }>;
const SIDES = ['left', 'right', 'machine'] as const;
type Shown = (typeof SIDES)[number];

/** Two runs beside each other, both at the row that the one scrubber stands at: their events, or their machines. */
export function Runs({ comparing }: { readonly comparing: TwoRuns }) {
  const narrow = useNarrow();
  const [shown, setShown] = useState<Shown>('left');
  const { showLook } = useActions();
  const [picked, setPicked] = useState<Picked | null>(null);
  const at = eventsAt(comparing.beside.rows, comparing.row);
  const things = useDifferences(at.left, at.right, 'beside');
  const moments = useMoments(comparing, at);
  const only = narrow && shown !== 'machine' ? shown : null;
  const about = ({ side, key }: Picked) =>
    things?.filter(({ keys }) => keys[side] !== null && shownAs(keys[side], moments[side]?.view) === key) ?? null;
  const isPictured = comparing.look === 'machines';
  return (
    <>
      <div className="compare-looks">
        <Looks look={comparing.look} onPick={showLook} />
        <Told comparing={comparing} />
      </div>
      {narrow && <Sides side={shown} onPick={setShown} />}
      {(!narrow || shown !== 'machine') &&
        (isPictured ? (
          <Pictures {...{ comparing, moments, things, only, picked }} onPick={setPicked} />
        ) : (
          <BesideTable comparing={comparing} only={only} />
        ))}
      {(!narrow || shown === 'machine') && (
        <Machines
          at={at}
          things={isPictured && picked !== null ? about(picked) : things}
          only={isPictured && picked !== null}
          onAll={() => setPicked(null)}
        />
      )}
      <div className="compare-now">
        {(['left', 'right'] as const).map((each) => (
          <NowOf key={each} side={each} comparing={comparing} />
        ))}
      </div>
      <RowScrubber comparing={comparing} />
    </>
  );
}

/** The rows of both runs, or both machines. */
function Looks({ look, onPick }: { readonly look: Look; readonly onPick: (look: Look) => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a frame of its own
    <div className="switch" role="group" aria-label={words.compare.look}>
      {LOOKS.map((each) => (
        <button key={each} type="button" aria-pressed={each === look} onClick={() => onPick(each)}>
          {words.compare.looks[each]}
        </button>
      ))}
    </div>
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
function Sides({ side, onPick }: { readonly side: Shown; readonly onPick: (side: Shown) => void }) {
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

interface MachinesProps {
  readonly at: { readonly left: number; readonly right: number };
  readonly things: readonly ThingDiff[] | null;
  /** They are but those of a thing that was picked. */
  readonly only: boolean;
  readonly onAll: () => void;
}

/** How the two machines differ at the row, or a thing that was picked in one of their pictures. */
function Machines({ at, things, only, onAll }: MachinesProps) {
  return (
    <section className="compare-machine" aria-label={words.compare.machine} data-box="differences">
      <h2>{words.compare.machine}</h2>
      <p className="muted small">{words.compare.machineTold(at.left, at.right)}</p>
      {only && (
        <button type="button" className="link" onClick={onAll}>
          {words.compare.all}
        </button>
      )}
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
