import { describe, expect, test, vi } from 'vitest';
import { judge } from '../cli/verdict.ts';
import { present } from '../lib/assert.ts';
import { INVARIANTS } from '../machine/invariants/index.ts';
import type { Play, PlayOptions } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { bugs, readKernel, readPolicy } from '../policy/policy.ts';
import { addedBy, SWITCH_NAMES, SWITCHES } from '../policy/switches.ts';
import { SCENARIOS, SUBJECTS } from './catalogue.ts';
import { type Exhibit, kernelsOf } from './exhibit.ts';
import { EXHIBITS } from './exhibits.ts';

const played = new Map<string, Play>();

/** Each scenario is played once under each kernel; `bug` undefined is the bug of its script. */
function play({ scenario }: Exhibit, options: PlayOptions = {}): Play {
  const key = JSON.stringify([scenario, options]);
  const known = played.get(key);
  if (known !== undefined) return known;
  const text = SCENARIOS.find(({ id }) => id === scenario)?.text ?? '';
  const { play: fresh, diagnostics } = playScript(text, options);
  expect(diagnostics).toEqual([]);
  played.set(key, fresh);
  return fresh;
}

/** The kernel of an exhibit without its bug. */
function repaired(exhibit: Exhibit): PlayOptions {
  const kernel = readKernel(kernelsOf(exhibit).repaired);
  return kernel.ok ? kernel.value : {};
}

/** The repaired kernel with these answers as they were posted. */
function answering(repaired: string, answers: readonly string[]): PlayOptions {
  const policy = readPolicy([repaired, ...answers].join(','));
  return policy.ok ? { policy: policy.value } : {};
}

function withCause({ cause }: Exhibit): PlayOptions {
  return cause.kind === 'bug' ? {} : answering(cause.repaired, cause.answers);
}

/** The kernels in which a part of the cause is repaired. */
function withoutPart({ cause }: Exhibit): PlayOptions[] {
  if (cause.kind === 'bug') return [{ bug: null }];
  return cause.answers.map((part) =>
    answering(
      cause.repaired,
      cause.answers.filter((each) => each !== part),
    ),
  );
}

function stepsOf({ machine }: Play): ReadonlySet<string> {
  return new Set(machine?.trace.map(({ step }) => step));
}

describe.each(EXHIBITS)('$id', (exhibit) => {
  test('breaks its invariant first, and nothing that its scenario does not expect', () => {
    const broken = play(exhibit);

    expect(broken.machine?.broken?.claims[0]?.id).toBe(exhibit.invariant);
    expect(judge(exhibit.id, broken).lines).toEqual([]);
  });

  test('is repaired by what it says: the same commands break nothing', () => {
    const mended = play(exhibit, repaired(exhibit));

    expect(mended.machine?.broken).toBeNull();
    expect(judge(exhibit.id, mended).lines).toEqual([]);
  });

  test('takes the step that it changes, and but for its own none that the repaired kernel does not take', () => {
    if (exhibit.cause.kind !== 'bug') return;
    const { bug } = exhibit.cause;
    const [broken, mended] = [stepsOf(play(exhibit)), stepsOf(play(exhibit, { bug: null }))];
    const known = [...mended, ...addedBy(bug)];

    expect(broken).toContain(SWITCHES[bug].step);
    expect([...broken].filter((step) => !known.includes(step))).toEqual([]);
    expect(addedBy(bug).filter((step) => mended.has(step))).toEqual([]);
  });

  test('says in which step its bug goes wrong, up to the one that breaks the invariant, and says nothing repaired', () => {
    if (exhibit.cause.kind !== 'bug') return;
    const { machine } = play(exhibit);
    const acts = (each: Play) => each.machine?.trace.filter(({ moments }) => moments.includes('bug.acts')) ?? [];
    const first = acts(play(exhibit))[0];

    expect(first?.event).toBeLessThanOrEqual(machine?.broken?.event ?? 0);
    expect(acts(play(exhibit, { bug: null }))).toEqual([]);
  });

  test('is told by invariants that do not look at the switch; one of standstills asks guards', () => {
    const { machine } = play(exhibit);
    const looks = vi.spyOn(bugs, 'find');

    for (const { check, ofStandstills } of INVARIANTS)
      if (ofStandstills !== true) check(present(machine, 'an exhibit has a machine').world);
    const seen = looks.mock.calls.length;
    looks.mockRestore();

    expect(seen).toBe(0);
  });

  test('is caused by what it names, and by nothing less', () => {
    const claims = play(exhibit, withCause(exhibit)).machine?.broken?.claims ?? [];

    expect(claims.map(({ id }) => id)).toContain(exhibit.invariant);
    for (const kernel of withoutPart(exhibit)) expect(play(exhibit, kernel).machine?.broken).toBeNull();
  });
});

test('the museum has an exhibit for each switch, each with an invariant that exists', () => {
  expect(EXHIBITS.flatMap(({ cause }) => (cause.kind === 'bug' ? cause.bug : []))).toEqual(SWITCH_NAMES);
  const known = INVARIANTS.map(({ id }) => id);
  expect(EXHIBITS.filter(({ invariant }) => !known.includes(invariant))).toEqual([]);
  expect(new Set(EXHIBITS.map(({ id }) => id)).size).toBe(EXHIBITS.length);
});

test('the scenarios of the bug museum are those of its switches, and have their titles', () => {
  const museum = SUBJECTS.find(({ title }) => title === 'Bug museum')?.scenarios ?? [];
  const named = museum.map(({ id, title }) => `${id}: ${title}`);

  expect(named.toSorted()).toEqual(SWITCH_NAMES.map((name) => `museum-${name}: ${SWITCHES[name].title}`).toSorted());
});
