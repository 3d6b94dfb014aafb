import { useMemo } from 'react';
import { shortLabel } from '../draw/text.ts';
import { usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { hueOf } from './thing.tsx';

/** Ghosts of one thing that are told; of more, how many. */
const SHOWN = 2;
const LABEL_LENGTH = 16;

/** What the event of the moment has taken away from a thing: a dashed outline, for this one moment. */
export function Ghosts({ of, shown = SHOWN }: { readonly of: string; readonly shown?: number }) {
  const all = usePage((page) => page.moment?.ghosts);
  const ghosts = useMemo(() => all?.filter(({ within }) => within === of) ?? [], [all, of]);
  const more = ghosts.length - shown;
  return ghosts.slice(0, shown).map(({ key, label, mm }, place) => (
    <div key={key} className="gone small" data-hue={hueOf(mm)}>
      <s className="mono">{shortLabel(label.replace(' to ', ' \u2192 '), LABEL_LENGTH)}</s>
      <span className="grow" />
      <span className="muted">{place === shown - 1 && more > 0 ? words.goneMore(more) : words.gone}</span>
    </div>
  ));
}
