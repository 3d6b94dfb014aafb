import { expect, test } from 'vitest';
import { jobs } from '../../devices/job.ts';
import { raise } from '../../hardware/irq.ts';
import { decode, encode } from '../../hardware/layout.ts';
import { links } from '../../hardware/pcie/link.ts';
import { CD } from '../../hardware/smmuv3/context.layout.ts';
import { EVENT, EVT_TRANSLATION_CLASS } from '../../hardware/smmuv3/events.layout.ts';
import { REGISTER } from '../../hardware/smmuv3/registers.layout.ts';
import { smmus } from '../../hardware/smmuv3/smmu.ts';
import { stalls } from '../../hardware/smmuv3/stall.ts';
import { STE } from '../../hardware/smmuv3/stream-table.layout.ts';
import { present } from '../../lib/assert.ts';
import { act, at } from '../../machine/machine.ts';
import { underWay } from '../../machine/quiet.ts';
import { actorNamed, attempt, goTo, type Story, settle, stepsSince, story, tell } from '../../play/testing/story.ts';
import { readWords, writeWords } from '../../world/memory.ts';
import { cdTables, contextPlace, type Place } from './domain.ts';
import { streamPlace } from './probe.ts';
import { readl, unitOf, writel } from './unit.ts';

const DMA = 'device dma1 platform stall pasid 8';
const APP = [
  'process app',
  'mmap app heap 64K rw- at 0x7f0000000000',
  'mmap app table 4K r-- at 0x7f0000020000',
] as const;

const wordsAt = ({ world }: Story, { page, offset }: Place): Uint32Array =>
  readWords(world, page, offset, 16, new Uint32Array(16));

function descriptor(told: Story, pasid: number) {
  const place = contextPlace(told.world, cdTables.get(told.world, 0), pasid);
  return decode(CD, wordsAt(told, present(place, 'the leaf is there')));
}

function streamEntry(told: Story) {
  const { sid } = links.get(told.world, 0);
  return decode(STE, wordsAt(told, streamPlace(told.world, 0, sid)));
}

const jobStates = ({ world }: Story): string[] => jobs.all(world).map(({ state }) => state);

test('where a device stalls, the entry of a process and entry 0 have CD.S, and the stream has no S1STALLD', () => {
  const told = story('machine smmuv3', DMA, ...APP, 'bind app dma1', 'run');

  expect([descriptor(told, 1).S, descriptor(told, 0).S, streamEntry(told).S1STALLD]).toEqual([1, 1, 0]);
});

test('a device that does not stall has S1STALLD, unless the SMMU stalls nothing', () => {
  const entryOf = (...lines: readonly string[]): number => streamEntry(story(...lines)).S1STALLD;

  expect(entryOf('machine smmuv3', 'device dma1 platform pasid 8')).toBe(1);
  expect(entryOf('machine smmuv3', 'device gpu0 pci 00:01.0 ats pri pasid 16')).toBe(1);
  expect(entryOf('machine smmuv3 stall-max 0', DMA)).toBe(0);
});

test('a stalled transaction is reported as a group of one, mended and retried', () => {
  const told = story('machine smmuv3', DMA, ...APP, 'bind app dma1');
  const before = at(told.machine);
  tell(told, 'dma dma1 app write heap 8192', 'run until fault.queued');
  expect(stalls.all(told.world)).toMatchObject([{ stag: 0, state: 'stalled' }]);

  tell(
    told,
    'run',
    'expect dma dma1 done',
    'expect fault 2',
    'expect frames app 2',
    'expect memory app heap 0xda7a0000',
  );

  expect(stepsSince(told, before).filter((step) => step === 'smmuv3_commands.resume')).toHaveLength(2);
  expect(underWay(told.world)).toEqual([]);
});

test('what may not be done is aborted, and the device reports a failed job', () => {
  const told = story('machine smmuv3', DMA, ...APP, 'bind app dma1');
  for (const work of ['write table 4', 'execute heap 4', 'read 0x500000000000 4']) {
    const before = at(told.machine);

    tell(told, `dma dma1 app ${work}`, 'run', 'expect dma dma1 failed');

    expect(stepsSince(told, before)).toContain('smmuv3_commands.terminate');
    expect(stepsSince(told, before)).not.toContain('smmuv3_commands.resume');
  }
  tell(told, 'dma dma1 app execute text 4', 'run', 'expect dma dma1 done');
});

test('unbind waits for a stalled transaction, and needs no flush of a PRI queue', () => {
  const told = story(
    'machine smmuv3',
    DMA,
    ...APP,
    'bind app dma1',
    'dma dma1 app write heap 4',
    'run until fault.queued',
  );
  const before = at(told.machine);

  tell(told, 'unbind app dma1 &');
  settle(told, [actorNamed(told, 'fault worker')]);
  expect([stalls.all(told.world).length, jobStates(told)]).toEqual([1, ['running']]);

  tell(told, 'run', 'expect dma dma1 done', 'expect pasid app none');
  expect(stepsSince(told, before)).not.toContain('arm_smmu_flush_priq.wait');
});

test('a process that exits leaves nothing stalled: what waits is aborted', () => {
  const told = story(
    'machine smmuv3',
    DMA,
    ...APP,
    'bind app dma1',
    'dma dma1 app write heap 4',
    'run until fault.queued',
  );

  tell(told, 'exit app', 'run');

  expect([jobStates(told), stalls.all(told.world), underWay(told.world)]).toEqual([['failed'], [], []]);
});

test('an SMMU that cannot stall makes the same device one that cannot fault: ENODEV, or EINVAL without PASIDs', () => {
  const told = story('machine smmuv3 stall-max 0', DMA, 'device old0 platform stall', ...APP);

  expect([tell(told, 'bind app dma1'), tell(told, 'bind app old0')]).toEqual(['ENODEV', 'EINVAL']);
});

test('a device that cannot fault is bound where the policy lets it be, and then every missing page is an error', () => {
  const told = story('machine smmuv3', 'policy rfcv2,needs-iopf=allowed', 'device dma1 platform pasid 8', ...APP);
  tell(
    told,
    'store app heap 7',
    'bind app dma1',
    'expect ok',
    'dma dma1 app read heap 4',
    'run',
    'expect dma dma1 done',
  );

  tell(told, 'dma dma1 app write heap+0x1000 4', 'run', 'expect dma dma1 failed', 'expect fault 0');

  expect(told.machine.trace.flatMap(({ moments }) => moments)).toContain('event.printed');
});

test('a device that stalls and one that does not cannot share a domain: EINVAL', () => {
  const told = story('machine smmuv3', `${DMA} domain one`, 'device gpu0 pci 00:01.0 ats pri pasid 16 domain two');

  expect(attempt(told, 'device dma2 platform pasid 8 domain one').errno).toBe('EINVAL');
  expect(attempt(told, 'device dma2 platform stall domain two').errno).toBe('EINVAL');
  expect(attempt(told, 'device dma2 platform stall domain one').state).toBe('done');
});

test('a stall of a stream that the driver knows nothing of is printed, and ended', () => {
  const told = story('machine smmuv3', DMA, ...APP, 'bind app dma1');
  const before = at(told.machine);

  act(told.machine, 'a record of a foreign stream appears', (world) => {
    const record = { EventID: EVENT.F_TRANSLATION, Stall: 1, STAG: 5, StreamID: 0x70 };
    const prod = readl(world, 0, REGISTER.EVENTQ_PROD);
    writeWords(world, unitOf(world, 0).eventQueue, prod * 32, encode(EVT_TRANSLATION_CLASS, record));
    writel(world, 0, REGISTER.EVENTQ_PROD, prod + 1);
    raise(world, smmus.get(world, 0).eventIrq);
  });
  settle(told);

  expect(stepsSince(told, before)).toContain('arm_smmu_evtq_thread.abort');
  const taken = told.machine.trace.slice(before).find(({ step }) => step === 'smmuv3_commands.wait');
  expect(taken?.text).toBe('takes CMD_RESUME from its queue: it names nothing that is stalled');
});

test('with STALL_MAX transactions stalled a link is held back, and another device goes on', () => {
  const told = story('machine smmuv3 stall-max 1', DMA, 'device gpu0 pci 00:01.0 ats pri pasid 16', ...APP);
  tell(told, 'store app heap+0x8000 1', 'bind app dma1', 'bind app gpu0', 'dma dma1 app write heap 8192');
  goTo(told, actorNamed(told, 'dma1'), 'dma_engine.finish', [actorNamed(told, 'event interrupt thread')]);
  settle(told, [actorNamed(told, 'event interrupt thread')]);
  expect(links.all(told.world).map(({ held }) => held)).toEqual([1, 0]);

  tell(told, 'dma gpu0 app write heap+0x8000 4');
  settle(told, [actorNamed(told, 'event interrupt thread')]);

  tell(told, 'expect dma gpu0 done', 'run', 'expect dma dma1 done');
  expect(links.all(told.world).map(({ held }) => held)).toEqual([0, 0]);
});
