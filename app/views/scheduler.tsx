import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';
import type { MovesView, TurnView } from '../engine/contract.ts';
import { neighbour } from '../keys.ts';
import { Button } from '../kit/button.tsx';
import { hueOf } from '../kit/thing.tsx';
import { useActions, usePage } from '../store/context.tsx';
import type { PageState } from '../store/state.ts';
import { words } from '../words.ts';
import { RailTabs } from './rail-tabs.tsx';

/** Offers that have a digit of their own. */
const DIGITS = 9;

/** Who can move now, and with what: the person picks. */
export function Scheduler({ onExplore }: { readonly onExplore: () => void }) {
  const moves = usePage((page) => page.moves);
  const at = usePage((page) => page.moment?.at ?? 0);
  const { setScheduling, seek } = useActions();
  const list = useRef<HTMLDivElement>(null);
  const focus = useKeptFocus(list, moves);
  useEffect(() => {
    void setScheduling(true);
    return () => void setScheduling(false);
  }, [setScheduling]);
  const undo = () => {
    if (at > 0) void seek(at - 1);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const offers = offersIn(list.current);
    const here = offers.indexOf(document.activeElement as HTMLElement);
    const to = event.key === 'ArrowUp' || event.key === 'ArrowDown' ? neighbour(event.key, here, offers.length) : null;
    if (to !== null) offers[to]?.focus();
    else if (/^[1-9]$/.test(event.key)) offers[Number(event.key) - 1]?.click();
    else if (event.key === 'Backspace') undo();
    else return;
    event.preventDefault();
  };
  return (
    <section
      className="scheduler"
      aria-label={words.scheduler.label}
      data-box="scheduler"
      onKeyDown={onKeyDown}
      {...focus}
    >
      <div className="rail-title">
        <RailTabs />
        <span className="grow" />
        <Button kind="quiet" icon="back" label={words.scheduler.undo} disabled={at === 0} onClick={undo} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <div className="rail-scroll" tabIndex={0} ref={list}>
        <Told />
        {moves !== null && <Offers moves={moves} />}
        <Branches />
        <Button className="explore-here" onClick={onExplore}>
          {words.explore.fromHere}
        </Button>
      </div>
      <Foot />
    </section>
  );
}

function offersIn(list: Element | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>('.offer-line') ?? [])];
}

/** Gives the focus to the first offer, once there is one. */
export function focusTurns(): void {
  requestAnimationFrame(() => {
    const list = document.querySelector<HTMLElement>('.scheduler .rail-scroll');
    (offersIn(list)[0] ?? list)?.focus();
  });
}

/** A pick may take away the offer that had the focus: the one in its place gets it. */
function useKeptFocus(list: { readonly current: HTMLElement | null }, moves: MovesView | null) {
  const place = useRef(-1);
  const known = useRef(moves);
  useLayoutEffect(() => {
    const { activeElement } = document;
    const isFirst = known.current === null;
    known.current = moves;
    const offers = offersIn(list.current);
    if (isFirst && activeElement === list.current) offers[0]?.focus();
    const isLost = activeElement === null || activeElement === document.body;
    if (moves === null || place.current < 0 || !isLost) return;
    (offers[Math.min(place.current, offers.length - 1)] ?? list.current)?.focus();
  }, [moves, list]);
  return {
    onFocus: () => {
      place.current = offersIn(list.current).indexOf(document.activeElement as HTMLElement);
    },
    // Not told of an offer that is taken away.
    onBlur: () => {
      place.current = -1;
    },
  };
}

/** Who can move, without the ways to anywhere else. */
export function Turns() {
  const moves = usePage((page) => page.moves);
  return (
    <>
      <Told />
      {moves !== null && <Offers moves={moves} />}
      <Foot />
    </>
  );
}

/** Why there is nothing to pick, or why the last pick did nothing. */
function Told() {
  const refused = usePage((page) => page.pickRefused);
  const sentence = usePage(({ moves }) => (moves === null ? null : nothingToPick(moves)));
  return (
    <>
      <p className="muted small hint">{words.scheduler.hint}</p>
      {refused !== null && (
        <p className="fault-text small wrap" role="alert">
          <code className="mono">{refused.line}</code> {refused.told}
        </p>
      )}
      {sentence !== null && <p className="strong">{sentence}</p>}
    </>
  );
}

function nothingToPick({ turns, orders, waits, halted }: MovesView): string | null {
  if (halted) return words.scheduler.halted;
  if (turns.length + orders.length > 0) return null;
  return waits.length > 0 ? words.scheduler.stuck : words.scheduler.done;
}

function Offers({ moves: { turns, orders, waits } }: { readonly moves: MovesView }) {
  let digit = 0;
  const next = () => {
    digit += 1;
    return digit <= DIGITS ? digit : null;
  };
  return (
    <>
      {turns.length > 0 && (
        <Group title={words.scheduler.turns}>
          {turns.map((turn) => (
            <Turn key={turn.key} turn={turn} digits={turn.ways.map(next)} />
          ))}
        </Group>
      )}
      {orders.length > 0 && (
        <Group title={words.scheduler.orders}>
          {orders.map(({ who, line, text }) => (
            <Offer key={who} digit={next()} line={line} head={words.scheduler.tell(who)}>
              <code className="mono wrap">{text}</code>
            </Offer>
          ))}
        </Group>
      )}
      {waits.length > 0 && (
        <Group title={words.scheduler.waits}>
          {waits.map(({ key, name, why }) => (
            <li key={key} className="wait-line">
              <b>{name}</b> <span className="muted">{why}</span>
            </li>
          ))}
        </Group>
      )}
    </>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <>
      <p className="group-title" aria-hidden="true">
        {title}
      </p>
      <ul aria-label={title}>{children}</ul>
    </>
  );
}

function Turn({ turn, digits }: { readonly turn: TurnView; readonly digits: readonly (number | null)[] }) {
  const { name, mm, ways, due, cite } = turn;
  return ways.map(({ line, sentence, fault }, way) => (
    <Offer
      key={line}
      digit={digits[way] ?? null}
      line={line}
      mm={mm}
      head={name}
      told={cite}
      aside={
        <>
          {ways.length > 1 && <span className="muted small">{words.scheduler.way(way, ways.length)}</span>}
          {due && way === 0 && (
            <span className="badge" title={words.scheduler.dueTold}>
              {words.scheduler.due}
            </span>
          )}
        </>
      }
    >
      <span className={fault ? 'fault-text' : ''}>{sentence}</span>
    </Offer>
  ));
}

interface OfferProps {
  readonly digit: number | null;
  readonly line: string;
  readonly head: string;
  readonly mm?: number | null;
  readonly told?: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** One thing that can be picked: it is a line of the script. */
function Offer({ digit, line, head, mm, told, aside, children }: OfferProps) {
  const { pick } = useActions();
  return (
    <li>
      <button
        type="button"
        className="offer-line"
        data-hue={hueOf(mm)}
        title={told}
        aria-keyshortcuts={digit === null ? undefined : String(digit)}
        onClick={() => void pick(line)}
      >
        <span className="digit mono" aria-hidden="true">
          {digit}
        </span>
        <span className="offer-head">
          <b>{head}</b>
          <span className="grow" />
          {aside}
        </span>
        <span className="offer-text">{children}</span>
      </button>
    </li>
  );
}

/** Futures that were left behind, to go back to. */
function Branches() {
  const branches = usePage((page) => page.branches);
  const { switchTo } = useActions();
  const others = branches?.all.filter(({ id }) => id !== branches.current) ?? [];
  if (others.length === 0) return null;
  return (
    <Group title={words.scheduler.left}>
      {others.map(({ id, left, events }) => (
        <li key={id}>
          <button type="button" className="link" onClick={() => void switchTo(id)}>
            {words.scheduler.branch(left, events)}
          </button>
        </li>
      ))}
    </Group>
  );
}

/** What a pick would leave behind, or else the schedule so far. */
function Foot() {
  const after = usePage(({ run, moment }) => (run?.events ?? 0) - (moment?.at ?? 0));
  const schedule = usePage(lastSchedule);
  if (after > 0) return <p className="scheduler-foot muted small">{words.scheduler.leaves(after)}</p>;
  if (schedule === null) return null;
  return (
    <p className="scheduler-foot muted small">
      {words.scheduler.written} <code className="mono wrap">{schedule}</code>
    </p>
  );
}

/** The last line of the script if it says who moves. */
function lastSchedule({ run }: PageState): string | null {
  const last = run?.script.trimEnd().split('\n').at(-1) ?? '';
  return /^(step|schedule) /.test(last) ? last : null;
}
