import type { Engine } from './contract.ts';

/** Starts the emulator in a worker of its own; `die` hears why it will not answer any more. */
export async function startEngine(die: (reason: string) => void): Promise<Engine> {
  if (import.meta.env.DEV && new URLSearchParams(location.search).has('fixture')) {
    const { fixtureEngine } = await import('../testing/fixture-engine.ts');
    return fixtureEngine();
  }
  die('');
  throw new Error('there is no worker yet');
}
