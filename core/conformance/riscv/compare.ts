/** Compares what the IOMMU does with what a case expects, field by field, and gathers the differences. */
import { benchOf } from './bench.ts';
import type { Case, Json } from './format.ts';
import { endOf, play } from './play.ts';

export interface Difference {
  readonly id: number;
  readonly cls: string;
  /** From 1 on; 0 for the registers at the end. */
  readonly step: number;
  readonly op: string;
  /** Path of the field, for instance ats.w. */
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

/** What a case came to. */
export interface Verdict {
  readonly differences: readonly Difference[];
  /** Names of the known defects of the reference model (q) whose mended answer was given. */
  readonly mended: readonly string[];
  /** Steps where a size was another one that the schema allows. */
  readonly otherSizes: number;
}

/** Runs a case; what comes after a step that differs is compared too. */
export function judge(given: Case): Verdict {
  const bench = benchOf(given);
  const differences: Difference[] = [];
  const mended: string[] = [];
  let otherSizes = 0;
  const where = { id: given.id, cls: given.cls };
  for (const [index, step] of given.steps.entries()) {
    const got = play(bench, step);
    if (isOtherSize(got, step.out)) otherSizes++;
    const found = differencesOf(widened(step.out, got), got);
    const isMended = found.length > 0 && step.alt !== undefined;
    if (isMended && differencesOf(widened(step.alt as Json, got), got).length === 0) mended.push(step.q ?? 'alt');
    else differences.push(...found.map((one) => ({ ...where, step: index + 1, op: step.op, ...one })));
  }
  const end = endOf(bench);
  const atEnd = differencesOf(given.end, end);
  const hasMendedEnd = given.endAlt !== undefined && differencesOf(given.endAlt, end).length === 0;
  if (!hasMendedEnd) differences.push(...atEnd.map((one) => ({ ...where, step: 0, op: 'end', ...one })));
  return { differences, mended, otherSizes };
}

const PAGE = '0x1000';
const NAPOT = '0x10000';

/** The model does not widen a run of 16 entries to the 64 KiB that it stands for; a peer may (SCHEMA.md, choice 1). */
function isOtherSize(got: Json, out: Json): boolean {
  return out['sz'] === PAGE && got['sz'] === NAPOT;
}

/** What is expected, with the size that was given where it may be either. */
function widened(out: Json, got: Json): Json {
  return isOtherSize(got, out) ? { ...out, sz: NAPOT } : out;
}

interface Mismatch {
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

/** Fields that differ, down to the leaves of objects and lists. */
function differencesOf(expected: unknown, got: unknown, path = ''): Mismatch[] {
  if (isTree(expected) && isTree(got)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(got)]);
    return [...keys].flatMap((key) =>
      differencesOf(
        expected[key as keyof typeof expected],
        got[key as keyof typeof got],
        path === '' ? key : `${path}.${key}`,
      ),
    );
  }
  if (expected === got) return [];
  return [{ field: path, expected: inWords(expected), got: inWords(got) }];
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function inWords(value: unknown): string {
  return value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
}
