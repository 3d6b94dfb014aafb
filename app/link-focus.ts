import type { PageState } from './store/state.ts';
import { words } from './words.ts';

/** The part of the run that a link looks at alone: the events between two moments, or what led to an event. */
export type AskedFocus = { readonly first: number; readonly last: number } | { readonly causes: number };

/** The part that a link asks for, null for the whole run. */
export function focusIn({ searchParams: given }: URL, problems: string[]): AskedFocus | null {
  const [focus, causes] = [given.get('focus'), given.get('causes')];
  const [, first, last] = /^(\d{1,9})-(\d{1,9})$/.exec(focus ?? '') ?? [];
  if (first !== undefined && Number(first) < Number(last)) return { first: Number(first), last: Number(last) };
  if (focus === null && causes !== null && /^[1-9]\d{0,8}$/.test(causes)) return { causes: Number(causes) };
  if (focus !== null || causes !== null) problems.push(words.stretch.bad(focus ?? causes ?? ''));
  return null;
}

/** Adds to the link of a moment the part of the run that is looked at alone. */
export function addFocus(url: URL, { stretch }: Pick<PageState, 'stretch'>): void {
  if (stretch === null) return;
  const { first, last, only } = stretch;
  if (only === null) url.searchParams.set('focus', `${first}-${last}`);
  else url.searchParams.set('causes', String(last));
}
