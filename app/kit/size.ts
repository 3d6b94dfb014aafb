import { type RefObject, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size of a box on the page, as it changes. */
export function useSize<E extends Element>(): readonly [RefObject<E | null>, Size] {
  const box = useRef<E>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => {
      const { width, height } = element.getBoundingClientRect();
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    };
    measure();
    // Before the frame is painted: what was laid out for another size must never be seen.
    const watch = new ResizeObserver(() => flushSync(measure));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return [box, size];
}

/** Below this width the columns stand side by side in a carousel, and the panels in a sheet. */
const narrow = matchMedia('(max-width: 1239px)');

export const isNarrow = (): boolean => narrow.matches;

export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      narrow.addEventListener('change', changed);
      return () => narrow.removeEventListener('change', changed);
    },
    isNarrow,
    isNarrow,
  );
}
