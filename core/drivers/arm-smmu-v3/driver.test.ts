import { expect, test } from 'vitest';
import { pendingInvalidations } from '../../devices/invalidation.ts';
import { raise } from '../../hardware/irq.ts';
import { decode, encode, pageOf } from '../../hardware/layout.ts';
import { CD, L1CD } from '../../hardware/smmuv3/context.layout.ts';
import { PRIQ_ENTRY } from '../../hardware/smmuv3/pri-queue.layout.ts';
import { REGISTER } from '../../hardware/smmuv3/registers.layout.ts';
import { smmus } from '../../hardware/smmuv3/smmu.ts';
import { STE } from '../../hardware/smmuv3/stream-table.layout.ts';
import { pasidCursor } from '../../iommu/pasid.ts';
import { present } from '../../lib/assert.ts';
import { act, at } from '../../machine/machine.ts';
import { underWay } from '../../machine/quiet.ts';
import type { TraceEntry } from '../../machine/trace.ts';
import {
  actorNamed,
  goTo,
  kernelThread,
  processNamed,
  type Story,
  settle,
  stepsSince,
  story,
  tell,
} from '../../play/testing/story.ts';
import { mms } from '../../process/mm.ts';
import { actors } from '../../sim/actor.ts';
import { readWords, writeWords } from '../../world/memory.ts';
import { syncSlots } from './command-queue.ts';
import { cdTables, contextPlace, level1Place, type Place } from './domain.ts';
import { drainPriQueues } from './drain.ts';
import { invalidatePages } from './invalidate.ts';
import { drains } from './pri-thread.ts';
import { streamPlace } from './probe.ts';
import { readl, unitOf, writel } from './unit.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const NIC = 'device nic0 pci 00:02.0 ats pri pasid 16';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;

const wordsAt = ({ world }: Story, { page, offset }: Place): Uint32Array =>
  readWords(world, page, offset, 16, new Uint32Array(16));

function descriptor(told: Story, pasid: number): Place {
  const place = contextPlace(told.world, cdTables.get(told.world, 0), pasid);
  return present(place, 'the leaf is there');
}

/** The commands that the driver queued since an event. */
function commands({ machine }: Story, event: number): string[] {
  return machine.trace.slice(event).flatMap(({ step, facts }: TraceEntry) => {
    return /^arm_smmu_cmdq_issue_\w+\.insert$/.test(step) ? [String(facts['command'])] : [];
  });
}

test('the descriptor that is installed leads to the pgd of the mm, under its ASID, shared with the CPUs', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'run');
  const { pgd, asid } = mms.get(told.world, processNamed(told, 'app').mm);

  const cd = decode(CD, wordsAt(told, descriptor(told, 1)));

  expect(cd).toMatchObject({ V: 1, AA64: 1, ASET: 0, ASID: asid, T0SZ: 16, EPD0: 0, EPD1: 1, R: 1, A: 1, S: 0 });
  expect(pageOf(cd.TTB0, CD.fields.TTB0.shift ?? 0)).toBe(pgd);
});

test('a descriptor is written without V first, and cached copies go before and after it becomes valid', () => {
  const told = story('machine smmuv3', `${GPU} domain a`, `${NIC} domain a`, ...APP, 'run');
  const app = actorNamed(told, 'app');
  const before = at(told.machine);
  tell(told, 'bind app gpu0 &');
  goTo(told, app, 'arm_smmu_write_ctx_desc.valid');
  expect(decode(CD, wordsAt(told, descriptor(told, 1)))).toMatchObject({ V: 0 });
  expect(
    wordsAt(told, descriptor(told, 1))
      .slice(2)
      .some((word) => word !== 0),
  ).toBe(true);

  tell(told, 'run');

  expect(decode(CD, wordsAt(told, descriptor(told, 1)))).toMatchObject({ V: 1 });
  const both = ['CMD_CFGI_CD sid 0x8 ssid 1', 'CMD_CFGI_CD sid 0x10 ssid 1', 'CMD_SYNC'];
  expect(commands(told, before)).toEqual([...both, ...both]);
});

test('a PASID of another leaf has the leaf linked in, and level 1 forgotten, before its descriptor is written', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'run');
  act(told.machine, 'moves the cursor to the second leaf', (world) => {
    pasidCursor.edit(world, 0, (row) => {
      row.next = 1024;
    });
  });
  const before = at(told.machine);

  tell(told, 'bind app gpu0', 'expect pasid app 1024', 'dma gpu0 app write heap 4', 'run', 'expect dma gpu0 done');

  const { page, offset } = level1Place(cdTables.get(told.world, 0), 1024);
  expect(decode(L1CD, readWords(told.world, page, offset, 2, new Uint32Array(2)))).toMatchObject({ V: 1 });
  expect(commands(told, before).filter((text) => /CFGI_CD/.test(text))).toHaveLength(3);
});

test('a linear table serves a process as one of two levels does', () => {
  const told = story('machine smmuv3 cd-table linear stream-table linear', GPU, ...APP, 'bind app gpu0');

  tell(told, 'dma gpu0 app write heap 4', 'run', 'expect dma gpu0 done');

  expect(cdTables.all(told.world)).toMatchObject([{ twoLevel: 0, contextBits: 10 }]);
});

test('a stream leads to the table of its domain, and to nothing after the detach', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'run');
  const ste = (): object => decode(STE, wordsAt(told, streamPlace(told.world, 0, 0x08)));
  expect(ste()).toMatchObject({ V: 1, Config: 0b101, S1DSS: 2, EATS: 1, PPAR: 1, S1STALLD: 1 });

  tell(told, 'detach gpu0', 'run');

  expect(ste()).toMatchObject({ V: 1, Config: 0 });
});

test('an ATC is invalidated by the smallest aligned run of pages that covers the range', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'run');
  const asked = (start: number, end: number): string => {
    const before = at(told.machine);
    goTo(told, kernelThread(told, invalidatePages({ domain: 0, process: 0, start, end })), null);
    return commands(told, before).find((text) => /ATC_INV/.test(text)) ?? '';
  };

  expect(asked(0x40, 0x41)).not.toMatch(/pages|all/);
  expect(asked(0x40, 0x44)).toMatch(/ 4 pages$/);
  expect(asked(0x43, 0x45)).toMatch(/ 8 pages$/);
  expect(asked(0x00, 0x200)).toMatch(/ 512 pages$/);
  expect(asked(-1, -1)).toMatch(/ all$/);
});

test('a domain whose devices have no ATC gets no command for one, and no CMD_SYNC that waits for nothing', () => {
  const told = story('machine smmuv3', 'device dma1 platform stall pasid 8', ...APP, 'bind app dma1', 'run');
  const before = at(told.machine);

  goTo(told, kernelThread(told, invalidatePages({ domain: 0, process: 0, start: -1, end: -1 })), null);

  expect(commands(told, before)).toEqual([expect.stringMatching(/^CMD_TLBI_NH_ASID/), 'CMD_SYNC']);
});

test('a command queue of one entry makes everybody wait for a place, and nobody for ever', () => {
  const told = story(
    'machine smmuv3 cmdq 1 priq 1 evtq 1',
    `${GPU} domain a`,
    `${NIC} domain a`,
    ...APP,
    'process tool',
  );
  tell(told, 'bind app gpu0 &', 'bind app nic0 &', 'bind tool gpu0 &', 'run');
  tell(told, 'dma gpu0 app write heap 4 &', 'dma nic0 app write heap+0x1000 4 &', 'run');

  tell(told, 'munmap app heap 1 &', 'exit tool &', 'unbind app nic0 &', 'run', 'expect bound app gpu0 1');

  expect([underWay(told.world), syncSlots.all(told.world)]).toEqual([[], []]);
});

test('two who wait for CMD_SYNC each have a word of their own', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'run');
  const all = { domain: 0, process: 0, start: -1, end: -1 };
  const unit = actorNamed(told, 'smmu0 command processor');
  const threads = [0, 1].map(() => kernelThread(told, invalidatePages(all)));
  for (const thread of threads) goTo(told, thread, 'arm_smmu_cmdq_issue_sync.wait', [unit]);

  expect(syncSlots.all(told.world)).toHaveLength(2);
  settle(told);
  expect(threads.map((thread) => actors.get(told.world, thread).frame)).toEqual([null, null]);
  expect(pendingInvalidations.all(told.world)).toEqual([]);
});

test('a drain ends when what was in the PRI queue has been read, or when two batches have', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 8192');
  tell(told, 'run until fault.queued');
  const [thread, worker] = [actorNamed(told, 'PRI interrupt thread'), actorNamed(told, 'fault worker')];
  const drain = kernelThread(told, drainPriQueues.at.begin({ device: 0 }));
  settle(told, [thread, worker]);
  expect(drains.all(told.world)).toMatchObject([{ smmu: 0, batches: 2 }]);

  const before = at(told.machine);
  settle(told, [worker]);

  expect(actors.get(told.world, drain).frame).toBeNull();
  expect(stepsSince(told, before)).toContain('handle_iommu_fault.group');
  expect(drains.all(told.world)).toEqual([]);
});

test('a drain ends although the queue never runs empty, once two times its size has been read', () => {
  const told = story('machine smmuv3 priq 1', GPU, ...APP, 'bind app gpu0', 'run');
  const thread = actorNamed(told, 'PRI interrupt thread');
  const drain = kernelThread(told, drainPriQueues.at.begin({ device: 0 }));
  act(told.machine, 'is at work on the queue', (world) => raise(world, smmus.get(world, 0).priIrq));
  goTo(told, drain, 'arm_smmu_flush_priq.wait', [thread]);
  const forge = (prgi: number): void => {
    act(told.machine, 'finds one more request', (world) => {
      const prod = readl(world, 0, REGISTER.PRIQ_PROD);
      const entry = encode(PRIQ_ENTRY, { StreamID: 0x08, Last: 1, R: 1, PRGIndex: prgi });
      writeWords(world, unitOf(world, 0).priQueue, 0, entry);
      writel(world, 0, REGISTER.PRIQ_PROD, prod ^ 1);
    });
  };
  forge(1);
  goTo(told, thread, 'arm_smmu_priq_thread.read', [drain]);
  for (const prgi of [2, 3]) {
    goTo(told, thread, 'handle_iommu_fault.report', [drain]);
    forge(prgi);
    goTo(told, thread, 'arm_smmu_priq_thread.read', [drain]);
  }

  goTo(told, drain, null, [thread]);

  expect(drains.all(told.world)).toEqual([]);
});
