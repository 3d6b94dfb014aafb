import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { Actions } from './actions.ts';
import type { PageState, PageStore } from './state.ts';

/** The page's store and what can be done with it. */
export interface Playground {
  readonly store: PageStore;
  readonly actions: Actions;
  /** Begins anew, with a new emulator, at what the address asks for. */
  restart(): void;
}

const Context = createContext<Playground | null>(null);

export const PlaygroundProvider = Context.Provider;

/** All of it, for what draws the page a second time. */
export function usePlayground(): Playground {
  const playground = useContext(Context);
  if (playground === null) throw new Error('a view stands inside a PlaygroundProvider');
  return playground;
}

/** A part of what the page knows; the view is drawn again when that part is another one. */
export function usePage<Part>(select: (state: PageState) => Part): Part {
  return useStore(usePlayground().store, select);
}

export function useRestart(): () => void {
  return usePlayground().restart;
}

export function useActions(): Actions {
  return usePlayground().actions;
}
