import { devices } from '../devices/device.ts';
import { jobs } from '../devices/job.ts';
import { faults, iopfGroups } from '../faults/fault.ts';
import { links, messages } from '../hardware/pcie/link.ts';
import { processes, processWithPasid } from '../iommu/process.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { tasks } from '../process/task.ts';
import { vmas } from '../process/vma.ts';
import { type Actor, actors, isEnabled } from '../sim/actor.ts';
import { type Chapter, type Lane, type StackFrame, type StepDef, stepOf } from '../sim/procedure.ts';
import { type Facts, inWords, type Traffic } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { citationOn } from './citations.ts';

/** Something that went from one column of the sequence chart to another. */
export interface TraceMessage {
  readonly traffic: Traffic;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly mm: number | null;
  readonly fault: boolean;
}

/** One performed step, as it can be told: nothing in the machine reads it. */
export interface TraceEntry {
  /** Number of events performed with this one. */
  readonly event: number;
  readonly time: number;
  /** The event that made it possible; 0 for the start. */
  readonly cause: number;
  readonly actor: number;
  readonly who: string;
  readonly lane: string;
  /** `procedure.label`. */
  readonly step: string;
  /** A phrase without subject: `who` goes before it. */
  readonly text: string;
  readonly cite: string;
  readonly chapter: Chapter | null;
  readonly transaction: boolean;
  /** Frames on the actor's stack before the step and after it. */
  readonly depth: number;
  readonly depthAfter: number;
  /** The actor cannot move on by itself. */
  readonly blocked: boolean;
  readonly mm: number | null;
  readonly fault: boolean;
  readonly messages: readonly TraceMessage[];
  readonly moments: readonly string[];
  /** Its locals, and what it found out, by name. */
  readonly facts: Facts;
}

/** What a step that is being performed says about itself. */
export interface Telling {
  readonly facts: Record<string, number | string>;
  readonly messages: Facts[];
  readonly moments: string[];
}

export function listen(world: World): Telling {
  const telling: Telling = { facts: {}, messages: [], moments: [] };
  world.listener = (topic, facts) => {
    if (topic === 'facts') Object.assign(telling.facts, facts);
    else if (topic === 'message') telling.messages.push(facts);
    else if (topic === 'moment') telling.moments.push(String(facts['moment']));
  };
  return telling;
}

/** The layers of the kernel as the subjects of sentences. */
const LAYERS: Readonly<Record<Lane, string>> = {
  self: '',
  mm: 'kernel',
  iommu: 'IOMMU core',
  faults: 'fault handler',
  'smmu-driver': '',
  'device-driver': 'device driver',
};

/** Who does a step: the actor itself in its own column, else the layer of the kernel whose code it runs. */
function subjectOf(world: World, def: StepDef, actor: Actor): string {
  if (laneOf(def, actor) === actor.lane) return actor.name;
  return def.lane === 'smmu-driver' ? siliconOf(world).driver : LAYERS[def.lane];
}

/** The column in whose name a step is done. */
export function laneOf(def: { readonly lane: Lane }, actor: Actor): string {
  return def.lane === 'self' ? actor.lane : def.lane;
}

const PLACEHOLDER = /\{(\w+)\}/g;

/** The sentence of a step with its placeholders filled in: facts first, then locals as they were before the step. */
export function phrase(world: World, def: StepDef, locals: Facts, facts: Facts): string {
  return def.text.replace(PLACEHOLDER, (_whole, name: string) => {
    const value = facts[name] ?? locals[name];
    return value === undefined ? '...' : inWords(world, name, value);
  });
}

/** Locals in words, taken before the step: it may free the rows they name. */
export function localsInWords(world: World, frame: StackFrame, text = stepOf(frame).text): Facts {
  const { keys } = stepOf(frame);
  const words: Record<string, string> = {};
  for (const key of keys) {
    if (text.includes(`{${key}}`)) words[key] = inWords(world, key, frame.locals[key] as number);
  }
  return words;
}

type Finder = (world: World, id: number) => number | null | undefined;
const ofPasid: Finder = (world, pasid) => processWithPasid(world, pasid)?.mm;

/** What a step waits for, in words. */
export function awaited(world: World, frame: StackFrame): string {
  const { awaits = 'its turn' } = stepOf(frame).notes;
  const words = localsInWords(world, frame, awaits);
  return awaits.replace(PLACEHOLDER, (whole, name: string) => String(words[name] ?? whole));
}

/** Whose memory a local is about, by its name. */
const OWNERS: readonly (readonly [string, Finder])[] = [
  ['mm', (_world, mm) => (mm < 0 ? null : mm)],
  ['process', (world, id) => processes.find(world, id)?.mm],
  ['pasid', ofPasid],
  ['task', (world, id) => tasks.find(world, id)?.mm],
  ['vma', (world, id) => vmas.find(world, id)?.mm],
  ['job', (world, id) => ofPasid(world, jobs.find(world, id)?.pasid ?? -1)],
  ['message', (world, id) => ofPasid(world, messages.find(world, id)?.pasid ?? -1)],
  ['iopf', (world, id) => ofPasid(world, iopfGroups.find(world, id)?.pasid ?? -1)],
  ['fault', (world, id) => ofPasid(world, faults.find(world, id)?.pasid ?? -1)],
];

/** The address space that a step is about, null if none. */
export function ownerOf(world: World, values: Facts): number | null {
  for (const [name, find] of OWNERS) {
    const value = values[name];
    if (typeof value !== 'number' || name === 'fault') continue;
    const mm = find(world, value);
    if (mm !== null && mm !== undefined && mm >= 0) return mm;
  }
  return null;
}

/** The name of the SMMU that a device sends to: devices do not know it. */
function upstreamOf(world: World, device: string): string {
  const link = links.first(world, (row) => row.name === device);
  const row = devices.first(world, (each) => each.name === device);
  const smmu = link?.smmu ?? (row === undefined ? 0 : links.get(world, row.link).smmu);
  return siliconOf(world).iommus.find(world, smmu)?.name ?? 'smmu';
}

/** What was sent, with generic ends replaced by names: `smmu` is the one above the device, no sender is the actor. */
export function traceMessage(world: World, sent: Facts, lane: string, mm: number | null): TraceMessage {
  const from = String(sent['from']) || lane;
  const to = String(sent['to']);
  return {
    traffic: sent['traffic'] as Traffic,
    from: from === 'smmu' ? upstreamOf(world, to) : from,
    to: to === 'smmu' ? upstreamOf(world, from) : to,
    text: String(sent['text']),
    mm: ownerOf(world, sent) ?? mm,
    fault: sent['fault'] === 1,
  };
}

function depthOf(frame: StackFrame | null): number {
  let depth = 0;
  for (let at = frame; at !== null; at = at.caller) depth++;
  return depth;
}

/** The arrow of a call into another layer, or of a return out of one; none while a step stays in its layer. */
function crossing(world: World, actor: number, before: StackFrame, mm: number | null): TraceMessage | null {
  const row = actors.get(world, actor);
  const from = laneOf(stepOf(before), row);
  const { frame } = row;
  const back = depthOf(before) > depthOf(frame);
  const to = frame === null ? row.lane : laneOf(stepOf(frame), row);
  if (to === from) return null;
  if (back) return { traffic: 'response', from, to, text: 'return', mm, fault: false };
  const callee = frame === null ? '' : stepOf(frame).procedure;
  return { traffic: 'call', from, to, text: `${callee}()`, mm, fault: false };
}

/** Whether the actor has a step to do and cannot do it. */
function isBlocked(world: World, id: number): boolean {
  const actor = actors.get(world, id);
  return actor.frame === null || !isEnabled(world, actor);
}

/** Builds the entry of a step that was just performed. */
export function entryOf(
  world: World,
  at: { event: number; time: number; cause: number },
  before: { actor: Actor; frame: StackFrame; words: Facts; mm: number | null },
  telling: Telling,
): TraceEntry {
  const { actor, frame } = before;
  const def = stepOf(frame);
  const mm = before.mm ?? ownerOf(world, telling.facts) ?? ownerOf(world, frame.locals);
  const lane = laneOf(def, actor);
  const sent = telling.messages.map((message) => traceMessage(world, message, lane, mm));
  const crossed = crossing(world, actor.id, frame, mm);
  const { event, time, cause } = at;
  return {
    event,
    time,
    cause,
    actor: actor.id,
    who: subjectOf(world, def, actor),
    lane,
    step: def.name,
    text: phrase(world, def, before.words, telling.facts),
    cite: citationOn(world, def.notes.cite ?? ''),
    chapter: def.notes.chapter ?? null,
    transaction: def.notes.transaction === true || sent.length > 0,
    depth: depthOf(frame),
    depthAfter: depthOf(actors.get(world, actor.id).frame),
    blocked: isBlocked(world, actor.id),
    mm,
    fault: telling.facts['fault'] === 1 || sent.some((message) => message.fault),
    messages: crossed === null ? sent : [...sent, crossed],
    moments: telling.moments,
    facts: { ...frame.locals, ...telling.facts },
  };
}
