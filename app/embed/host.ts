import type { Moment, RunInfo, Source } from '../engine/contract.ts';
import type { Actions } from '../store/actions.ts';
import type { PageState, PageStore } from '../store/state.ts';
import { words } from '../words.ts';
import { type Id, isEcho, type Order, PROTOCOL, type Refusal, readMessage, TOPICS, type Topic } from './messages.ts';

/** Messages of a host that may wait for their answers. */
const MOST_WAITING = 64;
/** Events passed that are told with one moment; of a longer jump the last ones. */
const MOST_EVENTS = 500;
/** The origin of a page that has none: it cannot be named as the one to send to. */
const NOBODY = 'null';

/** The window around the page, as far as is needed. */
export interface Around {
  readonly parent: unknown;
  /** Origins that may give orders; none given: any. */
  readonly allowed: readonly string[];
  /** Hears from now on, until the answer is called. */
  listen(hear: (event: MessageEvent<unknown>) => void): () => void;
  send(message: object, origin: string): void;
}

/** What is answered: what came of an order, or why nothing did. */
type Answer = Readonly<Record<string, unknown>> | { readonly refusal: Refusal; readonly diagnostics?: unknown };

/** Does what the page around asks for, one message after another, and answers each; the first waits until `started`. The answer ends it. */
export function serveHost(store: PageStore, actions: Actions, around: Around, started: Promise<void>): () => void {
  const subscribers = new Map<Topic, string>();
  const clerk = clerkOf(store, actions, subscribers);
  let waiting = 0;
  let last = started;

  const answer = (id: Id, origin: string, found: Answer) => {
    const body =
      'refusal' in found
        ? { ok: false, error: { ...(found.refusal as Refusal), diagnostics: found['diagnostics'] } }
        : { ok: true, ...found };
    around.send({ svm: PROTOCOL, re: id, ...body }, origin);
  };

  const leave = around.listen(({ data, source, origin }) => {
    if (source !== around.parent || isEcho(data)) return;
    const to = origin === NOBODY ? '*' : origin;
    const read = readMessage(data);
    const refusal = refusalOf(around.allowed, origin, waiting) ?? ('refusal' in read ? read.refusal : null);
    if (refusal !== null || 'refusal' in read) return answer(read.id, to, { refusal: refusal as Refusal });
    waiting += 1;
    last = last.then(async () => {
      answer(read.id, to, await clerk(read.order, to));
      waiting -= 1;
    });
  });
  const tell = (topic: Topic, what: object) => {
    const origin = subscribers.get(topic);
    if (origin !== undefined) around.send({ svm: PROTOCOL, tell: topic, ...what }, origin);
  };
  store.subscribe((page, old) => void tellChanges(page, old, actions, tell));
  void started.then(() => {
    for (const origin of around.allowed.length === 0 ? ['*'] : around.allowed) {
      around.send({ svm: PROTOCOL, tell: 'ready', ...greeting(store.getState()) }, origin);
    }
  });
  return leave;
}

function refusalOf(allowed: readonly string[], origin: string, waiting: number): Refusal | null {
  if (allowed.length > 0 && !allowed.includes(origin)) {
    return { code: 'origin', message: words.embed.otherOrigin(origin) };
  }
  return waiting < MOST_WAITING ? null : { code: 'too-many', message: words.embed.tooMany(MOST_WAITING) };
}

/** Who does the orders: what each does, and what is answered. */
function clerkOf(store: PageStore, actions: Actions, subscribers: Map<Topic, string>) {
  const moment = (): Answer => ({ moment: momentOf(store.getState()) });

  const load = async ({ do: _, ...source }: { readonly do: string } & Source): Promise<Answer> => {
    const diagnostics = await actions.load(source);
    if (diagnostics.length === 0) return { run: runOf(store.getState().run), ...moment() };
    const message = diagnostics.map(words.link.located).join(' ');
    return { refusal: { code: 'refused', message }, diagnostics };
  };

  const perform = async (order: Order, origin: string): Promise<Answer> => {
    switch (order.do) {
      case 'hello':
        return greeting(store.getState());
      case 'load':
        return load(order);
      case 'seek':
        actions.pause();
        await actions.seek(order.at);
        return moment();
      case 'step':
        if (order.by !== undefined) actions.setGranularity(order.by);
        await actions.step(order.direction);
        return moment();
      case 'play':
        if (order.by !== undefined) actions.setGranularity(order.by);
        if (order.speed !== undefined) actions.setSpeed(order.speed);
        // It is answered when it plays, not when it has played.
        void actions.play();
        return moment();
      case 'pause':
        actions.pause();
        return moment();
      case 'subscribe':
        for (const topic of order.to) subscribers.set(topic, origin);
        return { subscribed: [...subscribers.keys()], ...moment() };
      case 'unsubscribe':
        for (const topic of order.to) subscribers.delete(topic);
        return { subscribed: [...subscribers.keys()] };
    }
  };

  return async (order: Order, origin: string): Promise<Answer> => {
    const answer = await perform(order, origin);
    const { dead } = store.getState();
    return dead === null ? answer : { refusal: { code: 'stopped', message: `${words.report.dead} ${dead}` } };
  };
}

async function tellChanges(
  page: PageState,
  old: PageState,
  { events }: Actions,
  tell: (topic: Topic, what: object) => void,
): Promise<void> {
  const { run, moment, playing } = page;
  if (run !== old.run && run !== null) tell('run', { run: runOf(run) });
  if (moment === null) return;
  if (moment !== old.moment || playing !== old.playing) tell('moment', { moment: momentOf(page) });
  const from = old.moment?.at ?? moment.at;
  if (run !== old.run || moment.at <= from) return;
  tell('events', { events: await events(Math.max(from, moment.at - MOST_EVENTS), moment.at) });
}

function greeting(page: PageState) {
  const { run } = page;
  return {
    versions: [PROTOCOL],
    core: run?.version ?? null,
    topics: TOPICS,
    run: runOf(run),
    moment: momentOf(page),
  };
}

/** What a host is told of a run. */
function runOf(run: RunInfo | null) {
  if (run === null) return null;
  const { scenario, title, policy, bug, events, chapters, version, report } = run;
  return { scenario, title, policy, bug, events, chapters, core: version, report };
}

/** What a host is told of the moment shown. */
function momentOf({ moment, run, playing }: Pick<PageState, 'moment' | 'run' | 'playing'>) {
  if (moment === null) return null;
  const { at, now, view }: Moment = moment;
  const { chapter, sentence, step, cite, fault, note } = now;
  const { time, policy, fingerprint } = view;
  return {
    at,
    events: run?.events ?? at,
    chapter,
    sentence,
    note,
    step,
    cite,
    fault,
    time,
    policy,
    fingerprint,
    playing,
  };
}
