/** A whole file of cases: how many agree, and the differences in groups. */
import { type Difference, judge } from './compare.ts';
import { readCase } from './format.ts';

/** What is printed, the counts in the last line. */
export interface Report {
  readonly lines: readonly string[];
  readonly agree: number;
  readonly differ: number;
}

/** Differences shown of a group; it says how many more there are. */
const SHOWN = 10;

export interface CaseRun {
  /** Judges the case of a line; the answer says why it cannot be read, null if it was. */
  readonly add: (line: string) => string | null;
  readonly report: () => Report;
}

/** Takes a file's lines one after another. */
export function startRun(): CaseRun {
  const groups = new Map<string, Difference[]>();
  const mended = new Map<string, number>();
  let [cases, agree, otherSizes] = [0, 0, 0];
  return {
    add: (line) => {
      const read = readCase(line);
      if (!read.ok) return read.error;
      const verdict = judge(read.value);
      cases++;
      if (verdict.differences.length === 0) agree++;
      otherSizes += verdict.otherSizes;
      for (const q of verdict.mended) mended.set(q, (mended.get(q) ?? 0) + 1);
      gather(groups, verdict.differences);
      return null;
    },
    report: () => {
      const notes = [...mended].map(
        ([q, count]) => `${count} steps answer as the reference model would without its defect ${q}.`,
      );
      if (otherSizes > 0)
        notes.push(
          `${otherSizes} translations of Svnapot say 64 KiB, where the reference model says 4 KiB: either is legal.`,
        );
      const last = `${cases} cases: ${agree} agree, ${cases - agree} differ`;
      return { lines: [...[...groups].flatMap(groupInWords), ...notes, last], agree, differ: cases - agree };
    },
  };
}

/** By class of the case and cause of the difference: the kind of step and the field. */
function gather(groups: Map<string, Difference[]>, differences: readonly Difference[]): void {
  for (const one of differences) {
    const name = `${one.cls}, ${one.op} ${one.field}`;
    const known = groups.get(name);
    if (known === undefined) groups.set(name, [one]);
    else known.push(one);
  }
}

function groupInWords([name, all]: readonly [string, readonly Difference[]]): string[] {
  const shown = all.slice(0, SHOWN).map(({ id, step, op, field, expected, got }) => {
    const where = step === 0 ? 'at the end' : `step ${step} (${op})`;
    return `  case ${id}, ${where}, ${field}: expected ${expected}, got ${got}`;
  });
  const rest = all.length - shown.length;
  return [`${name}: ${all.length} differences`, ...shown, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}
