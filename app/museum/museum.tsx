import { type ReactNode, useEffect, useRef } from 'react';
import type { Exhibit, ExhibitView, Source } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { Picture } from './picture.tsx';

interface MuseumProps {
  readonly onClose: () => void;
  /** Opens the search, once the run that it is about is shown. */
  readonly onExplore: () => void;
}

/** The exhibit that somebody went to last: there the visit goes on. */
let left: string | null = null;

/** Every bug of the museum: who moved in which order, what broke, where it comes from, the rule before and after. */
export function Museum({ onClose, onExplore }: MuseumProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const exhibits = usePage((page) => page.exhibits);
  const { visitMuseum, leaveMuseum, open, mend } = useActions();
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
    if (left !== null) show(left);
    void visitMuseum();
    return leaveMuseum;
  }, [visitMuseum, leaveMuseum]);
  const close = () => dialog.current?.close();
  const leave = (id: string) => {
    left = id;
    close();
  };
  const go = (id: string, source: Source) => {
    leave(id);
    return open(source);
  };
  const mendAndLeave = (exhibit: Exhibit) => {
    leave(exhibit.id);
    void mend(exhibit);
  };
  return (
    <dialog ref={dialog} className="dialog museum" aria-labelledby="museum-title" closedby="any" onClose={onClose}>
      <div className="museum-head">
        <h2 id="museum-title">{words.museum.title}</h2>
        <Button kind="quiet" icon="close" label={words.museum.close} onClick={close} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className="museum-scroll" aria-label={words.museum.exhibits} tabIndex={0}>
        <p className="muted museum-told">
          {exhibits.length === 0 ? words.museum.loading : words.museum.told(exhibits.length)}
        </p>
        <Index exhibits={exhibits} />
        {rooms(exhibits).map(({ name, shown }) => (
          <section key={name} aria-label={name}>
            <h3 className="museum-room">{name}</h3>
            <ul>
              {shown.map((exhibit) => (
                <Card key={exhibit.id} exhibit={exhibit} onGo={go} onMend={mendAndLeave} onExplore={onExplore} />
              ))}
            </ul>
          </section>
        ))}
      </section>
    </dialog>
  );
}

/** Bugs that a switch puts in, and answers of the design as it was posted. */
function rooms(exhibits: readonly Exhibit[]) {
  const all = [
    { name: words.museum.rooms.bug, shown: exhibits.filter(({ cause }) => cause.kind === 'bug') },
    { name: words.museum.rooms.policy, shown: exhibits.filter(({ cause }) => cause.kind === 'policy') },
  ];
  return all.filter(({ shown }) => shown.length > 0);
}

/** Scrolls to a card, and gives it the focus. */
function show(id: string) {
  const card = document.querySelector<HTMLElement>(`[data-exhibit="${id}"]`);
  card?.scrollIntoView({ block: 'start' });
  card?.querySelector('button')?.focus({ preventScroll: true });
}

/** All exhibits by name, to go to one of them. */
function Index({ exhibits }: { readonly exhibits: readonly Exhibit[] }) {
  return (
    <details className="museum-index">
      <summary>{words.museum.index(exhibits.length)}</summary>
      <ul>
        {exhibits.map(({ id, title }) => (
          <li key={id}>
            <Button kind="quiet" onClick={() => show(id)}>
              {title}
            </Button>
          </li>
        ))}
      </ul>
    </details>
  );
}

interface CardProps {
  readonly exhibit: Exhibit;
  readonly onGo: (id: string, source: Source) => Promise<void>;
  readonly onMend: (exhibit: Exhibit) => void;
  readonly onExplore: () => void;
}

function Card({ exhibit, onGo, onMend, onExplore }: CardProps) {
  const { id, title, story, before, after, origin, byMechanism, invariant, carried } = exhibit;
  const view = usePage((page) => page.pictures.get(id));
  return (
    <li className="exhibit" data-exhibit={id}>
      <Picture view={view} />
      <div className="exhibit-text">
        <h4>
          {title}
          {origin.source === null && (
            <span className="badge" title={words.museum.hypotheticalTold}>
              {words.museum.hypothetical}
            </span>
          )}
          {byMechanism && (
            <span className="badge" title={words.museum.mechanismTold}>
              {words.museum.mechanism}
            </span>
          )}
        </h4>
        <p>{story}</p>
        <dl className="exhibit-rules">
          <div className="with-bug">
            <dt>{words.museum.before}</dt>
            <dd>{before}</dd>
          </div>
          <div>
            <dt>{words.museum.after}</dt>
            <dd>{after}</dd>
          </div>
        </dl>
        <dl className="exhibit-facts small">
          <Fact name={words.museum.breaks}>{view === undefined ? invariant : `${invariant}: ${view.sentence}`}</Fact>
          <Fact name={words.museum.source}>{[origin.driver, origin.source].filter(Boolean).join(': ')}</Fact>
          <Fact name={words.museum.said}>
            {origin.quote !== null && <Quoted {...origin.quote} />}
            {origin.said}
          </Fact>
          <Fact name={words.museum.rule}>{origin.rule}</Fact>
          <Fact name={words.museum.carried}>{carried}</Fact>
        </dl>
        <Deeds {...{ exhibit, view, onGo, onMend, onExplore }} />
      </div>
    </li>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="muted">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The words themselves, and below them whose they are. */
function Quoted({ words: text, who, when, where }: NonNullable<Exhibit['origin']['quote']>) {
  return (
    <figure className="exhibit-quote">
      <blockquote>{text}</blockquote>
      <figcaption className="muted">{words.museum.byline(who, when, where)}</figcaption>
    </figure>
  );
}

/** To the event that breaks it, to the same script under the repaired kernel, or to a search for it. */
function Deeds({ exhibit, view, onGo, onMend, onExplore }: CardProps & { readonly view: ExhibitView | undefined }) {
  const { id, title, scenario } = exhibit;
  if (view === undefined) return null;
  return (
    <div className="exhibit-deeds">
      <Button
        kind="strong"
        label={words.museum.showOf(view.event, title)}
        onClick={() => void onGo(id, { scenario, at: view.event })}
      >
        {words.museum.show(view.event)}
      </Button>
      <Button
        label={words.museum.searchOf(title)}
        onClick={() => void onGo(id, { scenario, at: view.from }).then(onExplore)}
      >
        {words.museum.search}
      </Button>
      <Button label={words.museum.mendOf(title)} onClick={() => onMend(exhibit)}>
        {words.museum.mend}
      </Button>
    </div>
  );
}
