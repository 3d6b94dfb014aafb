import type { Diagnostic, Engine } from '../engine/contract.ts';
import type { Desk } from './desk.ts';
import type { openingOf } from './opening.ts';

/** Why a file was not opened. */
export interface Refusal {
  readonly diagnostics: readonly Diagnostic[];
  /** It is an event log whose run goes otherwise here: it can be opened all the same. */
  readonly differs: boolean;
}

/** The actions that take a run away and bring one in. */
export function takingOf(engine: Engine, desk: Desk, opening: Pick<ReturnType<typeof openingOf>, 'showOpened'>) {
  return {
    takeAway: engine.takeAway,
    /** What was said between two events. */
    messages: engine.messages,
    /** Opens what a file holds, an event log or a script; one that is refused leaves all as it is. */
    openFile: (text: string, anyway: boolean): Promise<Refusal | null> =>
      new Promise((resolve) => {
        void desk.inTurn(async () => {
          const answer = await engine.open({ file: text, anyway });
          if (answer.ok) await opening.showOpened(answer.value);
          resolve(answer.ok ? null : { diagnostics: answer.diagnostics, differs: answer.differs === true });
        });
      }),
  };
}
