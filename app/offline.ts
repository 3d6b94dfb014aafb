import { createStore } from 'zustand/vanilla';

/** Whether this browser has kept the whole page. */
interface Offline {
  /** The page opens without a network. */
  readonly kept: boolean;
  /** A newer build is kept too, and waits until it is asked for: nobody's page is exchanged unasked. */
  readonly renewed: ServiceWorker | null;
}

export const offline = createStore<Offline>()(() => ({ kept: false, renewed: null }));

/** Has the browser keep all files of the page. A page inside another one leaves that to the reader's own visit. */
export async function keepForOffline(): Promise<void> {
  if (import.meta.env.DEV || window.parent !== window || !('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.register('./service-worker.js').catch(() => null);
  // No network, no HTTPS, or a browser that keeps nothing or is told to: the page works all the same.
  if (!registration) return;
  const look = () => {
    const { waiting, active } = registration;
    offline.setState({ kept: active !== null, renewed: active === null ? null : waiting });
    document.documentElement.dataset['offline'] = active === null ? 'no' : 'ready';
  };
  const follow = (worker: ServiceWorker | null) => worker?.addEventListener('statechange', look);
  follow(registration.installing);
  registration.addEventListener('updatefound', () => follow(registration.installing));
  look();
}

/** Opens the newer build, at the moment that the address tells. */
export function renew(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  offline.getState().renewed?.postMessage('take over');
}
