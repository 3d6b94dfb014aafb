import { expect, test } from 'vitest';
import { devices } from '../devices/device.ts';
import { jobsOf } from '../devices/job.ts';
import { issue, issueSync } from '../drivers/arm-smmu-v3/command-queue.ts';
import { cdTables, contextPlace } from '../drivers/arm-smmu-v3/domain.ts';
import { invalidatePages } from '../drivers/arm-smmu-v3/invalidate.ts';
import { streamPlace } from '../drivers/arm-smmu-v3/probe.ts';
import { readl, unitOf, writel } from '../drivers/arm-smmu-v3/unit.ts';
import { raise } from '../hardware/irq.ts';
import { encode } from '../hardware/layout.ts';
import { CMD_CFGI_CD, CMD_CFGI_STE, CMD_TLBI_NH_ASID, OPCODE } from '../hardware/smmuv3/commands.layout.ts';
import { PRIQ_ENTRY } from '../hardware/smmuv3/pri-queue.layout.ts';
import { REGISTER } from '../hardware/smmuv3/registers.layout.ts';
import { iotlb, smmus } from '../hardware/smmuv3/smmu.ts';
import { entriesOf } from '../hardware/tlb.ts';
import { present } from '../lib/assert.ts';
import {
  attempt,
  goTo,
  kernelThread,
  processNamed,
  type Story,
  settle,
  stepsSince,
  story,
  tell,
} from '../play/testing/story.ts';
import { mms } from '../process/mm.ts';
import { isPresent, leafTable, readPte } from '../process/page-table.ts';
import type { Next } from '../sim/procedure.ts';
import { readWord, writeWord, writeWords } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { act, at } from './machine.ts';

/** Driver and hardware meet in memory alone: words are changed behind everybody's back, and hardware follows. */
const HEAP = 0x7f0000000;
const SID = 0x08;

function bound(): Story {
  const told = story(
    'machine smmuv3',
    'device gpu0 pci 00:01.0 ats pri pasid 16',
    'process app',
    'mmap app heap 64K rw- at 0x7f0000000000',
    'bind app gpu0',
  );
  tell(told, 'dma gpu0 app write heap 4', 'run', 'expect dma gpu0 done');
  return told;
}

function tamper(told: Story, change: (world: World) => void): void {
  act(told.machine, 'changes words behind everybody', change);
}

/** A kernel thread makes calls one after another, with no watch over the invariants that were broken on purpose. */
function command(told: Story, ...calls: readonly Next[]): void {
  for (const call of calls) {
    goTo(told, kernelThread(told, call), null);
    settle(told);
  }
}

/** Whether a write of the device comes to its end, on a machine that goes on although it is broken. */
function canWrite(told: Story, place: string): boolean {
  told.machine.broken = null;
  attempt(told, `dma gpu0 app write ${place} 4 &`);
  settle(told);
  return jobsOf(told.world, 0).at(-1)?.state === 'done';
}

test('CD.V: a descriptor that is no longer valid is used as long as it is cached, and refused after CFGI_CD', () => {
  const told = bound();
  tamper(told, (world) => {
    const { page, offset } = present(contextPlace(world, cdTables.get(world, 0), 1), 'the descriptor is there');
    writeWord(world, page, offset, readWord(world, page, offset) & 0x7fff_ffff);
  });
  expect(told.machine.broken?.claims.map(({ id }) => id)).toEqual(['context-entries', 'descriptors-cached']);

  expect(canWrite(told, 'heap+0x1000')).toBe(true);
  const forget = issue(0, CMD_CFGI_CD, OPCODE.CFGI_CD, { StreamID: SID, SubstreamID: 1, Leaf: 1 });
  command(told, forget, issueSync.at.insert({ smmu: 0 }));
  expect(canWrite(told, 'heap+0x2000')).toBe(false);
});

test('STE.Config: a stream set to abort goes on as long as its entry is cached, and is refused after CFGI_STE', () => {
  const told = bound();
  tamper(told, (world) => {
    const { page, offset } = streamPlace(world, 0, SID);
    writeWord(world, page, offset, readWord(world, page, offset) & ~0b1110);
  });

  expect(canWrite(told, 'heap+0x1000')).toBe(true);
  const forget = issue(0, CMD_CFGI_STE, OPCODE.CFGI_STE, { StreamID: SID, Leaf: 1 });
  command(told, forget, issueSync.at.insert({ smmu: 0 }));
  expect(canWrite(told, 'heap+0x2000')).toBe(false);
});

test('PTE: a page that is gone is written to from the ATC, and asked for again after the invalidation', () => {
  const told = bound();
  const { pgd } = mms.get(told.world, processNamed(told, 'app').mm);
  tamper(told, (world) => {
    const leaf = leafTable(world, pgd, HEAP);
    writeWords(world, leaf, (HEAP % 512) * 8, [0, 0]);
  });
  expect(told.machine.broken?.claims.map(({ id }) => id)).toEqual(['caches-agree']);
  const before = at(told.machine);

  expect(canWrite(told, 'heap')).toBe(true);
  expect(stepsSince(told, before)).not.toContain('dma_engine.request');
  command(told, invalidatePages({ domain: 0, process: 0, start: HEAP, end: HEAP + 1 }));
  expect(canWrite(told, 'heap')).toBe(true);
  expect(stepsSince(told, before)).toContain('dma_engine.request');
});

test('CMDQ_PROD: a command written by hand is carried out like any other', () => {
  const told = bound();
  const { asid } = mms.get(told.world, processNamed(told, 'app').mm);
  expect(entriesOf(told.world, iotlb(told.world, 0)).map((entry) => entry.asid)).toContain(asid);

  tamper(told, (world) => {
    const { commandQueue, commandBits } = unitOf(world, 0);
    const prod = readl(world, 0, REGISTER.CMDQ_PROD);
    const words = encode(CMD_TLBI_NH_ASID, { opcode: OPCODE.TLBI_NH_ASID, ASID: asid });
    writeWords(world, commandQueue, (prod % 2 ** commandBits) * 16, words);
    writel(world, 0, REGISTER.CMDQ_PROD, (prod + 1) % 2 ** (commandBits + 1));
  });
  settle(told);

  expect(entriesOf(told.world, iotlb(told.world, 0)).map((entry) => entry.asid)).not.toContain(asid);
});

test('PRIQ_PROD: a page request written by hand is handled, and the device notes an answer that it did not expect', () => {
  const told = bound();
  tell(told, 'expect unmapped app heap+0x5000');
  tamper(told, (world) => {
    const { priQueue, priBits } = unitOf(world, 0);
    const prod = readl(world, 0, REGISTER.PRIQ_PROD);
    const request = { StreamID: SID, SubstreamID: 1, SSV: 1, R: 1, W: 1, Last: 1, PRGIndex: 99, PageAddr: HEAP + 5 };
    writeWords(world, priQueue, (prod % 2 ** priBits) * 16, encode(PRIQ_ENTRY, request));
    writel(world, 0, REGISTER.PRIQ_PROD, (prod + 1) % 2 ** (priBits + 1));
    raise(world, smmus.get(world, 0).priIrq);
  });

  settle(told);

  expect(told.machine.broken?.claims.map(({ id }) => id)).toEqual(['group-members']);
  const { pgd } = mms.get(told.world, processNamed(told, 'app').mm);
  expect(isPresent(readPte(told.world, pgd, HEAP + 5))).toBe(true);
  expect(devices.get(told.world, 0)).toMatchObject({ unexpected: 1, failed: 0 });
});
