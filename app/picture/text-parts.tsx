import { tokens } from '../../core/script/index.ts';
import { lineAt } from '../draw/script-lines.ts';
import type { LineView } from '../engine/contract.ts';
import { usePage } from '../store/context.tsx';
import { Plot } from '../stream/plot.tsx';
import { Standings } from '../views/invariants.tsx';
import { Turns } from '../views/scheduler.tsx';
import { words } from '../words.ts';

/** Lines that a picture of a text has at most. */
const MOST_LINES = 200;

/** The script with what became of each line, in its colours: the lines round that of the moment where they are many. */
export function ScriptPart() {
  const run = usePage((page) => page.run);
  const draft = usePage((page) => page.draft);
  const at = usePage((page) => page.moment?.at ?? 0);
  const texts = (draft ?? run?.script ?? '').trimEnd().split('\n');
  const told = draft === null ? (run?.lines ?? []) : [];
  const here = lineAt(told, at)?.line ?? 1;
  const first = Math.max(0, Math.min(here - MOST_LINES / 2, texts.length - MOST_LINES));
  return (
    <ol className="script-lines mono">
      {texts.slice(first, first + MOST_LINES).map((text, index) => {
        const line = first + index + 1;
        const result = told.find((each) => each.line === line);
        return <ScriptLine key={line} {...{ line, text, result }} now={told.length > 0 && line === here} />;
      })}
    </ol>
  );
}

interface ScriptLineProps {
  readonly line: number;
  readonly text: string;
  readonly result: LineView | undefined;
  readonly now: boolean;
}

function ScriptLine({ line, text, result, now }: ScriptLineProps) {
  return (
    <li className={now ? 'line-now' : ''} aria-current={now ? 'step' : undefined}>
      <span className="muted">{line}</span>
      <span className={`line-event ${result?.state ?? ''}`}>
        {result !== undefined && words.script.lineSign(result)}
      </span>
      <code>
        {piecesOf(text).map(({ at, kind, piece }) =>
          kind === '' ? (
            piece
          ) : (
            <span key={at} className={`token ${kind}`}>
              {piece}
            </span>
          ),
        )}
      </code>
    </li>
  );
}

/** A line cut where its colours change; what has none has an empty kind. */
function piecesOf(text: string): readonly { readonly at: number; readonly kind: string; readonly piece: string }[] {
  let done = 0;
  const pieces = tokens(text).flatMap(({ kind, column, endColumn }) => {
    const before = { at: done, kind: '', piece: text.slice(done, column - 1) };
    done = endColumn - 1;
    return [before, { at: column - 1, kind, piece: text.slice(column - 1, endColumn - 1) }];
  });
  return [...pieces, { at: done, kind: '', piece: text.slice(done) }].filter(({ piece }) => piece !== '');
}

/** What was typed into the console, and what came of it. */
export function ConsolePart() {
  const lines = usePage((page) => page.lines);
  return (
    <div className="log mono">
      {lines.slice(-MOST_LINES).map(({ id, kind, text }) => (
        <div key={id} className={`log-line ${kind}`}>
          {kind === 'typed' ? `> ${text}` : text}
        </div>
      ))}
    </div>
  );
}

/** The moments that somebody wants to find again. */
export function BookmarksPart() {
  const bookmarks = usePage((page) => page.bookmarks);
  const at = usePage((page) => page.moment?.at ?? 0);
  return (
    <ul className="bookmarks">
      {bookmarks.map(({ event, note }) => (
        <li key={event} aria-current={event === at ? 'step' : undefined}>
          <b className="mono">{event}</b>
          <span>{note || words.bookmarks.unnamed}</span>
        </li>
      ))}
    </ul>
  );
}

/** How each invariant stands at the moment. */
export function InvariantsPart() {
  const invariants = usePage((page) => page.invariants);
  return <section className="invariants">{invariants !== null && <Standings invariants={invariants} />}</section>;
}

/** Who could move at the moment, and with what. */
export function TurnsPart() {
  return (
    <section className="scheduler">
      <Turns />
    </section>
  );
}

/** What was measured over growing working sets. */
export function StreamPart() {
  const sweep = usePage((page) => page.sweep);
  return sweep === null ? null : <Plot sweep={sweep} />;
}
