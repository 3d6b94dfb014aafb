import { SWITCHES, type SwitchName } from '../policy/switches.ts';
import type { Exhibit } from './exhibit.ts';
import { POSTED } from './exhibits-posted.ts';

/** The invariant that each switch breaks in its scenario, and the chapter from which every order is tried. */
const BROKEN: { readonly [S in SwitchName]: readonly [invariant: string, from: string] } = {
  'pasid-freed-at-mmput': ['one-pasid', 'app exits'],
  'unbind-without-flush': ['pasid-in-flight', 'app unbinds'],
  'drain-unsupported': ['pasid-in-flight', 'app unbinds'],
  'flush-under-lock': ['deadlock', 'app unbinds'],
  'mm-dropped-early': ['freed-objects', 'app exits'],
  'device-released-early': ['freed-objects', 'The device is taken out'],
  'answered-unmatched': ['one-response', 'The device is taken out'],
  'started-unasked': ['pasid-in-flight', 'The device is given up'],
  'entry-left-live': ['released-tables', 'It exits'],
  'atc-before-iotlb': ['frames-cached', 'One thread unmaps it'],
  'range-wraps': ['frames-cached', 'All of it is unmapped'],
  'span-ignores-address': ['frames-cached', 'Both are unmapped'],
  'entry-torn': ['pasid-entries', 'The bond ends'],
  'listed-late': ['asid-owner', 'It joins another, and a process binds'],
  'overflow-acked-early': ['partials-outstanding', 'The overflow is seen'],
  'partials-kept': ['partials-outstanding', 'Its last is lost'],
};

function ofSwitch(bug: SwitchName): Exhibit {
  const { title, story, before, after, origin, carried, byMechanism } = SWITCHES[bug];
  const told = { title, story, before, after, origin, carried, byMechanism };
  const cause = { kind: 'bug', bug } as const;
  const [invariant, from] = BROKEN[bug];
  return { id: bug, ...told, cause, invariant, scenario: `museum-${bug}`, from, until: null };
}

/** The museum, in the order in which its gallery shows it. */
export const EXHIBITS: readonly Exhibit[] = [...(Object.keys(SWITCHES) as SwitchName[]).map(ofSwitch), ...POSTED];
