import { present } from '../../lib/assert.ts';
import { INVARIANTS, type Invariant } from '../../machine/invariants/index.ts';
import { type KernelNames, readKernel } from '../../policy/policy.ts';
import { FILES, SCENARIOS } from '../../scenarios/catalogue.ts';
import type { Exhibit } from '../../scenarios/exhibit.ts';
import { allSteps } from '../../sim/procedure.ts';
import { type Counterexample, counterexample } from '../counterexample.ts';
import { advance, createSearch, type Search } from '../search.ts';
import { startAt } from '../start.ts';

/** More states than any exhibit has. */
const MAX_STATES = 1_000_000;

/** Tries every order of an exhibit, under one of its kernels; `states`: where it stops if nothing was found. */
export function searchExhibit(exhibit: Exhibit, names: KernelNames, states = MAX_STATES): Search {
  const { scenario, from, until } = exhibit;
  const { text } = present(
    SCENARIOS.find(({ id }) => id === scenario),
    'an exhibit has a scenario',
  );
  const kernel = readKernel(names);
  if (!kernel.ok) throw new Error(kernel.error);
  const span = { at: from, ...(until === null ? {} : { until }) };
  const start = startAt(text, { files: FILES, ...kernel.value, ...span });
  if (!start.ok) throw new Error(`${exhibit.id}: ${JSON.stringify(start.error)}`);
  const search = createSearch(start.value, { states, bytes: 2 ** 30 });
  while (search.state === 'searching') advance(search, 2_000);
  return search;
}

/** What a search of an exhibit found; it has to have found something. */
export function foundIn(search: Search): Counterexample {
  return present(counterexample(search), 'the search finds something wrong');
}

/** Does something while these invariants are not there. */
export function without<T>(ids: readonly string[], what: () => T): T {
  const all = INVARIANTS as Invariant[];
  const kept = [...all];
  all.splice(0, all.length, ...kept.filter(({ id }) => !ids.includes(id)));
  try {
    return what();
  } finally {
    all.splice(0, all.length, ...kept);
  }
}

/** The steps that somebody took in some state of a search. */
export function stepsTaken({ taken }: Search): ReadonlySet<string> {
  return new Set(allSteps().flatMap(({ name }, id) => (taken[id] === 1 ? [name] : [])));
}

/** The steps of a counterexample, from the moment on that the search began at. */
export function stepsOf({ play }: Counterexample, { start }: Search): readonly string[] {
  const trace = play.machine?.trace ?? [];
  const steps = trace.filter(({ event, step }) => event > start.event && step !== 'script.command');
  return [...new Set(steps.map(({ step }) => step))];
}
