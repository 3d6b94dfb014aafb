/// <reference path="./raw.d.ts" />
import type { BackEnd } from '../hardware/back-end.ts';
import catMaps from '../process/testdata/cat.maps?raw';
import perlMaps from '../process/testdata/perl.maps?raw';

/** A script of the catalogue. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** One sentence or two. */
  readonly summary: string;
  /** The id of the scenario to put beside it, null for none. */
  readonly counterpart: string | null;
  /** The only machine that it makes sense on, and why no other: of BackEnd.machine; null: any. */
  readonly only: { readonly machine: string; readonly why: string } | null;
  readonly text: string;
}

/** Scenarios of one subject, the simplest first. */
export interface Subject {
  readonly title: string;
  readonly scenarios: readonly Scenario[];
}

const texts = import.meta.glob('./*.svm', { query: '?raw', import: 'default', eager: true });

const scenario = (id: string): Scenario[] => {
  const text = texts[`./${id}.svm`];
  return text === undefined ? [] : [describeScript(id, text)];
};
const subject = (title: string, ...ids: readonly string[]): Subject => ({ title, scenarios: ids.flatMap(scenario) });

/** The catalogue: what a course would show first comes first. */
export const SUBJECTS: readonly Subject[] = [
  subject('First steps', 'first-touch', 'shared-pointer', 'unmap-during-dma', 'real-process'),
  subject(
    'Binding',
    ...['bind-first', 'bind-second-device', 'bind-two-domains', 'kernel-doc-example', 'group-shares-table'],
    ...['pasid-exhaustion', 'feature-check', 'identity', 'vfio-bind', 'vfio-attach-group'],
  ),
  subject(
    'I/O page faults',
    ...['fault-pri', 'fault-invalid', 'fault-group', 'fault-stall', 'fault-while-exiting', 'priq-overflow'],
  ),
  subject('Memory that changes', 'munmap', 'mprotect', 'fork-cow', 'swap-out', 'httu'),
  subject('Ending', 'unbind-in-flight', 'exit-mm', 'detach-device', 'hot-unplug'),
  subject('Parts of SVM alone', ...['pin-without-iopf', 'iopf-without-pasid', 'iopf-alone', 'private-pasid']),
  subject('TLBs and ASIDs', 'ats', 'ats-timeout', 'asid-share', 'asid-steal'),
  subject(
    'Questions of a reviewer',
    ...['question-who-pins', 'question-who-pins-driver', 'question-domain-per-bind', 'question-domain-per-process'],
    ...['question-share-pasid-traffic', 'question-share-pasid-two-domains'],
  ),
  subject(
    'Bugs of the posted code',
    ...['bug-second-device-leak', 'two-binders', 'two-binders-second-domain', 'bug-stranger-unbind', 'bug-detach-all'],
    ...['bug-exit-handler', 'bug-lost-last', 'bind-vs-exit', 'bind-vs-detach', 'bug-unbind-after-reuse'],
  ),
  subject(
    'Bug museum',
    ...['museum-atc-before-iotlb', 'museum-span-ignores-address', 'museum-range-wraps', 'museum-entry-torn'],
    ...['museum-entry-left-live', 'museum-pasid-freed-at-mmput', 'museum-unbind-without-flush'],
    ...['museum-drain-unsupported', 'museum-flush-under-lock', 'museum-mm-dropped-early', 'museum-started-unasked'],
    ...['museum-device-released-early', 'museum-answered-unmatched', 'museum-listed-late'],
    ...['museum-overflow-acked-early', 'museum-partials-kept'],
  ),
];

export const SCENARIOS: readonly Scenario[] = SUBJECTS.flatMap(({ scenarios }) => scenarios);

/** Texts that the commands of a script can name. */
export const FILES: Readonly<Record<string, string>> = { 'cat.maps': catMaps, 'perl.maps': perlMaps };

/**
 * A script tells about itself in the comments that it begins with: "# Title: summary", and on lines of their own
 * "# Compare with ID." where another one stands beside it, and "# Only on MACHINE: why." where it needs that machine.
 */
export function describeScript(id: string, text: string): Scenario {
  const comments = /^(?:#.*\n)*/.exec(text)?.[0].replaceAll(/^# ?/gm, '').trim().split('\n') ?? [];
  const counterpart = comments.flatMap((line) => /^Compare with (\S+)\.$/.exec(line)?.[1] ?? [])[0] ?? null;
  const only = comments.flatMap((line) => {
    const [, machine, why] = /^Only on (\S+): (.*)\.$/.exec(line) ?? [];
    return machine === undefined || why === undefined ? [] : [{ machine, why }];
  })[0];
  const [title = '', summary = ''] = comments
    .filter((line) => !/^(Compare with|Only on) /.test(line))
    .join(' ')
    .split(/: (.*)/s);
  return {
    id,
    title,
    summary: summary.charAt(0).toUpperCase() + summary.slice(1),
    counterpart,
    only: only ?? null,
    text,
  };
}

/** Why a scenario makes no sense on a back end, null if it does. */
export function whyNotOn({ only }: Pick<Scenario, 'only'>, { machine }: BackEnd): string | null {
  return only === null || only.machine === machine ? null : only.why;
}
