import type { ReactNode } from 'react';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { Icon } from './icon.tsx';
import { usePointing } from './pointing.ts';
import { hueOf, Thing } from './thing.tsx';

/** Whether a thing of a crowd is told in full: the moment is about it, or the person has asked for it. */
export function useUnfolded(key: string, crowd: boolean, inFocus: boolean): boolean {
  const asked = usePage((page) => page.unfolded.has(key));
  return !crowd || inFocus || asked;
}

interface FoldedProps {
  readonly name: string;
  readonly mm?: number | null;
  readonly box: string;
  /** Where arrows to the whole thing end while it is folded. */
  readonly anchor?: string;
  readonly className?: string;
  readonly more?: string;
  readonly children: ReactNode;
}

/** One of many, in a line: picking it unfolds it. */
export function Folded({ name, mm, box, anchor, className = '', more, children }: FoldedProps) {
  const { setFolded } = useActions();
  const { pointed, pointing } = usePointing('scene', [box]);
  return (
    <div
      className={`folded ${className} ${pointed}`}
      {...pointing}
      data-hue={hueOf(mm)}
      data-box={box}
      data-anchor={anchor}
    >
      <Thing
        name={name}
        mm={mm ?? null}
        className="folded-line"
        {...(more !== undefined && { more })}
        onPick={() => setFolded(name, false)}
      >
        {children}
      </Thing>
    </div>
  );
}

/** Folds what the person has unfolded; what the moment is about stays open. */
export function FoldButton({ name, title }: { readonly name: string; readonly title: string }) {
  const asked = usePage((page) => page.unfolded.has(name));
  const { setFolded } = useActions();
  if (!asked) return null;
  const label = words.fold(title);
  return (
    <button type="button" className="fold" aria-label={label} title={label} onClick={() => setFolded(name, true)}>
      <Icon name="fold" />
    </button>
  );
}
