import { eventIn, isIn, placeIn } from '../draw/stretch.ts';
import { typeset } from '../draw/text.ts';
import type { Engine, MessageView, RunInfo } from '../engine/contract.ts';
import type { PageStore } from './state.ts';

/** How far around the moment messages are asked for: more than a screen of them. */
const BEFORE = 120;
const AFTER = 40;
/** Events whose messages are asked for together. */
const BLOCK = 40;
/** Blocks that are kept: a hundred screens of the chart. */
const MOST_BLOCKS = 400;

type Messages = readonly MessageView[];

/** What was said around a moment. What is known of the run is not asked again, and stays the same objects. */
export function createHearing(engine: Engine, store: PageStore): (at: number) => Promise<Messages> {
  let run: RunInfo | null = null;
  let blocks = new Map<number, Promise<Messages>>();
  let last: { readonly parts: readonly Messages[]; readonly all: Messages } = { parts: [], all: [] };

  /** Asks for the blocks from one to another that are not known, in one question. */
  const ask = (first: number, end: number): void => {
    if (blocks.size > MOST_BLOCKS) blocks = new Map();
    const missing = range(first, end).filter((block) => !blocks.has(block));
    const [from, to] = [missing[0], missing.at(-1)];
    if (from === undefined || to === undefined) return;
    const answer = engine.messages(from * BLOCK, (to + 1) * BLOCK).then(typeset<Messages>);
    for (const block of range(from, to + 1)) {
      const own = answer.then((all) => all.filter(({ event }) => Math.ceil(event / BLOCK) - 1 === block));
      // A question that fails is told by whoever waits for it.
      own.catch(() => undefined);
      blocks.set(block, own);
    }
  };

  const around = async (at: number): Promise<Messages> => {
    const { run: shown } = store.getState();
    if (shown !== run) blocks = new Map();
    run = shown;
    const first = Math.floor(Math.max(0, at - BEFORE) / BLOCK);
    const end = Math.min(Math.ceil((at + AFTER) / BLOCK), Math.ceil((shown?.events ?? 0) / BLOCK));
    ask(first, end);
    const parts = await Promise.all(range(first, end).flatMap((block) => blocks.get(block) ?? []));
    const isSame = parts.length === last.parts.length && parts.every((part, place) => part === last.parts[place]);
    if (!isSame) last = { parts, all: parts.flat() };
    return last.all;
  };

  return (at) => {
    const { stretch } = store.getState();
    return stretch === null ? around(at) : within(engine, stretch, at);
  };
}

/** What was said in a part of the run, at its places around a moment. */
async function within(engine: Engine, stretch: Parameters<typeof placeIn>[0], at: number): Promise<Messages> {
  const place = placeIn(stretch, at);
  const events = range(0, AFTER).map((back) => eventIn(stretch, place + 4 - back));
  const near = [...new Set(events)].filter((event) => isIn(stretch, event)).reverse();
  return typeset((await Promise.all(near.map((event) => engine.messages(event - 1, event)))).flat());
}

function range(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, place) => first + place);
}
