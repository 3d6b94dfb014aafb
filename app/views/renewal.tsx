import { useStore } from 'zustand';
import { Button } from '../kit/button.tsx';
import { offline, renew } from '../offline.ts';
import { words } from '../words.ts';

/** Says that a newer build of the page waits to be opened. */
export function Renewal() {
  const renewed = useStore(offline, (state) => state.renewed);
  if (renewed === null) return null;
  return (
    <div className="banner" role="status">
      <span className="wrap">{words.offline.renewed}</span>
      <Button onClick={renew}>{words.offline.renew}</Button>
    </div>
  );
}

/** Says that the page opens without a network, once it does. */
export function KeptForOffline() {
  const kept = useStore(offline, (state) => state.kept);
  return kept ? <span title={words.offline.keptTold}>{words.offline.kept}</span> : null;
}
