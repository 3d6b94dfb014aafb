import { at, type Machine, seek } from '../machine/machine.ts';
import { stepsThatWrote } from './history.ts';
import { type Look, look } from './inspect.ts';
import { sentenceOf } from './story.ts';
import type { WhyLink, WhyView } from './view.ts';

/** Links of a chain of causes that are given; the last says how the chain goes on. */
const LIMIT = 40;
/** Writes of a thing that are looked at for one that changed the field. */
const WRITES_TRIED = 10_000;

/**
 * Which event gave a value that the inspector shows, and what led to it: `field` is its name there, null means the
 * thing as a whole. Null where the thing is not there at this moment, or has no such field.
 */
export function whyOf(machine: Machine, key: string, field: string | null): WhyView | null {
  const moment = at(machine);
  const found = look(machine, key);
  const value = found && valueIn(found, field);
  if (found === null || value === null) return null;
  const event = writerOf(machine, key, isRecord(key) ? null : field, found);
  const before = event === 0 ? null : valueBefore(machine, key, field, event);
  seek(machine, moment);
  const links = event === 0 ? [] : chainOf(machine, event);
  return {
    key,
    field,
    thing: found.title,
    value,
    before,
    kept: found.origin !== null,
    chain: links.slice(0, LIMIT),
    more: Math.max(0, links.length - LIMIT),
  };
}

/** Records are written whole: a bit that is as it was in the record before has come with this one all the same. */
const RECORDS = ['cmdq', 'evtq', 'priq', 'iotlb', 'atc'];

function isRecord(key: string): boolean {
  return RECORDS.includes(key.slice(0, key.indexOf('/')));
}

/** A value as the inspector shows it; the thing as a whole is all its values. */
function valueIn({ fields, records }: Look, field: string | null): string | null {
  const all = [
    ...fields,
    ...records.flatMap(({ bits }) => bits.map(({ name, hex, value }) => ({ name, value: value || `0x${plain(hex)}` }))),
  ];
  if (field !== null) return all.find(({ name }) => name === field)?.value ?? null;
  return all.map(({ name, value }) => `${name} ${value}`).join(', ');
}

function plain(hex: string): string {
  return hex.replace(/^(0x)?0*(?=.)/, '');
}

function valueBefore(machine: Machine, key: string, field: string | null, event: number): string | null {
  seek(machine, event - 1);
  const earlier = look(machine, key);
  return earlier && valueIn(earlier, field);
}

/** The last event up to now that made the value what it is; 0 for none. Leaves the machine anywhere. */
function writerOf(machine: Machine, key: string, field: string | null, { origin }: Look): number {
  if (origin === null) return 0;
  const writes: number[] = [];
  for (const step of stepsThatWrote(machine, origin)) {
    writes.push(step);
    if (writes.length === WRITES_TRIED) break;
  }
  // What an event has written is compared as the inspector shows it, before and after: no second decoder can differ.
  for (const step of writes) {
    seek(machine, step + 1);
    const after = look(machine, key);
    if (valueBefore(machine, key, field, step + 1) !== (after && valueIn(after, field))) return step + 1;
  }
  return 0;
}

/** The event and its causes, newest first; steps that one actor did by itself are one link, told by the last. */
function chainOf({ trace }: Machine, event: number): WhyLink[] {
  const links: WhyLink[] = [];
  for (let now = trace[event - 1]; now !== undefined; now = trace[now.cause - 1]) {
    const last = links.at(-1);
    const writer = links.length === 1;
    if (last !== undefined && !writer && last.actor === now.actor && now.lane === last.lane) {
      links[links.length - 1] = { ...last, steps: last.steps + 1 };
    } else {
      const { actor, lane, step, cite, mm, fault } = now;
      links.push({ event: now.event, actor, lane, sentence: sentenceOf(now), step, cite, mm, fault, steps: 1 });
    }
  }
  return links;
}

/** An event and all that led to it, cause before effect. */
export function causesOf({ trace }: Machine, event: number): number[] {
  const found: number[] = [];
  for (let entry = trace[event - 1]; entry !== undefined; entry = trace[entry.cause - 1]) found.push(entry.event);
  return found.reverse();
}
