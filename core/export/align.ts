import { longestRising } from '../lib/rising.ts';
import type { Machine } from '../machine/machine.ts';
import type { TraceEntry } from '../machine/trace.ts';

/** Two runs in one table: in each row an event of each run, or a gap (0) where the other run has none like it. */
export interface Alignment {
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** Rows with an event of each run. */
  readonly shared: number;
}

/**
 * Lays two runs beside each other by cause, not by number or time. Two events are partners if they are the same
 * procedure.label, by the same actor, about the same object, for the same time along their chains of causes. The rows
 * keep the order of each run, so partners that come in another order there are told apart again, the fewest possible.
 */
export function align(left: Machine, right: Machine): Alignment {
  const partners = partnersOf(identitiesOf(left.trace), identitiesOf(right.trace));
  return rowsOf(longestRising(partners), left.trace.length, right.trace.length);
}

/** What an event is, whatever its number: the same text for partners. Events that look alike are told apart by order. */
function identitiesOf(trace: readonly TraceEntry[]): string[] {
  const order = ordersOf(trace);
  const before = new Map<string, { event: number; nth: number }[]>();
  return trace.map((entry) => {
    const what = `${entry.step}|${entry.who}|${objectOf(entry)}`;
    const known = before.get(what) ?? [];
    const cause = known.findLast(({ event }) => isAncestor(order, event, entry.event));
    const nth = (cause?.nth ?? 0) + 1;
    known.push({ event: entry.event, nth });
    before.set(what, known);
    return `${what}|${nth}`;
  });
}

/** Facts that say what a step is about and mean the same in both runs; frames, PASIDs and rows made on the way may not. */
const OBJECTS = ['page', 'start', 'mm', 'device', 'sid'];

/** The object of an event, by addresses and by what was set up before event 0. */
function objectOf({ step, text, facts, lane }: TraceEntry): string {
  if (step === 'script.command') return text;
  const found = OBJECTS.filter((name) => facts[name] !== undefined).map((name) => `${name}=${facts[name]}`);
  return `${lane}|${found.join(',')}`;
}

interface Order {
  readonly entered: Int32Array;
  readonly left: Int32Array;
}

/** Each event has one cause, so they are a tree: when a walk through it enters and leaves each. */
function ordersOf(trace: readonly TraceEntry[]): Order {
  const children: number[][] = Array.from({ length: trace.length + 1 }, () => []);
  for (const { event, cause } of trace) children[cause]?.push(event);
  const order = { entered: new Int32Array(trace.length + 1), left: new Int32Array(trace.length + 1) };
  const stack: { event: number; next: number }[] = [{ event: 0, next: 0 }];
  let clock = 0;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const child = children[top.event]?.[top.next];
    if (child === undefined) {
      order.left[top.event] = ++clock;
      stack.pop();
    } else {
      top.next += 1;
      order.entered[child] = ++clock;
      stack.push({ event: child, next: 0 });
    }
  }
  return order;
}

function isAncestor({ entered, left }: Order, early: number, late: number): boolean {
  return (entered[early] as number) <= (entered[late] as number) && (left[late] as number) <= (left[early] as number);
}

/** For each event of one run, from 1 on, the event of the other with the same identity; 0 for none. */
function partnersOf(left: readonly string[], right: readonly string[]): number[] {
  const waiting = new Map<string, number[]>();
  right.forEach((identity, index) => {
    const events = waiting.get(identity);
    if (events === undefined) waiting.set(identity, [index + 1]);
    else events.push(index + 1);
  });
  const taken = new Map<string, number>();
  return left.map((identity) => {
    const place = taken.get(identity) ?? 0;
    taken.set(identity, place + 1);
    return waiting.get(identity)?.[place] ?? 0;
  });
}

/** The rows: partners side by side, and what stands between two pairs one after the other, the left run's first. */
function rowsOf(partners: readonly number[], leftLast: number, rightLast: number): Alignment {
  const left: number[] = [];
  const right: number[] = [];
  let shared = 0;
  let done = 0;
  const gap = (from: number, to: number): void => {
    for (let event = from; event < to; event++) {
      left.push(0);
      right.push(event);
    }
  };
  for (let event = 1; event <= leftLast; event++) {
    const partner = partners[event - 1] as number;
    if (partner > 0) {
      gap(done + 1, partner);
      done = partner;
      shared += 1;
    }
    left.push(event);
    right.push(partner);
  }
  gap(done + 1, rightLast + 1);
  return { left, right, shared };
}
