import { devices } from '../devices/device.ts';
import { links } from '../hardware/pcie/link.ts';
import { processOf } from '../iommu/process.ts';
import { hex, pageAddress } from '../lib/format.ts';
import { INVARIANTS } from '../machine/invariants/index.ts';
import { machineOf, type Outcome, type Play } from '../play/play.ts';
import { findTask, regionName } from '../play/resolve.ts';
import type { Written } from '../play/written.ts';
import { DECISIONS, isDecision } from '../policy/decisions.ts';
import { PRESETS, type PresetName, readPolicy } from '../policy/policy.ts';
import type { Task } from '../process/task.ts';
import { vmasOf } from '../process/vma.ts';
import { type Explanation, explain } from '../script/index.ts';
import type { World } from '../world/world.ts';

/** What became of a command of the script. */
export interface LineView {
  /** The line that it stands in, from 1. */
  readonly line: number;
  readonly state: Outcome['state'];
  /** Events performed when it began, and when it ended. */
  readonly first: number;
  readonly last: number;
  readonly output: readonly string[];
}

export function lineViews(outcomes: readonly Outcome[], { lines }: Written): LineView[] {
  return outcomes.map(({ state, first, last, output }, index) => {
    return { line: lines[index] ?? 0, state, first, last, output };
  });
}

/** A word of a line: columns from 1, what may stand there, and what it stands for at this moment. */
export interface WordView extends Explanation {
  /** What is known of it at this moment, null for nothing. */
  readonly now: string | null;
  /** Key of the thing that it names, null if it names none that is there. */
  readonly key: string | null;
}

type Live = Pick<WordView, 'now' | 'key'>;

const NOTHING: Live = { now: null, key: null };

/** The word at a column of a line, with what it stands for at the moment that the machine is at; null for no word. */
export function wordAt(play: Play, line: string, column: number): WordView | null {
  const word = explain(line, column);
  return word === null ? null : { ...word, ...liveOf(play, word, line) };
}

function liveOf(play: Play, { word, parameter }: Explanation, line: string): Live {
  const { world } = machineOf(play);
  switch (parameter) {
    case 'PROC':
      return taskNow(world, word);
    case 'DEVICE':
    case 'ACTOR':
      return deviceNow(world, word);
    case 'ADDRESS':
      return areaNow(world, word, line);
    case 'INVARIANT':
      return { now: INVARIANTS.find(({ id }) => id === word)?.claim ?? null, key: null };
    case 'POLICY':
    case 'POLICIES':
      return { now: policyNow(word), key: null };
    default:
      return NOTHING;
  }
}

function taskNow(world: World, name: string): Live {
  const task = findTask(world, name);
  return task.ok ? { now: processWords(world, task.value), key: `task/${task.value.id}` } : NOTHING;
}

function processWords(world: World, { pid, mm }: Task): string {
  if (mm < 0) return `pid ${pid}, without an address space`;
  const process = processOf(world, mm);
  const areas = vmasOf(world, mm).length;
  const bound = process === undefined ? 'no PASID' : `PASID ${process.pasid}`;
  return `pid ${pid}, ${bound}, ${areas === 1 ? '1 area' : `${areas} areas`}`;
}

function deviceNow(world: World, name: string): Live {
  const device = devices.first(world, (row) => row.name === name);
  if (device === undefined) return NOTHING;
  const pasid = device.pasidBits > 0 && `PASID of ${device.pasidBits} bits`;
  const abilities = [device.ats && 'ATS', device.pri && 'PRI', device.stall && 'Stall', pasid].filter(Boolean);
  const stream = `stream 0x${hex(links.get(world, device.link).sid)}`;
  return { now: [stream, ...abilities].join(', '), key: `device/${device.id}` };
}

/** The area of an address that is written by its region, of the process that the line names. */
function areaNow(world: World, word: string, line: string): Live {
  const [region] = word.split('+');
  for (const name of line.split(/\s+/)) {
    const task = findTask(world, name);
    if (!task.ok || task.value.mm < 0) continue;
    const vma = vmasOf(world, task.value.mm).find((each) => regionName(each.name) === region);
    if (vma === undefined) continue;
    return { now: `${pageAddress(vma.start)} to ${pageAddress(vma.end)} of ${name}`, key: `vma/${vma.id}` };
  }
  return NOTHING;
}

/** The title of a design, or the questions that its settings answer. */
function policyNow(text: string): string | null {
  const settings = [...text.matchAll(/([a-z-]+)=([a-z-]+)/g)].flatMap(([, decision = '', answer = '']) => {
    if (!isDecision(decision)) return [];
    const { question, answers }: { question: string; answers: Readonly<Record<string, string>> } = DECISIONS[decision];
    return [`${question} ${answer}: ${answers[answer] ?? 'no such answer'}`];
  });
  const policy = readPolicy(text.split(',')[0] ?? '');
  const titles = policy.ok ? [PRESETS[policy.value.name as PresetName].title] : [];
  return [...titles, ...settings].join('. ') || null;
}
