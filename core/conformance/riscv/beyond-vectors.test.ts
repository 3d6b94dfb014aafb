/** What the specification says and no case of the reference model touches. */
import { expect, test } from 'vitest';
import { links, sendUp } from '../../hardware/pcie/link.ts';
import { expireInvalidations } from '../../hardware/riscv-iommu/invalidation.ts';
import { storeRegister } from '../../hardware/riscv-iommu/mmio.ts';
import { MSI_CFG_TABLE, REGISTER } from '../../hardware/riscv-iommu/registers.layout.ts';
import { present } from '../../lib/assert.ts';
import { enabled, perform } from '../../sim/actor.ts';
import { readWord } from '../../world/memory.ts';
import { type Bench, benchOf, read } from './bench.ts';
import type { Case, Json, Step } from './format.ts';
import { play } from './play.ts';

/** Sv39, Sv48, ATS, all process directories, both ways to interrupt, 46 bits of physical address. */
const CAPS = '0x1ee22000610';
const QUEUE = { log2: 2, on: 1, ie: 1, head: 0 };
const BASE: Case = {
  ...{ id: 0, cls: 'own', caps: CAPS, fctl: 2, ddtp: '0x0', mem: [], steps: [], end: {} },
  fq: { ...QUEUE, base: '0x100000' },
  pq: { ...QUEUE, base: '0x101000' },
  cq: { base: '0x102000', log2: 6, on: 1 },
};
const DEVICE = { rid: 0x100, dsv: 0, dseg: 0 };
const ATS_INVAL: Step = { op: 'cmd', n: 'ATS.INVAL', lo: '0x1000100005004', hi: '0x7f1234567000', out: {} };
const FENCE: Step = { op: 'cmd', n: 'IOFENCE.C', lo: '0x2', hi: '0x0', out: {} };
const done = (cc: number): Step => ({ op: 'inv', itv: 1, cc, ...DEVICE, out: {} });
const READ: Step = {
  ...{ op: 'req', at: 0, did: 0x100, pv: 0, pid: 0, nw: 0, ex: 0, pr: 0, cxl: 0, rw: 0, iova: '0x1000', out: {} },
};

const make = (change: Partial<Case>): Bench => benchOf({ ...BASE, ...change });
const steps = [ATS_INVAL, FENCE, READ, done(1)];

function settle({ world }: Bench): void {
  for (let [move] = enabled(world); move !== undefined; [move] = enabled(world))
    perform(world, move.actor, move.choice);
}

function store(bench: Bench, offset: number, value: number): void {
  storeRegister(bench.world, bench.iommu, offset, value);
  settle(bench);
}

test('a fence waits for as many completions as the device says that it sends', () => {
  const bench = make({ steps });
  play(bench, ATS_INVAL);
  play(bench, FENCE);

  expect([play(bench, done(2)), play(bench, done(2))].map((out: Json) => out['cqh'])).toEqual([1, 2]);
});

test('a completion of another device, or for a free ITag, is unexpected', () => {
  const bench = make({ steps: [...steps, { ...done(1), rid: 0x101 } as Step] });
  play(bench, ATS_INVAL);

  expect(play(bench, { ...done(1), rid: 0x101 } as Step)).toMatchObject({ unexp: 1 });
  expect(play(bench, done(1))).toMatchObject({ unexp: 0 });
  expect(play(bench, done(1))).toMatchObject({ unexp: 1 });
});

test('R76: an invalidation that times out stops the queue at the fence with cmd_to, and writing 1 lets it go on', () => {
  const bench = make({ steps });
  play(bench, ATS_INVAL);
  play(bench, FENCE);

  expireInvalidations(
    bench.world,
    present(
      links.first(bench.world, ({ itags }) => itags !== 0),
      'one is owed',
    ),
  );
  settle(bench);
  expect([read(bench, REGISTER.cqcsr), read(bench, REGISTER.cqh)]).toEqual([(1 << 16) | (1 << 9) | 1, 1]);

  store(bench, REGISTER.cqcsr.offset, 1 | (1 << 9));
  expect([read(bench, REGISTER.cqcsr), read(bench, REGISTER.cqh)]).toEqual([(1 << 16) | 1, 2]);
});

test('a third ATS.INVAL waits for a free ITag', () => {
  const bench = make({ steps });
  play(bench, ATS_INVAL);
  play(bench, ATS_INVAL);

  expect(play(bench, ATS_INVAL)).toMatchObject({ cqh: 2 });
  expect(play(bench, done(1))).toMatchObject({ cqh: 3 });
});

test('a message of a masked vector goes out when its mask is cleared', () => {
  const bench = make({ steps, fctl: 0, msi: { icvec: 0x10, addr: '0x200000', data: 7 } });
  store(bench, MSI_CFG_TABLE + 16 + 12, 1);
  play(bench, READ);
  expect(readWord(bench.world, 0x200, 0)).toBe(0);

  store(bench, MSI_CFG_TABLE + 16 + 12, 0);
  expect(readWord(bench.world, 0x200, 0)).toBe(7);
});

test('a message that memory refuses is a fault of its own, 273, without a device', () => {
  const bench = make({ steps, fctl: 0, msi: { icvec: 0x10, addr: '0x200000', data: 7 }, att: [['0x200000', 'x']] });
  const out = play(bench, READ);

  expect(out['fq']).toEqual([
    ['0x1000800000100', '0x0', '0x1000', '0x0'],
    ['0x111', '0x0', '0x200000', '0x0'],
  ]);
});

test('R43: a queue of two faults holds one, and drops all after the next until fqof is cleared', () => {
  const bench = make({ steps, fq: { ...QUEUE, base: '0x100000', log2: 1 } });
  for (let i = 0; i < 3; i++) play(bench, READ);
  expect([read(bench, REGISTER.fqt), read(bench, REGISTER.fqcsr) & 0x200]).toEqual([1, 0x200]);

  store(bench, REGISTER.fqh.offset, 1);
  play(bench, READ);
  expect(read(bench, REGISTER.fqt)).toBe(1);
  store(bench, REGISTER.fqcsr.offset, 3 | (1 << 9));
  play(bench, READ);
  expect(read(bench, REGISTER.fqt)).toBe(0);
});

test('a pending bit that is cleared while its error stands is set again', () => {
  const bench = make({ steps, fq: { ...QUEUE, base: '0x100000', log2: 1 } });
  for (let i = 0; i < 2; i++) play(bench, READ);
  store(bench, REGISTER.ipsr.offset, 0xf);

  expect(read(bench, REGISTER.ipsr)).toBe(2);
});

test('ddtp goes from one kind of directory to another through Off or Bare only', () => {
  const bench = make({ steps, ddtp: '0x402' });
  const modes = [3, 1, 3, 5].map((mode) => {
    store(bench, REGISTER.ddtp.offset, 0x400 | mode);
    return read(bench, REGISTER.ddtp) & 0x1f;
  });

  expect(modes).toEqual([2, 1, 3, 3]);
});

test('a queue that goes on is empty, and its base cannot be changed while it is on', () => {
  const bench = make({ steps });
  play(bench, READ);
  store(bench, REGISTER.fqb.offset, 0x3ff);
  expect(read(bench, REGISTER.fqb)).toBe(0x40000 | 1);

  store(bench, REGISTER.fqcsr.offset, 0);
  expect(read(bench, REGISTER.fqcsr)).toBe(0);
  store(bench, REGISTER.fqcsr.offset, 1);
  expect([read(bench, REGISTER.fqcsr), read(bench, REGISTER.fqt)]).toEqual([(1 << 16) | 1, 0]);
});

test('what hardware owns cannot be written', () => {
  const bench = make({ steps });
  for (const { offset } of [REGISTER.capabilities, REGISTER.cqh, REGISTER.fqt, REGISTER.pqt]) store(bench, offset, 3);

  expect(read(bench, REGISTER.capabilities)).toBe(0x22000610);
  expect([REGISTER.cqh, REGISTER.fqt, REGISTER.pqt].map((register) => read(bench, register))).toEqual([0, 0, 0]);
});

test('an access where no memory is ends as a bus error, and records no fault', () => {
  const bench = make({ steps, ddtp: '0x1' });
  const link = present(
    links.first(bench.world, () => true),
    'the case has a device',
  );
  sendUp(bench.world, link.id, { kind: 'read', hi: 0x0100_0000, lo: 0, bytes: 4 });
  settle(bench);

  expect(read(bench, REGISTER.fqt)).toBe(0);
});
