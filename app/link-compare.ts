import { eventsAt, rowOf } from './draw/beside.ts';
import type { Source } from './engine/contract.ts';
import { pack, unpack } from './link.ts';
import { type Shown, sourceOf } from './store/comparing.ts';
import { LOOKS, type PageState } from './store/state.ts';
import { words } from './words.ts';

/** What a link puts beside the moment that it shows: another moment of the run, or another run. */
export type Asked = { readonly from: number } | ({ readonly beside: Source } & Shown);

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
  return { beside: { ...origin, ...kernel, ...(backend == null ? {} : { backend }) }, ...shownIn(given, problems) };
}

/** What of both runs, and which of the rows that the left run stands at. */
function shownIn(given: URLSearchParams, problems: string[]): Shown {
  const [wanted, row] = [given.get('beside-look'), given.get('beside-row')];
  const look = LOOKS.find((each) => each === wanted);
  if (wanted !== null && look === undefined) problems.push(words.compare.badLook(wanted));
  const isNumber = row !== null && /^\d{1,9}$/.test(row);
  if (row !== null && !isNumber) problems.push(words.compare.badRow(row));
  return { ...(look === undefined ? {} : { look }), ...(isNumber ? { row: Number(row) } : {}) };
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
  const { source, beside, row, look } = comparing;
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
  if (look !== 'events') searchParams.set('beside-look', look);
  // An event of the left run names its row but where the right one alone goes on.
  if (row !== rowOf(beside.rows.left, eventsAt(beside.rows, row).left)) searchParams.set('beside-row', String(row));
}
