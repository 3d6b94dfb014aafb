import type { Engine } from '../engine/contract.ts';
import { undoably } from './arranging.ts';
import type { Desk } from './desk.ts';
import type { openingOf } from './opening.ts';
import type { PageStore } from './state.ts';

/** Where a draft outlives a reload; null for no draft. */
export interface Shelf {
  read(): string | null;
  write(text: string | null): void;
}

/** The actions of the script's editor. */
export function scriptOf(
  engine: Engine,
  store: PageStore,
  desk: Desk,
  shelf: Shelf,
  opening: Pick<ReturnType<typeof openingOf>, 'tryOpen'>,
) {
  const edit = (text: string | null) => {
    const draft = text === store.getState().run?.script ? null : text;
    store.setState({ draft, mistakes: [] });
  };
  store.subscribe(({ draft }, old) => {
    if (draft !== old.draft) shelf.write(draft);
  });

  return {
    /** Takes out the draft of an earlier visit, if it is not what runs. */
    recallDraft: () => edit(shelf.read()),
    /** Keeps what the person has written; null goes back to the script that was played. */
    edit,
    /** Goes back to the script that was played; an undo brings the draft again. */
    discardDraft: () => store.setState((page) => ({ ...undoably(page, { draft: null }), mistakes: [] })),
    /** Plays the draft anew, at the event shown; one with mistakes is not begun, and they are told. */
    playDraft: () =>
      desk.inTurn(async () => {
        const { draft, run, moment } = store.getState();
        if (draft === null || run === null) return;
        const policy = {
          ...(run.policy === null ? {} : { policy: run.policy }),
          ...(run.backend === null ? {} : { backend: run.backend }),
        };
        const mistakes = await opening.tryOpen({ script: draft, ...policy, at: moment?.at ?? 0 });
        if (mistakes.length === 0) edit(null);
        else store.setState({ mistakes });
      }),
    check: (text: string) => engine.check(text),
    explain: (line: string, column: number) => engine.explain(line, column),
    /** Marks a thing in the picture while somebody looks at its name. */
    name: (named: string | null) => store.setState({ named }),
  };
}
