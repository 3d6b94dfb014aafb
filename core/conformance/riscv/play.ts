/** Plays the steps of a case on the IOMMU, and says in the words of the file what came of each. */

import { getField } from '../../hardware/layout.ts';
import { headDown, type Link, links, type Message, popDown, sendUp } from '../../hardware/pcie/link.ts';
import { ATS_COMPLETION } from '../../hardware/pcie/messages.layout.ts';
import { deviceIdOf, SEGMENT_GIVEN } from '../../hardware/riscv-iommu/device-directory.ts';
import { storeRegister } from '../../hardware/riscv-iommu/mmio.ts';
import { placeInQueue } from '../../hardware/riscv-iommu/output-queue.ts';
import { REGISTER, type Register } from '../../hardware/riscv-iommu/registers.layout.ts';
import { registerField } from '../../hardware/riscv-iommu/registers.ts';
import { assert, present } from '../../lib/assert.ts';
import { hex, hex64 } from '../../lib/format.ts';
import { enabled, perform } from '../../sim/actor.ts';
import type { Facts } from '../../sim/telling.ts';
import { readWord, writeWords } from '../../world/memory.ts';
import { type Bench, read, sidOf, writeWide } from './bench.ts';
import { halvesOf, type Json, type Step } from './format.ts';

/** What was told while the machine moved. */
interface Told {
  readonly facts: Record<string, number | string>;
  readonly stores: Facts[];
  wasFenced: boolean;
}

type Output = Record<string, unknown>;
type StepOf<K extends Step['op']> = Extract<Step, { readonly op: K }>;

/** Does one step and lets the IOMMU come to rest. */
export function play(bench: Bench, step: Step): Json {
  if (step.op === 'mem') {
    for (const [address, value] of step.w) writeWide(bench.world, address, value);
    return {};
  }
  const before = { fqt: read(bench, REGISTER.fqt), pqt: read(bench, REGISTER.pqt) };
  const told = listenTo(bench);
  const own = START[step.op](bench, step as never, told);
  return { ...own, ...effects(bench, told, before) };
}

const START: { readonly [K in Exclude<Step['op'], 'mem'>]: (bench: Bench, step: StepOf<K>, told: Told) => Output } = {
  req: request,
  pr: (bench, step) => {
    const { rid, dsv, dseg, pv, pid, pr, ex, payload } = step;
    const message = { pasid: pv === 1 ? pid : -1, priv: pr, exec: ex, ...halvesOf(payload) };
    sendUp(bench.world, linkAt(bench, sidOf(rid, dsv, dseg)).id, { kind: 'page-request', ...message });
    settle(bench);
    return { k: 0 };
  },
  cmd: (bench, { lo, hi }) => {
    const tail = read(bench, REGISTER.cqt);
    const base = registerField(bench.world, bench.iommu, REGISTER.cqb, 'PPN');
    const size = 2 ** (registerField(bench.world, bench.iommu, REGISTER.cqb, 'LOG2SZ_1') + 1);
    const { page, offset } = placeInQueue(base, size, 16, tail);
    const [low, high] = [halvesOf(lo), halvesOf(hi)];
    writeWords(bench.world, page, offset, [low.lo, low.hi, high.lo, high.hi]);
    storeRegister(bench.world, bench.iommu, REGISTER.cqt.offset, (tail + 1) % size);
    settle(bench);
    return commandState(bench);
  },
  inv: (bench, { itv, cc, rid, dsv, dseg }, told) => {
    const { id } = linkAt(bench, sidOf(rid, dsv, dseg));
    sendUp(bench.world, id, { kind: 'invalidate-completion', lo: itv, hi: cc });
    settle(bench);
    return { unexp: told.facts['unexpected'] ?? 0, ...commandState(bench) };
  },
  reg: (bench, { off, v }) => {
    storeRegister(bench.world, bench.iommu, off, v);
    settle(bench);
    return { k: 0 };
  },
};

function commandState(bench: Bench): Output {
  return { cqh: read(bench, REGISTER.cqh), cqcsr: read(bench, REGISTER.cqcsr) };
}

function listenTo(bench: Bench): Told {
  const told: Told = { facts: {}, stores: [], wasFenced: false };
  bench.world.listener = (topic, facts) => {
    if (topic === 'facts') Object.assign(told.facts, facts);
    if (topic === 'store') told.stores.push(facts);
    if (topic === 'moment' && facts['moment'] === 'command.synced') told.wasFenced = true;
  };
  return told;
}

/** Performs steps until nobody can move. */
function settle({ world }: Bench): void {
  for (let steps = 0; ; steps++) {
    assert(steps < 10_000, 'the units of an IOMMU come to rest');
    const [move] = enabled(world);
    if (move === undefined) return;
    perform(world, move.actor, move.choice);
  }
}

function linkAt(bench: Bench, sid: number): Link {
  return present(
    links.first(bench.world, (link) => link.sid === sid),
    'a case has a link for each device',
  );
}

const ATS_REQUEST = 1;
const TRANSLATED = 2;
const PRESENT_STATUS: Readonly<Record<string, number>> = { success: 0, UR: 1, CA: 4 };

function request(bench: Bench, step: StepOf<'req'>, told: Told): Output {
  const { world } = bench;
  const link = present(
    links.first(world, ({ sid }) => sid % SEGMENT_GIVEN === step.did),
    'a case has a link for each device',
  );
  links.edit(world, link.id, (row) => {
    row.bus = step.cxl === 1 ? 'cxl' : 'pci';
  });
  const who = { pasid: step.pv === 1 ? step.pid : -1, priv: step.pr, exec: step.ex, noWrite: step.nw };
  const kind = step.at === ATS_REQUEST ? 'translation-request' : step.rw === 1 ? 'write' : 'read';
  const at = step.at === TRANSLATED ? 'translated' : 'untranslated';
  // Of no length: what is compared is the translation, and no data moves.
  sendUp(world, link.id, { kind, at, ...who, ...halvesOf(step.iova), bytes: 0 });
  settle(bench);
  const answer = headDown(world, link.id) === null ? null : popDown(world, link.id);
  const isDone = told.facts['pfn'] !== undefined && told.facts['span'] !== undefined;
  const st = answer === null ? (isDone ? 0 : 1) : (PRESENT_STATUS[answer.status] ?? -1);
  const cause = told.facts['cause'] ?? 0;
  const out: Output = { st, cause };
  if (st === 0 && cause === 0) Object.assign(out, translation(step, told.facts));
  if (st === 0 && answer !== null && kind === 'translation-request') out['ats'] = granted(answer);
  return out;
}

function translation(step: StepOf<'req'>, facts: Facts): Output {
  const page = facts['pfn'] as number;
  const offset = halvesOf(step.iova).lo & 0xfff;
  const sz = 2 ** (facts['span'] as number) * 4096;
  return {
    pa: hex64(Math.floor(page / 2 ** 20), (page % 2 ** 20) * 4096 + offset),
    sz: `0x${hex(sz)}`,
    pbmt: facts['pbmt'],
  };
}

/** The completion as the device has it. */
function granted(answer: Message): Output {
  const field = (name: keyof typeof ATS_COMPLETION.fields): number =>
    getField([answer.lo, answer.hi], ATS_COMPLETION.fields[name]);
  return {
    ...{ r: field('R'), w: field('W'), x: field('Exe'), g: field('Global'), priv: field('Priv') },
    ...{ n: field('N'), cxl: field('CXL_io'), ama: field('AMA'), u: field('U') },
  };
}

/** What can follow from any step; what did not is left out. */
function effects(bench: Bench, told: Told, before: { readonly fqt: number; readonly pqt: number }): Output {
  const fq = recordsSince(bench, REGISTER.fqb, REGISTER.fqt, before.fqt, 4);
  const pq = recordsSince(bench, REGISTER.pqb, REGISTER.pqt, before.pqt, 2);
  const wr = told.stores.map(({ page, offset, bytes, lo, hi }) => [
    addressOf(page as number, offset as number),
    bytes,
    hex64(hi as number, lo as number),
  ]);
  const msg = links.all(bench.world).flatMap((link) => messagesTo(bench, link));
  return {
    ...(fq.length === 0 ? {} : { fq }),
    ...(pq.length === 0 ? {} : { pq }),
    ...(wr.length === 0 ? {} : { wr }),
    ...(msg.length === 0 ? {} : { msg }),
    ...(told.wasFenced ? { go: [told.facts['reads'], told.facts['writes']] } : {}),
  };
}

function addressOf(page: number, offset: number): string {
  return hex64(Math.floor(page / 2 ** 20), (page % 2 ** 20) * 4096 + offset);
}

/** The records written since, each as its double-words. */
function recordsSince(
  { world, iommu }: Bench,
  base: Register<'PPN' | 'LOG2SZ_1'>,
  tail: Register,
  from: number,
  doubles: number,
): string[][] {
  const size = 2 ** (registerField(world, iommu, base, 'LOG2SZ_1') + 1);
  const end = registerField(world, iommu, tail as Register<'index'>, 'index');
  const records: string[][] = [];
  for (let at = from; at !== end; at = (at + 1) % size) {
    const { page, offset } = placeInQueue(registerField(world, iommu, base, 'PPN'), size, doubles * 8, at);
    records.push(
      Array.from({ length: doubles }, (_, i) =>
        hex64(readWord(world, page, offset + i * 8 + 4), readWord(world, page, offset + i * 8)),
      ),
    );
  }
  return records;
}

const CODES: Partial<Readonly<Record<Message['kind'], number>>> = { 'invalidate-request': 1, 'page-response': 5 };

/** What came down to a device, oldest first; it is taken off. */
function messagesTo({ world }: Bench, { id, sid }: Link): Output[] {
  const all: Output[] = [];
  for (let head = headDown(world, id); head !== null; head = headDown(world, id)) {
    const { kind, tag, pasid, lo, hi } = popDown(world, id);
    const device = deviceIdOf(sid);
    all.push({
      ...{ code: CODES[kind], tag, rid: device % 2 ** 16, dsv: sid < SEGMENT_GIVEN ? 0 : 1, dseg: device >>> 16 },
      ...{ pv: pasid < 0 ? 0 : 1, pid: Math.max(0, pasid), payload: hex64(hi, lo) },
    });
  }
  return all;
}

/** The registers that are compared when a case is over. */
export function endOf(bench: Bench): Json {
  const { fqcsr, fqt, pqcsr, pqt, cqcsr, cqh, ipsr } = REGISTER;
  const all = Object.entries({ fqcsr, fqt, pqcsr, pqt, cqcsr, cqh, ipsr });
  return Object.fromEntries(all.map(([name, register]) => [name, read(bench, register)]));
}
