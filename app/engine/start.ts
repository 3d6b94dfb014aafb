import { connect } from '../../core/index.ts';
import type { Engine } from './contract.ts';

export interface Started {
  readonly engine: Engine;
  /** Ends it, whatever it is doing. */
  stop(): void;
}

/** Starts the emulator in a worker of its own; `die` hears why it will not answer any more. */
export async function startEngine(die: (reason: string) => void): Promise<Started> {
  if (import.meta.env.DEV && new URLSearchParams(location.search).has('fixture')) {
    const { fixtureEngine } = await import('../testing/fixture-engine.ts');
    return { engine: fixtureEngine(), stop: () => undefined };
  }
  // A page without an origin of its own, as in a sandboxed frame, may start no worker.
  if (self.origin === 'null') {
    const { engineInPage } = await import('../../core/worker/in-page.ts');
    return { engine: engineInPage(), stop: () => undefined };
  }
  const worker = new Worker(new URL('../../core/worker/entry.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('error', (event) => die(event.message ?? ''));
  worker.addEventListener('messageerror', () => die('an answer could not be read'));
  return { engine: connect(worker), stop: () => worker.terminate() };
}
