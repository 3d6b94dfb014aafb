import { typeset } from '../draw/text.ts';
import type { Engine, Spoken } from '../engine/contract.ts';
import type { Desk } from './desk.ts';
import type { Branch, PageState, PageStore } from './state.ts';

/** Futures that are kept when another one is taken. */
const BRANCHES_KEPT = 6;

/** The run that is shown, as it can be gone back to at an event. */
function branchAt({ run }: Pick<PageState, 'run'>, at: number): Branch | null {
  if (run === null) return null;
  const { scenario, script, policy, bug, events } = run;
  const origin = scenario === null ? { script } : { scenario };
  const kernel = { ...(policy !== null && { policy }), ...(bug !== null && { bug }) };
  return { source: { ...origin, ...kernel, at }, at, events };
}

/** Shows what a line has led to, and keeps the future that it has replaced. */
export async function takeIn(store: PageStore, desk: Desk, say: () => Promise<Spoken>): Promise<Spoken> {
  const { run: before, branches } = store.getState();
  const at = store.getState().moment?.at ?? 0;
  const future = before !== null && at < before.events ? branchAt({ run: before }, at) : null;
  const spoken = await say();
  const { run, moment } = spoken;
  const isOther = before !== null && run.script !== before.script;
  desk.books.asked = moment.at;
  store.setState({
    run,
    comparing: null,
    ...(isOther && future !== null && { branches: [future, ...branches].slice(0, BRANCHES_KEPT) }),
  });
  await desk.accept(moment, 'step');
  return spoken;
}

/** The actions of a person who is the scheduler. */
export function schedulingOf(engine: Engine, store: PageStore, desk: Desk, open: (branch: Branch) => Promise<void>) {
  return {
    /** Whether what can be picked is looked up at every moment. */
    setScheduling: (scheduling: boolean) => {
      store.setState({ scheduling, moves: null, pickRefused: null });
      if (!scheduling) return Promise.resolve();
      return desk.inTurn(async () => {
        if (store.getState().run !== null) store.setState({ moves: typeset(await engine.moves()) });
      });
    },
    /** Does one of the lines that the moment offers. */
    pick: (line: string) =>
      desk.inTurn(async () => {
        store.setState({ playing: false, pickRefused: null });
        const { refused, output } = await takeIn(store, desk, () => engine.pick(line));
        if (refused) store.setState({ pickRefused: { line, told: output.join(' ') } });
      }),
    /** Goes back to a future that was left behind; the one that is there now is kept in its place. */
    returnTo: (branch: Branch) =>
      desk.inTurn(async () => {
        const state = store.getState();
        const others = state.branches.filter((each) => each !== branch);
        const now = branchAt(state, Math.min(branch.at, state.run?.events ?? 0));
        await open(branch);
        store.setState({ branches: now === null ? others : [now, ...others].slice(0, BRANCHES_KEPT) });
      }),
  };
}
