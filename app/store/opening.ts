import { NOWHERE } from '../draw/focus.ts';
import type { Diagnostic, Engine, Opened, Source } from '../engine/contract.ts';
import { FIRST } from '../link.ts';
import { words } from '../words.ts';
import { type Kept, keptAfter } from './branching.ts';
import type { Desk } from './desk.ts';
import type { PageStore } from './state.ts';

/** The actions that bring a run onto the page. */
export function openingOf(engine: Engine, store: PageStore, desk: Desk) {
  let serial = 0;

  /** Tells the person something that does not stop the page. */
  const tell = (texts: readonly string[]) => {
    const fresh = texts.map((text) => ({ id: serial++, text }));
    store.setState(({ notices }) => ({ notices: [...notices, ...fresh] }));
  };

  const show = async ({ run, moment, notices }: Opened, kept?: Kept): Promise<void> => {
    desk.books.asked = moment.at;
    store.setState(kept ?? { ...keptAfter(store.getState(), run, 'opening'), lines: [] });
    store.setState({ run, moment: null, messages: [], playing: false, comparing: null, stretch: null });
    store.setState({
      selected: null,
      inspection: null,
      why: null,
      watched: [],
      about: null,
      opened: null,
      notices: [],
    });
    store.setState({ focus: NOWHERE, unfolded: new Set(), laneWishes: new Map() });
    tell(notices);
    await desk.accept(moment, 'jump');
  };

  const tryOpen = attemptOf(engine, show);

  /** Opens a run; what cannot be opened is told, and leaves the run that is there, or else gives the first scenario. */
  const openNow = async (source: Source): Promise<void> => {
    const problems = (await tryOpen(source)).map(words.link.located);
    if (problems.length === 0) return;
    if (store.getState().run === null) {
      const fallback = await engine.open(FIRST);
      if (!fallback.ok) return desk.die(fallback.diagnostics.map(words.link.located).join(' '));
      await show(fallback.value);
      problems.push(words.link.fallback);
    }
    tell(problems);
  };

  return {
    tell,
    tryOpen,
    showOpened: show,
    /** Opens what a link asks for, as far as it was understood. */
    start: (source: Source, problems: readonly string[]) =>
      desk.inTurn(async () => {
        const known = Promise.all([engine.scenarios(), engine.policies()]);
        const list = known.then(([scenarios, policies]) => store.setState({ scenarios, policies }));
        // Asked for together: the run is played while the lists are on their way.
        await Promise.all([list, openNow(source)]);
        tell(problems);
      }),
    load: loadOf(desk, tryOpen),
    open: (source: Source) => desk.inTurn(() => openNow(source)),
    dismiss: (id: number) => store.setState(({ notices }) => ({ notices: notices.filter((one) => one.id !== id) })),
  };
}

/** Opens a run within a turn, or says why it cannot be opened and leaves all as it is. */
function attemptOf(engine: Engine, show: (opened: Opened, kept?: Kept) => Promise<void>) {
  return async (source: Source, kept?: Kept): Promise<readonly Diagnostic[]> => {
    const answer = await engine.open(source);
    if (!answer.ok) return answer.diagnostics;
    await show(answer.value, kept);
    return [];
  };
}

/** Opens a run in its turn, or says why it cannot be opened and leaves all as it is. */
function loadOf(desk: Desk, tryOpen: (source: Source) => Promise<readonly Diagnostic[]>) {
  return async (source: Source): Promise<readonly Diagnostic[]> => {
    let mistakes: readonly Diagnostic[] = [];
    await desk.inTurn(async () => {
      mistakes = await tryOpen(source);
    });
    return mistakes;
  };
}
