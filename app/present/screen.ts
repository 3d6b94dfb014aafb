import { useCallback, useEffect, useState } from 'react';

/** The whole screen for the page, if the browser gives it. */
export interface FullScreen {
  readonly full: boolean;
  /** It was asked for and not given: a frame needs the leave of the page around it. */
  readonly refused: boolean;
  readonly toggle: () => void;
}

/** The truth of this moment: what is drawn learns of it a little later, and a key may come in between. */
export function isFull(): boolean {
  return document.fullscreenElement !== null;
}

/** Fills the screen while somebody wants that, and gives it back at the end. */
export function useFullScreen(): FullScreen {
  const [full, setFull] = useState(isFull);
  const [refused, setRefused] = useState(false);
  useEffect(() => {
    const look = () => setFull(isFull());
    document.addEventListener('fullscreenchange', look);
    return () => {
      document.removeEventListener('fullscreenchange', look);
      void giveBack();
    };
  }, []);
  const toggle = useCallback(async () => {
    setRefused(!(isFull() ? await giveBack() : await fill()));
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
  if (isFull()) await document.exitFullscreen().catch(() => undefined);
  return true;
}
