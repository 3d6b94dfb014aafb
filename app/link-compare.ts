import type { Source } from './engine/contract.ts';
import { pack, unpack } from './link.ts';
import { sourceOf } from './store/comparing.ts';
import type { PageState } from './store/state.ts';
import { words } from './words.ts';

/** What a link puts beside the moment that it shows: another moment of the run, or another run. */
export type Asked = { readonly from: number } | { readonly beside: Source };

/** Where a link carries the script of the run beside, if that is no scenario's own. */
const CARRIED = 'beside';
const CHOICES = ['beside-policy', 'beside-bug', 'beside-backend'] as const;

/** What a link compares, null for nothing. `beside-policy`, `beside-bug` and `beside-backend` alone mean the link's own script once more. */
export async function comparedIn(url: URL, own: Source, problems: string[]): Promise<Asked | null> {
  const given = url.searchParams;
  const scenario = given.get('beside');
  const [policy, bug, backend] = CHOICES.map((name) => given.get(name));
  const carried = new URLSearchParams(url.hash.slice(1)).get(CARRIED);
  if (scenario === null && carried === null && policy == null && bug == null && backend == null) {
    return momentIn(given.get('from'), problems);
  }
  const script = carried === null ? null : await unpack(carried);
  if (carried !== null && script === null) {
    problems.push(words.compare.badScript);
    return null;
  }
  const origin = script !== null ? { script } : scenario === null ? scriptOf(own) : { scenario };
  const kernel = { ...(policy == null ? {} : { policy }), ...(bug == null ? {} : { bug }) };
  return { beside: { ...origin, ...kernel, ...(backend == null ? {} : { backend }) } };
}

function momentIn(from: string | null, problems: string[]): Asked | null {
  if (from === null) return null;
  if (/^\d{1,9}$/.test(from)) return { from: Number(from) };
  problems.push(words.compare.badFrom(from));
  return null;
}

function scriptOf({ scenario, script }: Source): Source {
  return { ...(scenario === undefined ? {} : { scenario }), ...(script === undefined ? {} : { script }) };
}

/** Adds to the link of a moment what it is compared with. */
export async function addCompared(url: URL, { comparing, run }: Pick<PageState, 'comparing' | 'run'>): Promise<void> {
  if (comparing === null || run === null) return;
  const { searchParams } = url;
  if (comparing.kind === 'moments') {
    searchParams.set('from', String(comparing.from));
    return;
  }
  const { source, beside } = comparing;
  const own = sourceOf(run);
  const isOwn = source.scenario === own.scenario && source.script === own.script;
  if (!isOwn && source.scenario !== undefined) searchParams.set('beside', source.scenario);
  if (!isOwn && source.script !== undefined) {
    const carried = new URLSearchParams(url.hash.slice(1));
    carried.set(CARRIED, await pack(source.script));
    url.hash = carried.toString();
  }
  if (isOwn || source.policy !== undefined) searchParams.set('beside-policy', beside.policy);
  if (source.bug !== undefined) searchParams.set('beside-bug', source.bug);
  if (source.backend !== undefined) searchParams.set('beside-backend', source.backend);
}
