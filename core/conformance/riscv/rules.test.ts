/** Rules of the specification that a faulty translator could break without any case of the reference model noticing. */
import { expect, test } from 'vitest';
import { decode } from '../../hardware/layout.ts';
import { memoryAttributes } from '../../hardware/memory-attributes.ts';
import { headDown, links, popDown, sendUp } from '../../hardware/pcie/link.ts';
import { ATS_COMPLETION } from '../../hardware/pcie/messages.layout.ts';
import { storeRegister } from '../../hardware/riscv-iommu/mmio.ts';
import { REGISTER } from '../../hardware/riscv-iommu/registers.layout.ts';
import { present } from '../../lib/assert.ts';
import { hex64 } from '../../lib/format.ts';
import { enabled, perform } from '../../sim/actor.ts';
import { type Bench, benchOf, read } from './bench.ts';
import type { Case, Json, Step } from './format.ts';
import { play } from './play.ts';

/** Sv39, Sv48, Sv39x4, Svpbmt, T2GPA, ATS, all process directories, 46 bits of physical address. */
const CAPS = '0x1ee2603a610';
const WITHOUT_T2GPA = '0x1ee2203a610';
const QUEUE = { log2: 3, on: 1, ie: 0, head: 0 };
/** One level of device contexts of 32 bytes, at page 0x200; the page tables begin at 0x300, the processes at 0x400. */
const BASE: Case = {
  ...{ id: 0, cls: 'own', caps: CAPS, fctl: 2, ddtp: '0x80002', mem: [], steps: [], end: {} },
  fq: { ...QUEUE, base: '0x100000' },
  pq: { ...QUEUE, base: '0x101000' },
  cq: { base: '0x102000', log2: 6, on: 1 },
};
const SV39_ROOT = hex64(0x8000_0000, 0x300);
const [V_RWU_AD, EN_ATS, EN_PRI, T2GPA, PDTV] = [0xd7, 2, 4, 8, 32];

type Memory = [string, string][];

/** The words of a device context: tc with V, iohgatp, ta and fsc. */
const context = (device: number, tc = 0, { iohgatp = '0x0', pscid = 0, fsc = SV39_ROOT } = {}): Memory =>
  [hex64(0, tc | 1), iohgatp, hex64(0, pscid << 12), fsc].map((value, index) => [
    hex64(0, 0x20_0000 + device * 32 + index * 8),
    value,
  ]);
const entry = (table: number, index: number, page: number, flags: number, hi = 0): Memory => [
  [hex64(0, table * 4096 + index * 8), hex64(hi, page * 1024 + flags)],
];
/** Maps the first 4 KiB of the address space, and gives the table of level 0 to the rest of it. */
const LEAF = [...entry(0x300, 0, 0x301, 1), ...entry(0x301, 0, 0x302, 1), ...entry(0x302, 1, 0x999, V_RWU_AD)];

const request = (change: Record<string, number | string> = {}): Step => ({
  ...{ op: 'req', at: 0, did: 1, pv: 0, pid: 0, nw: 0, ex: 0, pr: 0, cxl: 0, rw: 0, iova: '0x1000', out: {} },
  ...change,
});
const pageRequest: Step = {
  ...{ op: 'pr', rid: 1, dsv: 0, dseg: 0, pv: 0, pid: 0, pr: 0, ex: 0, payload: '0x1001', out: {} },
};

function make(mem: Memory, change: Partial<Case> = {}): Bench {
  const steps = [request(), request({ did: 2 }), pageRequest];
  return benchOf({ ...BASE, steps, ...change, mem });
}

const causeOf = (mem: Memory, step = request(), change: Partial<Case> = {}): unknown =>
  play(make(mem, change), step)['cause'];

test('T2GPA needs EN_ATS, a capability and a second stage, whose root is aligned to 16 KiB', () => {
  const second = (page: number) => ({ iohgatp: hex64(0x8000_0000, page) });

  expect(causeOf([...context(1, EN_ATS | T2GPA, second(4)), ...LEAF])).toBe(0);
  expect(causeOf([...context(1, T2GPA, second(4)), ...LEAF])).toBe(259);
  expect(causeOf([...context(1, EN_ATS | T2GPA), ...LEAF])).toBe(259);
  expect(causeOf([...context(1, EN_ATS | T2GPA, second(5)), ...LEAF])).toBe(259);
  const older = { caps: WITHOUT_T2GPA };
  expect(causeOf([...context(1, EN_ATS | T2GPA, second(4)), ...LEAF], request(), older)).toBe(259);
});

test('devices with page tables and PSCIDs of their own do not share translations', () => {
  const other = hex64(0x8000_0000, 0x310);
  const bench = make([
    ...context(1, 0, { pscid: 7 }),
    ...context(2, 0, { pscid: 8, fsc: other }),
    ...LEAF,
    ...entry(0x310, 0, 0x311, 1),
    ...entry(0x311, 0, 0x312, 1),
    ...entry(0x312, 1, 0x777, V_RWU_AD),
  ]);

  expect([1, 2].map((did) => play(bench, request({ did }))['pa'])).toEqual(['0x999000', '0x777000']);
});

test('R30: an address whose upper bits are not all equal is a page fault, whatever the tables hold', () => {
  const mem = [...context(1), ...entry(0x300, 256, 0, V_RWU_AD)];

  expect(causeOf(mem, request({ iova: '0x4000000000' }))).toBe(13);
  expect(causeOf(mem, request({ iova: '0xffffffc000000000' }))).toBe(0);
});

test('a pointer at level 0 is a page fault, for translation requests too', () => {
  const mem = [...context(1, EN_ATS), ...entry(0x300, 0, 0x301, 1), ...entry(0x301, 0, 0x302, 1)];

  expect(causeOf([...mem, ...entry(0x302, 1, 0x999, 1)], request({ at: 1 }))).toBe(13);
});

test('N in a superpage is a page fault, even where its lowest bits say 64 KiB', () => {
  const mem = [...context(1), ...entry(0x300, 0, 0x301, 1)];

  expect(causeOf([...mem, ...entry(0x301, 0, 0x208, V_RWU_AD, 0x8000_0000)])).toBe(13);
});

test('R66: a completion for 2 MiB says its size in the low bits of the address', () => {
  const bench = make([...context(1, EN_ATS), ...entry(0x300, 0, 0x301, 1), ...entry(0x301, 0, 0x40000, V_RWU_AD)]);
  const { world } = bench;
  const { id } = present(
    links.first(world, ({ sid }) => sid === 1),
    'the case has the device',
  );
  sendUp(world, id, { kind: 'translation-request', hi: 0, lo: 0x5000 });
  settle(bench);

  expect(headDown(world, id)).not.toBeNull();
  const { lo, hi } = popDown(world, id);
  expect(decode(ATS_COMPLETION, [lo, hi])).toMatchObject({ S: 1, R: 1, W: 1, Addr: 0x400ff });
});

test('a queue that a write failed on takes nothing until the error is acknowledged, though memory answers again', () => {
  const bench = make(context(1, EN_ATS | EN_PRI), { att: [['0x101000', 'x']] });
  play(bench, pageRequest);
  for (const { id } of memoryAttributes.all(bench.world)) memoryAttributes.remove(bench.world, id);
  play(bench, pageRequest);
  expect([read(bench, REGISTER.pqt), read(bench, REGISTER.pqcsr) & 0x100]).toEqual([0, 0x100]);

  storeRegister(bench.world, bench.iommu, REGISTER.pqcsr.offset, 1 | 0x100);
  settle(bench);
  play(bench, pageRequest);
  expect(read(bench, REGISTER.pqt)).toBe(1);
});

test('R53: contexts and translations that become valid are used without any invalidation', () => {
  const [tc, ...rest] = context(1, PDTV, { fsc: hex64(0x1000_0000, 0x400) });
  const [ta, fsc] = [`0x${(0x400_050).toString(16)}`, `0x${(0x400_058).toString(16)}`];
  const bench = make([...rest, ...LEAF.slice(0, 2)]);
  const ask = (): unknown => play(bench, request({ pv: 1, pid: 5 }))['cause'];
  const store = (w: readonly (readonly [string, string])[]): Json => play(bench, { op: 'mem', w, out: {} });

  expect(ask()).toBe(258);
  store([tc as [string, string]]);
  expect(ask()).toBe(266);
  store([
    [ta, '0x11001'],
    [fsc, SV39_ROOT],
  ]);
  expect(ask()).toBe(13);
  store(LEAF.slice(2));
  expect(ask()).toBe(0);
});

function settle({ world }: Bench): void {
  for (let [move] = enabled(world); move !== undefined; [move] = enabled(world))
    perform(world, move.actor, move.choice);
}
