/** The plain part of a stream, access after access, until one is not: see `hardware/bulk-plain.ts`. */
import { findPlain, isPlain, lookPlain, makeRoom, setOf, touchPlain } from '../hardware/bulk-plain.ts';
import { type BulkTlb, GLOBAL, RIGHTS_SHIFT, VALID } from '../hardware/bulk-tlb.ts';
import { RIGHT } from '../hardware/tlb.ts';
import { COMPLETION_GLOBAL, keep } from './atc.ts';
import type { Stream } from './stream.ts';

/** Makes accesses of a batch from one on; where it ended. */
export function runPlain(stream: Stream, from: number, end: number): number {
  const { atc, unit } = stream;
  if (!isPlain(unit.tlb) || (atc !== null && !isPlain(atc))) return from;
  return atc === null ? untranslated(stream, from, end) : translated(stream, atc, from, end);
}

function untranslated(stream: Stream, from: number, end: number): number {
  const { unit, batch, counts } = stream;
  const { words } = unit.tlb;
  const places = stream.firsts.length;
  let { turn } = stream;
  let { check } = counts;
  let at = from;
  for (; at < end; at++) {
    const found = lookPlain(unit, turn, batch[at] as number);
    if (found < 0) break;
    check = (Math.imul(check, 31) + (words[found + 4] as number)) | 0;
    turn = turn + 1 === places ? 0 : turn + 1;
  }
  stream.turn = turn;
  counts.check = check;
  return at;
}

/** By the ATC, which asks for what it has not. */
function translated(stream: Stream, atc: BulkTlb, from: number, end: number): number {
  const { batch, counts, pasids } = stream;
  const { words } = atc;
  const needed = (stream.write ? RIGHT.write : RIGHT.read) << RIGHTS_SHIFT;
  const places = pasids.length;
  let { turn } = stream;
  let { check } = counts;
  let misses = 0;
  let at = from;
  for (; at < end; at++) {
    const page = batch[at] as number;
    const pasid = pasids[turn] as number;
    const first = setOf(atc, page);
    let found = findPlain(atc, first, pasid, page);
    if (found >= 0) {
      if (((words[found] as number) & needed) === 0) break;
      touchPlain(atc, first, found);
    } else {
      found = ask(stream, atc, first, turn, page);
      if (found < 0) break;
      misses++;
    }
    check = (Math.imul(check, 31) + (words[found + 4] as number)) | 0;
    turn = turn + 1 === places ? 0 : turn + 1;
  }
  stream.turn = turn;
  counts.check = check;
  counts.atcMisses += misses;
  counts.atcHits += at - from - misses;
  return at;
}

/** A translation request, whose answer the ATC keeps: where its entry's words begin, -1 if that is not plain. */
function ask({ unit, pasids }: Stream, atc: BulkTlb, first: number, turn: number, page: number): number {
  const from = lookPlain(unit, turn, page);
  if (from < 0) return -1;
  const flags = unit.tlb.words[from] as number;
  const output = unit.tlb.words[from + 4] as number;
  const rights = (flags >>> RIGHTS_SHIFT) & (RIGHT.read | RIGHT.write);
  const isGlobal = unit.tellsGlobal && (flags & GLOBAL) !== 0;
  const pasid = pasids[turn] as number;
  const at = makeRoom(atc, first);
  if (at < 0) {
    Object.assign(unit.leaf, { output: output >>> 0, span: 0, rights, global: isGlobal });
    return keep(atc, pasid, page, unit.leaf);
  }
  const { words } = atc;
  words[at] = VALID | (isGlobal ? GLOBAL : 0) | (rights << RIGHTS_SHIFT);
  words[at + 1] = pasid;
  words[at + 2] = page;
  words[at + 3] = 0;
  words[at + 4] = output;
  words[at + 5] = 0;
  words[at + 6] = (output << 12) | rights | (isGlobal ? COMPLETION_GLOBAL : 0);
  words[at + 7] = output >>> 20;
  return at;
}
