import type { Engine } from './contract.ts';
import { isFixture, mayStartWorker, startWorker, takeEarly } from './worker.ts';

export interface Started {
  readonly engine: Engine;
  /** Ends it, whatever it is doing. */
  stop(): void;
}

/** Starts the emulator in a worker of its own; `die` hears why it will not answer any more. */
export async function startEngine(die: (reason: string) => void): Promise<Started> {
  if (import.meta.env.DEV && isFixture()) {
    const { fixtureEngine } = await import('../testing/fixture-engine.ts');
    return { engine: fixtureEngine(), stop: () => undefined };
  }
  if (!mayStartWorker()) {
    const { engineInPage } = await import('../../core/worker/in-page.ts');
    return { engine: engineInPage(), stop: () => undefined };
  }
  const { engine, worker, failure } = takeEarly() ?? startWorker();
  worker.addEventListener('error', (event) => die(event.message ?? ''));
  worker.addEventListener('messageerror', () => die('an answer could not be read'));
  const failed = failure();
  // Who listens has to have the engine first.
  if (failed !== null) setTimeout(() => die(failed));
  return { engine, stop: () => worker.terminate() };
}
