import { useEffect, useRef, useState } from 'react';
import { barsOf } from '../draw/density.ts';
import type { DensityView } from '../engine/contract.ts';
import { useActions, usePage } from '../store/context.tsx';

const HEIGHT = 10;
/** Width of a part of the run, in px. */
const PART = 2;
/** Fewer events than this in a part, and its bar says nothing. */
const EVENTS_PER_PART = 5;

/** How much happens in each part of the run, by who does it, and where its faults are. */
export function Density({ width }: { readonly width: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const stretch = usePage((page) => page.stretch);
  const all = usePage((page) => page.run?.events ?? 0);
  const [first, last] = [stretch?.first ?? 0, stretch?.last ?? all];
  const events = last - first;
  const density = useDensity(first, last, Math.max(1, Math.floor(Math.min(width / PART, events / EVENTS_PER_PART))));
  const scheme = useScheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: other colours are another picture
  useEffect(() => {
    if (canvas.current !== null && density !== null) paint(canvas.current, density, width);
  }, [density, width, scheme]);
  return <canvas ref={canvas} className="density" style={{ width, height: HEIGHT }} />;
}

function useDensity(first: number, last: number, parts: number): DensityView | null {
  const run = usePage((page) => page.run);
  const { density } = useActions();
  const [found, setFound] = useState<DensityView | null>(null);
  useEffect(() => {
    let wanted = run !== null;
    if (run !== null) void density(parts, { first, last }).then((answer) => wanted && setFound(answer));
    return () => {
      wanted = false;
    };
  }, [run, first, last, parts, density]);
  return found;
}

/** The colours in force: the person's choice of a theme, and the system's. */
function useScheme(): string {
  const read = () => getComputedStyle(document.documentElement).getPropertyValue('color-scheme');
  const [scheme, setScheme] = useState(() => `${read()} ${dark.matches}`);
  useEffect(() => {
    const look = () => setScheme(`${read()} ${dark.matches}`);
    const watch = new MutationObserver(look);
    watch.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    dark.addEventListener('change', look);
    return () => {
      watch.disconnect();
      dark.removeEventListener('change', look);
    };
  });
  return scheme;
}

const dark = matchMedia('(prefers-color-scheme: dark)');

function paint(canvas: HTMLCanvasElement, density: DensityView, width: number) {
  const scale = devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(HEIGHT * scale);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  for (const { x, y, width: own, height, tone } of barsOf(density, width, HEIGHT)) {
    context.fillStyle = style.getPropertyValue(`--density-${tone}`);
    context.fillRect(x, y, own, height);
  }
}
