import { memo, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { shortAddress } from '../draw/text.ts';
import type { CacheEntryView, CacheView } from '../engine/contract.ts';
import { Ghosts } from '../kit/ghosts.tsx';
import { Pill } from '../kit/pill.tsx';
import { Thing } from '../kit/thing.tsx';
import { usePage } from '../store/context.tsx';
import { words } from '../words.ts';

/** Entries shown unless the person asks for all. */
const SHOWN = 3;

/** A translation cache inside its owner: what it believes, and which of that is out of date. */
export const CacheRows = memo(function CacheRows({
  cache,
  title,
}: {
  readonly cache: CacheView;
  readonly title: string;
}) {
  const first = usePage(useShallow(({ touched }) => firstOf(cache.entries, touched)));
  const [all, setAll] = useState(false);
  const rows = all ? cache.entries : first;
  const hidden = cache.entries.length - rows.length;
  return (
    <>
      <Thing name={cache.key} className="card-title">
        {title}
        <span className="grow" />
        <span className="mono muted">{words.iommu.fill(cache.entries.length, cache.size)}</span>
      </Thing>
      {rows.map((entry) => (
        <Entry key={entry.key} entry={entry} />
      ))}
      <Ghosts of={cache.key} />
      {(hidden > 0 || all) && cache.entries.length > SHOWN && (
        <button type="button" className="more" onClick={() => setAll(!all)}>
          {all ? words.iommu.fewer : words.iommu.more(hidden)}
        </button>
      )}
    </>
  );
});

/** The first few, in which whatever the event touched or made stale is never missing. */
function firstOf(entries: readonly CacheEntryView[], touched: ReadonlySet<string>): readonly CacheEntryView[] {
  if (entries.length <= SHOWN) return entries;
  const urgent = entries.filter(({ key, stale }) => stale || touched.has(key)).slice(0, SHOWN);
  const others = entries.filter((entry) => !urgent.includes(entry)).slice(0, SHOWN - urgent.length);
  return entries.filter((entry) => urgent.includes(entry) || others.includes(entry));
}

const Entry = memo(function Entry({ entry }: { readonly entry: CacheEntryView }) {
  const { key, mm, pasid, page, pfn, perms, stale } = entry;
  return (
    <Thing name={key} mm={mm} className={`row cache-row ${stale ? 'stale' : ''}`}>
      {pasid !== null && <Pill pasid={pasid} mm={mm} />}
      <span className="mono">{`${shortAddress(page)}\u2192${pfn}`}</span>
      <span className="grow" />
      {stale ? <b className="badge">{words.iommu.stale}</b> : <span className="mono muted perms">{perms}</span>}
    </Thing>
  );
});
