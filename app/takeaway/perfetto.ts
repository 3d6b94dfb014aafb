/** Perfetto's own page. Its documentation, "Deep linking", tells how another page hands a trace over. */
const PERFETTO = 'https://ui.perfetto.dev';
/** How often Perfetto is asked whether it is there, and how long it may take, in ms. */
const [PING_EVERY, PATIENCE] = [50, 60_000];

export type Handed = 'done' | 'blocked' | 'silent';

/**
 * Opens Perfetto in a window of its own and hands a trace over when it answers. Has to be called from within a click.
 * Nothing is asked of Perfetto's server before.
 */
export function openInPerfetto(trace: string, title: string, fileName: string): Promise<Handed> {
  const there = window.open(PERFETTO);
  if (there === null) return Promise.resolve('blocked');
  return new Promise((resolve) => {
    const end = (handed: Handed) => {
      clearInterval(ping);
      clearTimeout(patience);
      removeEventListener('message', onMessage);
      resolve(handed);
    };
    const onMessage = ({ origin, data }: MessageEvent) => {
      if (origin !== PERFETTO || data !== 'PONG') return;
      const { buffer } = new TextEncoder().encode(trace);
      there.postMessage({ perfetto: { buffer, title, fileName } }, PERFETTO, [buffer]);
      end('done');
    };
    const ping = setInterval(() => there.postMessage('PING', PERFETTO), PING_EVERY);
    const patience = setTimeout(() => end('silent'), PATIENCE);
    addEventListener('message', onMessage);
  });
}
