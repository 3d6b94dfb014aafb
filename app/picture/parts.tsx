import { useMemo } from 'react';
import { StillRows } from '../compare/beside-table.tsx';
import { Pictures, useMoments } from '../compare/pictures.tsx';
import { RowScrubber } from '../compare/row-scrubber.tsx';
import { Things, useDifferences } from '../compare/things.tsx';
import { eventsAt } from '../draw/beside.ts';
import { rowsOf } from '../draw/branches.ts';
import { Outcome, Searched } from '../explore/result.tsx';
import { usePage } from '../store/context.tsx';
import type { Comparing } from '../store/state.ts';
import { EventTable } from '../views/event-table.tsx';
import { words } from '../words.ts';

type TwoRuns = Extract<Comparing, { kind: 'runs' }>;

/** The table of events, as many rows of it as a picture can hold. */
export function EventsPart() {
  return (
    <section className="events">
      <EventTable />
    </section>
  );
}

/** The runs that were made here, each below what it goes out from. */
export function BranchesPart() {
  const branches = usePage((page) => page.branches);
  return (
    <ul>
      {branches !== null &&
        rowsOf(branches).map(({ branch: { id, parent, from, events, name, source }, depth }) => (
          <li key={id} className="branch" aria-current={id === branches.current} style={{ marginLeft: 20 * depth }}>
            <b>{name || words.branches.unnamed(source.scenario ?? null, id)}</b>
            <span className="muted small">
              {words.branches.told(from, events, parent === null)}
              {source.policy !== undefined && words.branches.under(source.policy)}
            </span>
            {id === branches.current && <span className="badge">{words.branches.shown}</span>}
          </li>
        ))}
    </ul>
  );
}

/** What a search has found and what it has covered. */
export function ExplorePart() {
  const exploration = usePage((page) => page.exploration);
  if (exploration === null || exploration.result === null) return null;
  return (
    <>
      <Searched exploration={exploration} />
      <Outcome result={exploration.result} onShown={() => undefined} />
    </>
  );
}

/** Both machines of two runs that are compared, or what differs between two moments. */
export function ComparePart() {
  const comparing = usePage((page) => page.comparing);
  if (comparing === null) return null;
  return comparing.kind === 'runs' ? <BothMachines comparing={comparing} /> : <TwoMoments from={comparing.from} />;
}

/** Rows of a comparison that a picture has at most, and those it has after the one that is shown. */
const [MOST_ROWS, ROWS_AFTER] = [200, 12];

/** The events of both runs, partners in one row, up to where they stand and a few more. */
export function RowsPart() {
  const comparing = usePage((page) => page.comparing);
  if (comparing?.kind !== 'runs') return null;
  const last = Math.min(comparing.row + ROWS_AFTER, comparing.beside.rows.left.length);
  return (
    <>
      <StillRows comparing={comparing} first={Math.max(0, last - MOST_ROWS)} last={last} />
      <RowScrubber comparing={comparing} />
    </>
  );
}

/** What differs between the machines of two runs, thing by thing. */
export function DifferencesPart() {
  const comparing = usePage((page) => page.comparing);
  return comparing?.kind === 'runs' ? <RunsDiffer comparing={comparing} /> : null;
}

function RunsDiffer({ comparing: { beside, row } }: { readonly comparing: TwoRuns }) {
  const at = useMemo(() => eventsAt(beside.rows, row), [beside, row]);
  const things = useDifferences(at.left, at.right, 'beside');
  return (
    <div className="compare-moments moments">
      <p className="muted">{words.compare.machineTold(at.left, at.right)}</p>
      {things !== null && <Things things={things} kind="runs" />}
    </div>
  );
}

function BothMachines({ comparing }: { readonly comparing: TwoRuns }) {
  const { beside, row } = comparing;
  const at = useMemo(() => eventsAt(beside.rows, row), [beside, row]);
  const moments = useMoments(comparing, at);
  const things = useDifferences(at.left, at.right, 'beside');
  return <Pictures {...{ comparing, moments, things }} only={null} picked={null} onPick={() => undefined} />;
}

function TwoMoments({ from }: { readonly from: number }) {
  const at = usePage((page) => page.moment?.at ?? 0);
  const things = useDifferences(from, at, 'shown');
  return (
    <div className="compare-moments moments">
      <p className="muted">{words.compare.momentsTold(from, at)}</p>
      {things !== null && <Things things={things} kind="moments" />}
    </div>
  );
}
