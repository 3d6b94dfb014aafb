import type { World } from '../world/world.ts';

/** What a step can be said to have done, beyond its own sentence: read by charts and views, never by the machine. */
export type Facts = Readonly<Record<string, number | string>>;

/** Adds facts for the placeholders of the step's sentence, for instance { level: 3 }. */
export function tell(world: World, facts: Facts): void {
  world.listener?.('facts', facts);
}

/** How a message travels: it decides the style of its arrow. */
export type Traffic = 'call' | 'response' | 'message' | 'wakeup';

/**
 * Says that something went from one column of the chart to another: a PCIe message, a queue record, a wake-up.
 * Calls between layers need no `send`: they are seen from the stack.
 */
export function send(world: World, traffic: Traffic, from: string, to: string, text: string, facts: Facts = {}): void {
  world.listener?.('message', { ...facts, traffic, from, to, text });
}

/** Says that hardware stored one or two words in memory by itself, but for the records of its queues. */
export function store(world: World, page: number, offset: number, words: ArrayLike<number>): void {
  if (world.listener === null) return;
  const [lo = 0, hi = 0] = Array.from(words);
  world.listener('store', { page, offset, bytes: words.length * 4, lo, hi });
}

/** Says that a moment was reached that `run until` can name, for instance fault.queued. */
export function reach(world: World, moment: string): void {
  world.listener?.('moment', { moment });
}

type Formatter = (world: World, value: number) => string;
const formatters = new Map<string, Formatter>();

/** Declares how locals and facts of this name are written in sentences: mm -> the name of its process. */
export function writesAs(name: string, formatter: Formatter): void {
  formatters.set(name, formatter);
}

/** The value of one placeholder in words. */
export function inWords(world: World, name: string, value: number | string): string {
  if (typeof value === 'string') return value;
  return formatters.get(name)?.(world, value) ?? String(value);
}
