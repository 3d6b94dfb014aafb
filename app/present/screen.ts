import { useCallback, useEffect, useState } from 'react';

/** The whole screen for the page, if the browser gives it. */
export interface FullScreen {
  readonly full: boolean;
  /** It was asked for and not given: a frame needs the leave of the page around it. */
  readonly refused: boolean;
  readonly toggle: () => void;
}

/** Fills the screen while somebody wants that, and gives it back at the end. */
export function useFullScreen(): FullScreen {
  const [full, setFull] = useState(document.fullscreenElement !== null);
  const [refused, setRefused] = useState(false);
  useEffect(() => {
    const look = () => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', look);
    return () => {
      document.removeEventListener('fullscreenchange', look);
      void giveBack();
    };
  }, []);
  const toggle = useCallback(async () => {
    setRefused(!(document.fullscreenElement === null ? await fill() : await giveBack()));
  }, []);
  return { full, refused, toggle: () => void toggle() };
}

/** False where it is refused; a phone's browser may know nothing of it. */
async function fill(): Promise<boolean> {
  if (!document.fullscreenEnabled) return false;
  return document.documentElement.requestFullscreen({ navigationUI: 'hide' }).then(
    () => true,
    () => false,
  );
}

async function giveBack(): Promise<boolean> {
  if (document.fullscreenElement !== null) await document.exitFullscreen().catch(() => undefined);
  return true;
}
