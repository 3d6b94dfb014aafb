import UFuzzy from '@leeoniya/ufuzzy';
import type { Entry } from './entries.ts';

const MOST_SHOWN = 60;
const fuzzy = new UFuzzy({ intraMode: 1 });

/** The entries that a text may mean, the likeliest first; all of them, as far as they are shown, for no text. */
export function search(entries: readonly Entry[], text: string): readonly Entry[] {
  const wanted = text.trim();
  if (wanted === '') return entries.slice(0, MOST_SHOWN);
  const haystack = entries.map(({ label, kind }) => `${label} ${kind}`);
  const [found, , order] = fuzzy.search(haystack, wanted, 1);
  const places = order?.map((place) => found?.[place] ?? -1) ?? found ?? [];
  return places.flatMap((place) => entries[place] ?? []).slice(0, MOST_SHOWN);
}
