import type { Source } from './engine/contract.ts';
import { sourceOf } from './store/comparing.ts';
import type { PageState } from './store/state.ts';
import { words } from './words.ts';

/** What a link puts beside the moment that it shows: another moment of the run, or another run. */
export type Asked = { readonly from: number } | { readonly beside: Source };

/** What a link compares, null for nothing. `beside-policy`, `beside-bug` and `beside-backend` alone mean the link's own script once more. */
export function comparedIn({ searchParams: given }: URL, own: Source, problems: string[]): Asked | null {
  const [scenario, ...choices] = ['beside', 'beside-policy', 'beside-bug', 'beside-backend'].map((name) =>
    given.get(name),
  );
  if (scenario != null || choices.some((choice) => choice != null)) {
    const { at: _at, fingerprint: _fingerprint, version: _version, ...rest } = own;
    const { policy: _policy, bug: _bug, backend: _backend, ...script } = rest;
    const [policy, bug, backend] = choices;
    const origin = scenario == null ? script : { scenario };
    const kernel = { ...(policy == null ? {} : { policy }), ...(bug == null ? {} : { bug }) };
    return { beside: { ...origin, ...kernel, ...(backend == null ? {} : { backend }) } };
  }
  const from = given.get('from');
  if (from === null) return null;
  if (/^\d{1,9}$/.test(from)) return { from: Number(from) };
  problems.push(words.compare.badFrom(from));
  return null;
}

/** Adds to the link of a moment what it is compared with. A script of its own cannot travel beside another one. */
export function addCompared(url: URL, { comparing, run }: Pick<PageState, 'comparing' | 'run'>): void {
  if (comparing === null || run === null) return;
  const { searchParams } = url;
  if (comparing.kind === 'moments') {
    searchParams.set('from', String(comparing.from));
    return;
  }
  const { source, beside } = comparing;
  const own = sourceOf(run);
  const isOwn = source.scenario === own.scenario && source.script === own.script;
  if (!isOwn && source.scenario === undefined) return;
  if (!isOwn) searchParams.set('beside', source.scenario ?? '');
  if (isOwn || source.policy !== undefined) searchParams.set('beside-policy', beside.policy);
  if (source.bug !== undefined) searchParams.set('beside-bug', source.bug);
  if (source.backend !== undefined) searchParams.set('beside-backend', source.backend);
}
