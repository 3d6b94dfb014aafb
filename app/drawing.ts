import type { ReactNode } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { keptTheme } from './theme.ts';

/** Where the page is drawn. */
export interface Drawing {
  render(page: ReactNode): void;
}

/**
 * Draws into the still of the page that stands at this place since it was read (still.tsx): its parts stay and come to
 * life. Where the page begins otherwise, it is drawn anew.
 */
export function drawIn(place: HTMLElement, isNarrow: boolean): Drawing {
  const still = place.querySelector<HTMLElement>(`[data-still=${isNarrow ? 'narrow' : 'wide'}]`);
  const begins = document.documentElement.dataset['look'] === undefined && keptTheme() === 'system';
  if (still === null || !begins) return createRoot(place);
  for (const other of [...place.children]) if (other !== still) other.remove();
  // From here on it is the page, at whatever width.
  still.removeAttribute('data-still');
  still.className = 'drawn';
  still.inert = false;
  let root: Root | null = null;
  return {
    render: (page) => {
      if (root === null) root = hydrateRoot(still, page);
      else root.render(page);
    },
  };
}
