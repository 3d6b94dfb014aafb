import { err, ok, type Result } from '../lib/result.ts';
import { suggestion } from '../lib/suggestion.ts';
import { type Facts, reach, tell } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { type Answer, answersTo, DECISION_NAMES, type DecisionName, isDecision } from './decisions.ts';
import { isSwitch, SWITCH_NAMES, type SwitchName } from './switches.ts';

/** A kernel design: its answer to each decision. */
export type Policy = { readonly [D in DecisionName]: Answer<D> };

/** A design that has a name of its own. */
export interface Preset {
  readonly title: string;
  readonly answers: Policy;
}

const REPAIRED: Policy = {
  identity: 'mm',
  'process-lookup': 'again',
  'context-lookup': 'again',
  'dying-mm': 'refused',
  'leaving-device': 'refused',
  'lookup-reference': 'dropped',
  bonds: 'per-device',
  'repeat-bind': 'counted',
  'unbind-key': 'bond',
  'exit-callback': 'per-device',
  'exited-entry': 'cleared',
  'pasid-lifetime': 'completed',
  'leaving-atc': 'invalidated',
  partials: 'discarded',
  'fault-queue': 'global',
  responses: 'matched',
  'pasid-table': 'domain',
  'stack-growth': 'as-cpu',
  'process-asid': 'shared',
  'needs-iopf': 'refused',
  pins: 'reference',
  'private-pasid': 'none',
  vfio: 'bind',
};

export const PRESETS = {
  'rfcv2-as-posted': {
    title: 'RFCv2 of 6 October 2017, as posted',
    answers: {
      ...REPAIRED,
      identity: 'task',
      'process-lookup': 'once',
      'context-lookup': 'once',
      'dying-mm': 'unchecked',
      'leaving-device': 'unchecked',
      'lookup-reference': 'leaked',
      bonds: 'counted',
      'unbind-key': 'pasid',
      'exit-callback': 'per-domain',
      'pasid-lifetime': 'flushed',
      'leaving-atc': 'kept',
      partials: 'kept',
      responses: 'unmatched',
    },
  },
  rfcv2: { title: 'RFCv2 of 6 October 2017, repaired', answers: REPAIRED },
  'v2-2018': {
    title: 'v2 of 11 May 2018: io_mm, bonds, sleepable mm_exit',
    answers: {
      ...REPAIRED,
      'repeat-bind': 'refused',
      'exit-callback': 'sleepable',
      'fault-queue': 'per-iommu',
      'private-pasid': 'io-mm',
    },
  },
  mainline: {
    title: 'Linux since v6.11: SVA domains, PASIDs that live with the mm',
    answers: {
      ...REPAIRED,
      'exit-callback': 'none',
      'exited-entry': 'quiet',
      'pasid-lifetime': 'mm',
      'fault-queue': 'per-iommu',
      'pasid-table': 'device',
      'stack-growth': 'never',
      'process-asid': 'own',
      'needs-iopf': 'allowed',
      pins: 'mapping',
      'private-pasid': 'domain',
      vfio: 'none',
    },
  },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof PRESETS;

export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];

/** The design that runs unless a script says otherwise. */
export const DEFAULT_POLICY: NamedPolicy = { name: 'rfcv2', answers: PRESETS.rfcv2.answers };

function isPreset(name: string): name is PresetName {
  return Object.hasOwn(PRESETS, name);
}

/** A policy as it is written, and what it answers. */
export interface NamedPolicy {
  /** The preset, then each decision that is answered differently, as in `rfcv2,repeat-bind=refused`. */
  readonly name: string;
  readonly answers: Policy;
}

/** Reads a policy as a script writes it; the error is a sentence. Answers that the preset gives already are left out. */
export function readPolicy(text: string): Result<NamedPolicy, string> {
  const [preset = '', ...settings] = text.split(',');
  if (!isPreset(preset)) return err(unknownPreset(preset));
  const answers: Record<string, string> = { ...PRESETS[preset].answers };
  for (const setting of settings) {
    const [decision = '', answer = ''] = setting.split('=');
    const flaw = flawIn(decision, answer);
    if (flaw !== null) return err(flaw);
    answers[decision] = answer;
  }
  const policy = answers as unknown as Policy;
  const own = DECISION_NAMES.filter((decision) => policy[decision] !== PRESETS[preset].answers[decision]);
  const name = [preset, ...own.map((decision) => `${decision}=${policy[decision]}`)].join(',');
  return ok({ name, answers: policy });
}

/** What is wrong with an answer to a decision, null if nothing is. */
function flawIn(decision: string, answer: string): string | null {
  if (!isDecision(decision))
    return `there is no decision ${decision}; there is ${DECISION_NAMES.join(', ')}${suggestion(decision, DECISION_NAMES)}`;
  const answers = answersTo(decision);
  return answers.includes(answer) ? null : `${decision} is ${answers.join(' or ')}, not ${answer || 'nothing'}`;
}

/** How a script says that the machine has none of the museum's bugs. */
export const NO_BUG = 'none';

/** Reads a switch of the museum, or `none`; the error is a sentence. */
export function readBug(text: string): Result<SwitchName | null, string> {
  if (text === NO_BUG) return ok(null);
  const known = SWITCH_NAMES.join(', ');
  return isSwitch(text) ? ok(text) : err(`there is no bug ${text}; there is ${known}${suggestion(text, SWITCH_NAMES)}`);
}

/** The machines that a condition can name. */
const MACHINES: readonly string[] = ['smmuv3', 'riscv'];

/** What is wrong with a condition, null if nothing is. */
export function flawInCondition(condition: string): string | null {
  for (const part of condition.split(/[,+]/)) {
    const [word = '', answer] = part.split('=');
    if (word === 'bug') {
      const bug = readBug(answer ?? '');
      if (!bug.ok) return bug.error;
      continue;
    }
    if (word === 'machine') {
      if (!MACHINES.includes(answer ?? '')) return `machine is ${MACHINES.join(' or ')}, not ${answer ?? 'nothing'}`;
      continue;
    }
    const flaw = answer === undefined ? (isPreset(word) ? null : unknownPreset(word)) : flawIn(word, answer);
    if (flaw !== null) return flaw;
  }
  return null;
}

function unknownPreset(word: string): string {
  return `there is no policy ${word}; there is ${PRESET_NAMES.join(', ')}${suggestion(word, PRESET_NAMES)}`;
}

/** The kernel that runs: its design, and the one bug that was put into it, null for none. */
export interface Kernel {
  readonly policy: NamedPolicy;
  readonly bug: SwitchName | null;
}

/** What of a kernel is asked for by name; `none` is a bug that is asked not to be there. */
export interface KernelNames {
  readonly policy?: string | undefined;
  readonly bug?: string | undefined;
}

/** Reads what is asked for of a kernel, and leaves out what is not; the error is a sentence. */
export function readKernel(names: KernelNames): Result<Partial<Kernel>, string> {
  const policy = names.policy === undefined ? null : readPolicy(names.policy);
  if (policy?.ok === false) return policy;
  const bug = names.bug === undefined ? null : readBug(names.bug);
  if (bug?.ok === false) return bug;
  return ok({ ...(policy === null ? {} : { policy: policy.value }), ...(bug === null ? {} : { bug: bug.value }) });
}

/**
 * Whether a kernel is one of those that a condition names: `v2-2018,mainline`, or by an answer, `pasid-table=device`, or by
 * its bug, `bug=atc-before-iotlb`, or its machine, `machine=riscv`. What a plus joins must hold together: `pins=reference+needs-iopf=allowed`.
 */
export function holdsUnder(condition: string, { policy: { name, answers }, bug }: Kernel, machine = 'smmuv3'): boolean {
  const isTrue = (part: string): boolean => {
    const [word = '', answer] = part.split('=');
    if (word === 'bug') return answer === (bug ?? NO_BUG);
    if (word === 'machine') return answer === machine;
    return answer === undefined ? word === name : isDecision(word) && answers[word] === answer;
  };
  return condition.split(',').some((parts) => parts.split('+').every(isTrue));
}

type PolicyRow = Row & Policy & { readonly name: string };

const kinds = Object.fromEntries(DECISION_NAMES.map((decision) => [decision, 'text'])) as Record<DecisionName, 'text'>;

/** One row, written when the machine is switched on: the policy of this machine. */
export const policies = table<PolicyRow>('policy', { name: 'name', ...kinds }, (id, row) => ({
  ...row,
  id,
  h0: 0,
  h1: 0,
}));

interface BugRow extends Row {
  readonly bug: string;
}

/** One row where a switch of the museum is on, else none: a kernel without a bug has the states that it had before there were any. */
export const bugs = table<BugRow>('bug', { bug: 'text' }, (id, row) => ({ id, h0: 0, h1: 0, bug: row.bug }));

/** Writes down the policy of a machine, and its bug. */
export function settlePolicy(world: World, { policy: { name, answers }, bug }: Kernel): void {
  policies.insert(world, { name, ...answers });
  if (bug !== null) bugs.insert(world, { bug });
}

/** Whether the policy of this machine gives this answer to a decision. */
export function decides<D extends DecisionName>(world: World, decision: D, answer: Answer<D>): boolean {
  const policy: Policy = policies.get(world, 0);
  return policy[decision] === answer;
}

/** Whether this machine has a bug of the museum. Each is read at one place, in a guard or in the choice of what comes next. */
export function hasBug(world: World, bug: SwitchName): boolean {
  return bugs.find(world, 0)?.bug === bug;
}

/** Says that the bug goes wrong in this step: its sentence is told by every chart, and `run until bug.acts` stops behind it. */
export function tellBug(world: World, facts: Facts = {}): void {
  tell(world, facts);
  reach(world, 'bug.acts');
}

/** The bug of the museum that this machine has, null for none. */
export function bugName(world: World): string | null {
  return bugs.find(world, 0)?.bug ?? null;
}

/** The policy of this machine as it is written. */
export function policyName(world: World): string {
  return policies.get(world, 0).name;
}
