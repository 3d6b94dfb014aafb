import type { Engine } from './protocol.ts';
import type { Port, Response } from './serve.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/** Every method of an engine: one that is missing here is a type error. */
const METHODS: Readonly<Record<keyof Engine, true>> = {
  scenarios: true,
  policies: true,
  exhibits: true,
  exhibit: true,
  open: true,
  seek: true,
  target: true,
  command: true,
  moves: true,
  pick: true,
  explore: true,
  exploreOn: true,
  explored: true,
  complete: true,
  check: true,
  explain: true,
  invariants: true,
  inspect: true,
  why: true,
  watch: true,
  stop: true,
  messages: true,
  events: true,
  density: true,
  streamPoint: true,
  causes: true,
  takeAway: true,
  peek: true,
  beside: true,
  besideRows: true,
  besideAt: true,
  differences: true,
};

/** The engine at the other end of a port. What the engine throws arrives as a rejection. */
export function connect(port: Port): Engine {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  port.addEventListener('message', ({ data }) => {
    const response = data as Response;
    const asked = waiting.get(response.id);
    waiting.delete(response.id);
    if ('error' in response) asked?.reject(new Error(response.error));
    else asked?.resolve(response.value);
  });
  const ask = (method: keyof Engine, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      port.postMessage({ id: last, method, args });
    });
  const methods = (Object.keys(METHODS) as (keyof Engine)[]).map((method) => [
    method,
    (...args: readonly unknown[]) => ask(method, args),
  ]);
  return Object.fromEntries(methods) as Engine;
}
