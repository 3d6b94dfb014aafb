import type { Engine } from './protocol.ts';

/** A question over a channel, and its answer: request and response, nothing unasked. */
export interface Request {
  readonly id: number;
  readonly method: keyof Engine;
  readonly args: readonly unknown[];
}

export type Response =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };

/** As much of a MessagePort or a worker's global scope as is needed. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** Answers the questions that come over a port, in order; a seek that a later one overtakes is answered with null. */
export function serve(port: Port, engine: Engine): void {
  const waiting: Request[] = [];
  let scheduled = false;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      port.postMessage(await answer(engine, next, waiting));
    }
    scheduled = false;
  };
  port.addEventListener('message', ({ data }) => {
    waiting.push(data as Request);
    if (scheduled) return;
    scheduled = true;
    // A turn of the event loop lets a burst of questions in before the first is answered.
    setTimeout(() => void work(), 0);
  });
}

async function answer(engine: Engine, request: Request, later: readonly Request[]): Promise<Response> {
  const { id, method, args } = request;
  const overtaken = method === 'seek' && later.some((other) => other.method === 'seek');
  if (overtaken) return { id, value: null };
  try {
    const call = engine[method] as (...all: readonly unknown[]) => Promise<unknown>;
    return { id, value: await call(...args) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}
