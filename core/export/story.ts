import { devices } from '../devices/device.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { at, type Machine } from '../machine/machine.ts';
import type { TraceEntry } from '../machine/trace.ts';
import type { Mark, Play } from '../play/play.ts';
import { tasks } from '../process/task.ts';
import { chaptersOf } from './boundaries.ts';
import type { EventView, LaneView, MessageView, NowView } from './view.ts';

/** An event as a sentence: programs and devices go by their names, all others take an article. */
export function sentenceOf({ who, lane, text }: Pick<TraceEntry, 'who' | 'lane' | 'text'>): string {
  const named = who === lane && who !== 'script';
  return `${named ? who : `The ${who}`} ${text}.`;
}

/** The sentence of the moment, with what made it possible and what comes next. */
export function nowOf(play: Play, machine: Machine): NowView {
  const event = at(machine);
  const entry = machine.trace[event - 1];
  const next = machine.trace[event];
  const chapters = chaptersOf(machine.trace, play.marks);
  const chapter = chapters.findLast((each) => each.event < Math.max(event, 1))?.title ?? '';
  const note = noteAt(play.marks, event);
  const coming = next === undefined ? null : { event: next.event, sentence: sentenceOf(next) };
  if (entry === undefined) {
    const sentence = opening(machine);
    const untold = { who: '', cite: '', step: '', why: null, mm: null, fault: false };
    return { event, sentence, note, next: coming, chapter, ...untold };
  }
  const cause = machine.trace[entry.cause - 1];
  return {
    event,
    who: entry.who,
    sentence: sentenceOf(entry),
    cite: entry.cite,
    step: entry.step,
    why: cause === undefined ? null : { event: cause.event, sentence: sentenceOf(cause) },
    next: coming,
    chapter,
    note,
    mm: entry.mm,
    fault: entry.fault,
  };
}

/** What the script has last said to the reader, from its moment on until a later chapter has begun. */
function noteAt(marks: readonly Mark[], event: number): string {
  const begun = marks.findLastIndex((mark) => mark.kind === 'chapter' && mark.event < event);
  const said = marks.slice(begun + 1).filter((mark) => mark.kind === 'note' && mark.event <= event);
  const together = said.filter((mark) => mark.event === said.at(-1)?.event);
  return together.map(({ text }) => text).join(' ');
}

function opening({ world }: Machine): string {
  const count = (number: number, what: string, many: string): string => `${number} ${number === 1 ? what : many}`;
  const processes = count(tasks.all(world).length, 'process', 'processes');
  return `The machine stands ready: ${processes} and ${count(devices.all(world).length, 'device', 'devices')}, nothing bound yet.`;
}

/** The column of the driver is called after its silicon. */
const kernelLanes = (driver: string): readonly LaneView[] => [
  { id: 'device-driver', label: 'device driver' },
  { id: 'iommu', label: 'IOMMU core' },
  { id: 'mm', label: 'mm' },
  { id: 'faults', label: 'fault handler' },
  { id: 'smmu-driver', label: driver },
];

/** Columns of the sequence chart that take part in a run, from the program to the device; other threads stand before. */
export function lanesOf({ world, trace }: Machine): LaneView[] {
  const seen = new Set<string>();
  for (const entry of trace) for (const { from, to } of entry.messages) seen.add(from).add(to);
  const { iommus, driver } = siliconOf(world);
  const own = (names: readonly string[]): LaneView[] => [...new Set(names)].map((name) => ({ id: name, label: name }));
  const all = [
    ...own(tasks.all(world).map((task) => task.name)),
    ...kernelLanes(driver),
    ...own(iommus.all(world).map(({ name }) => name)),
    ...own(devices.all(world).map((device) => device.name)),
  ];
  const others = [...seen].filter((name) => all.every((lane) => lane.id !== name));
  return [...own(others), ...all.filter((lane) => seen.has(lane.id))];
}

/** Events first+1 to last as rows of a table. */
export function eventRowsOf({ trace }: Machine, first: number, last: number): EventView[] {
  return trace.slice(Math.max(0, first), last).map((entry) => {
    const { event, time, step, cite, cause, mm, fault } = entry;
    return { event, time, sentence: sentenceOf(entry), step, cite, cause, mm, fault };
  });
}

/** Rows of the sequence chart for events first+1 to last: what crossed columns, and one row for each event that did not. */
export function messagesOf({ trace }: Machine, first: number, last: number): MessageView[] {
  return trace.slice(Math.max(0, first), last).flatMap((entry): MessageView[] => {
    const { event, lane, mm, fault } = entry;
    if (entry.messages.length > 0) return entry.messages.map((message) => ({ event, ...message }));
    return [{ event, traffic: 'local', from: lane, to: lane, text: entry.text, mm, fault }];
  });
}
