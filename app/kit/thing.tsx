import type { CSSProperties, ReactNode } from 'react';
import { useActions, usePage } from '../store/context.tsx';

interface ThingProps {
  /** Key of the thing in the machine. */
  readonly name: string;
  /** Name of a thing without words of its own. */
  readonly label?: string;
  /** What its words leave out: it ends its name, and is the tooltip. */
  readonly more?: string;
  readonly className?: string;
  readonly mm?: number | null;
  readonly style?: CSSProperties;
  /** Whether arrows between columns may start or end here. */
  readonly anchor?: string | undefined;
  /** What else happens when it is picked. */
  readonly onPick?: () => void;
  readonly children?: ReactNode;
}

/** A thing of the machine on the page: it can be reached, inspected, and shows when the event has touched it. */
export function Thing({ name, label, more, className = '', mm, style, anchor, onPick, children }: ThingProps) {
  const state = useThing(name);
  const { select } = useActions();
  const pick = () => {
    onPick?.();
    void select(name);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button may hold no blocks, and its text cannot be laid out as freely
    <div
      role="button"
      tabIndex={-1}
      data-key={name}
      data-hue={hueOf(mm)}
      data-anchor={anchor}
      aria-label={label}
      title={label ?? more}
      className={`thing ${state} ${className}`}
      style={style}
      onClick={pick}
      onKeyDown={(event) => {
        if (event.key === 'Enter') pick();
      }}
    >
      {children}
      {more !== undefined && <span className="sr-only">, {more}</span>}
    </div>
  );
}

interface MarkProps {
  readonly name: string;
  readonly label: string;
  readonly className?: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Room around it that takes clicks too. */
  readonly reach?: number;
}

/** A thing that is drawn as a mark in a picture. */
export function Mark({ name, label, className = '', x, y, width, height, reach = 0 }: MarkProps) {
  const state = useThing(name);
  const { select } = useActions();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a picture has no button elements
    <g
      role="button"
      tabIndex={-1}
      data-key={name}
      aria-label={label}
      className={`thing-mark ${state} ${className}`}
      onClick={() => select(name)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') select(name);
      }}
    >
      <title>{label}</title>
      {reach > 0 && <rect className="reach" x={x - reach} y={y} width={width + 2 * reach} height={height} />}
      <rect className="ink" x={x} y={y} width={width} height={height} rx={1} />
    </g>
  );
}

function useThing(name: string): string {
  // One question: there are hundreds of things, and each is asked at every change of the page.
  return usePage(({ touched, selected, named, concerned, differing }) =>
    [
      touched.has(name) ? 'touched' : '',
      selected === name ? 'selected' : '',
      named === name ? 'named' : '',
      concerned.has(name) ? 'concerned' : '',
      differing.has(name) ? 'differs' : '',
    ].join(' '),
  );
}

/** Address spaces take turns in four hues; later ones differ by the shape of their mark. */
const HUES = 4;

export function hueOf(mm: number | null | undefined): string | undefined {
  return mm === null || mm === undefined ? undefined : String(mm % HUES);
}

const SHAPES = ['round', 'square', 'ring', 'diamond'] as const;

export function shapeOf(mm: number): string {
  return SHAPES[Math.floor(mm / HUES) % SHAPES.length] ?? 'round';
}
