import { connect } from '../../core/index.ts';
import type { Engine } from './contract.ts';

/** A worker with the emulator in it. */
export interface EmulatorWorker {
  readonly engine: Engine;
  readonly worker: Worker;
  /** Why it ended before anybody listened, null while it has not. */
  failure(): string | null;
}

export function startWorker(): EmulatorWorker {
  const worker = new Worker(new URL('../../core/worker/entry.ts', import.meta.url), { type: 'module' });
  let failure: string | null = null;
  worker.addEventListener('error', (event) => {
    failure ??= event.message ?? '';
  });
  return { engine: connect(worker), worker, failure: () => failure };
}

/** A page without an origin of its own, as in a sandboxed frame, may start no worker; a fixture needs none. */
export const mayStartWorker = (): boolean => self.origin !== 'null' && !isFixture();

export const isFixture = (): boolean => import.meta.env.DEV && new URLSearchParams(location.search).has('fixture');

/**
 * The worker of the page's own run. It is begun before the page's program is there, and is asked at once what every page
 * asks first: its thread starts and reads its program while the page does the same.
 */
let early = mayStartWorker() ? askedAtOnce(startWorker()) : null;

function askedAtOnce(started: EmulatorWorker): EmulatorWorker {
  const scenarios = started.engine.scenarios();
  return { ...started, engine: { ...started.engine, scenarios: () => scenarios } };
}

/** The worker that was begun early, for the first who asks; null for all others. */
export function takeEarly(): EmulatorWorker | null {
  const taken = early;
  early = null;
  return taken;
}
