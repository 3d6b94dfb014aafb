import { expect, test } from 'vitest';
import { atcOf, devices } from '../devices/device.ts';
import { entriesOf } from '../hardware/tlb.ts';
import { present } from '../lib/assert.ts';
import { ERRNO } from '../lib/errno.ts';
import { eventsOf } from '../machine/machine.ts';
import { leftOver, underWay } from '../machine/quiet.ts';
import {
  actorNamed,
  goTo,
  kernelThread,
  processNamed,
  resultOf,
  type Story,
  settle,
  stepsSince,
  story,
  tell,
} from '../play/testing/story.ts';
import { bindDevice } from './bind.ts';
import { bonds, contexts } from './context.ts';
import { processes } from './process.ts';
import { unbindDevice } from './unbind.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16 group 1 domain a';
const NIC = 'device nic0 pci 00:02.0 ats pri pasid 16 group 2 domain a';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000', 'thread app worker', 'process tool'] as const;

/** The repaired design, but for one answer of the posted one. */
const under = (answer: string, ...lines: readonly string[]): Story =>
  story('machine smmuv3', `policy rfcv2,${answer}`, GPU, NIC, ...APP, ...lines);

const brokenIn = ({ machine }: Story): readonly string[] => machine.broken?.claims.map(({ id }) => id) ?? [];

function atcEntries({ world }: Story, name: string): number {
  const device = present(
    devices.first(world, (row) => row.name === name),
    'the device is there',
  );
  return entriesOf(world, atcOf(world, device.id)).length;
}

test('lookup-reference=leaked: the reference of the second bind in a domain is found out when the bind returns', () => {
  const told = under('lookup-reference=leaked', 'bind app gpu0');
  const before = eventsOf(told.machine);

  tell(told, 'bind app nic0');

  expect(processes.all(told.world)).toMatchObject([{ kref: 2 }]);
  expect(brokenIn(told)).toEqual(['context-refs']);
  expect(stepsSince(told, before).at(-1)).toBe('iommu_process_bind_device.joined');
});

test('lookup-reference=leaked: an attach that fails leaves the context counting a device more', () => {
  const deaf = 'device deaf0 pci 00:03.0 ats pasid 16 group 3 domain a';
  const lines = ['machine smmuv3', GPU, deaf, 'process app', 'bind app gpu0'];
  const repaired = story(...lines);
  expect(tell(repaired, 'bind app deaf0')).toBe('ENODEV');
  expect(contexts.all(repaired.world)).toMatchObject([{ devices: 1 }]);
  const told = story('machine smmuv3', 'policy rfcv2,lookup-reference=leaked', ...lines.slice(1));

  tell(told, 'bind app deaf0');

  expect(contexts.all(told.world)).toMatchObject([{ devices: 2 }]);
  expect(processes.all(told.world)).toMatchObject([{ kref: 1 }]);
  expect(brokenIn(told)).toEqual(['context-devices']);
});

test('process-lookup=once: an entry under construction is taken for a dead one, and nobody waits for it', () => {
  for (const [answer, waits] of [
    ['once', false],
    ['again', true],
  ] as const) {
    const told = under(`process-lookup=${answer}`, 'bind app gpu0 &');
    const [app, tool] = [actorNamed(told, 'app'), actorNamed(told, 'tool')];
    goTo(told, app, 'iommu_process_bind_device.publish');
    tell(told, 'bind app nic0 by tool &');
    const before = eventsOf(told.machine);

    settle(told, [app]);

    expect(stepsSince(told, before).includes('iommu_process_bind_device.alloc'), answer).toBe(!waits);
    goTo(told, tool, null);
    expect(brokenIn(told), answer).toEqual(waits ? [] : ['one-pasid']);
  }
});

test('context-lookup=once: two binders of a known process link it twice to one domain', () => {
  const two = (answer: string): Story => {
    const told = under(
      `context-lookup=${answer}`,
      'device old0 pci 00:03.0 ats pri pasid 16 domain b',
      'bind app old0',
    );
    tell(told, 'bind app gpu0 &', 'bind app nic0 by tool &');
    const actors = ['app', 'tool'].map((name) => actorNamed(told, name));
    for (const actor of actors) {
      goTo(
        told,
        actor,
        'iommu_process_bind_device.attach',
        actors.filter((other) => other !== actor),
      );
    }
    settle(told);
    return told;
  };

  expect([brokenIn(two('again')), brokenIn(two('once'))]).toEqual([[], ['one-context']]);
});

test('bonds=counted: two binds of one device are two in the count, and two unbinds take them back', () => {
  const told = under('bonds=counted', 'bind app gpu0', 'bind app gpu0');
  expect(contexts.all(told.world)).toMatchObject([{ devices: 2 }]);

  tell(told, 'unbind app gpu0', 'expect bound app gpu0 1', 'unbind app gpu0', 'run');

  expect([contexts.all(told.world), bonds.all(told.world)]).toEqual([[], []]);
  expect(told.machine.broken).toBeNull();
});

test('bonds=counted: an unbind by a device that never bound takes the bind of another', () => {
  const told = under('bonds=counted', 'bind app gpu0');

  tell(told, 'unbind app nic0');

  expect(contexts.all(told.world)).toEqual([]);
  expect(brokenIn(told)).toEqual(expect.arrayContaining(['bond-domain', 'pasid-in-flight']));
});

test('bonds=counted: a device that is detached takes one bind from each context, also where it had two', () => {
  const told = under('bonds=counted', 'bind app gpu0', 'bind app gpu0');

  tell(told, 'detach gpu0');

  expect(contexts.all(told.world)).toMatchObject([{ devices: 1 }]);
  expect(brokenIn(told)).toContain('context-devices');
});

test('unbind-key=pasid: an unbind that comes late detaches the next owner of the PASID', () => {
  const lines = ['device gpu0 pci 00:01.0 ats pri pasid 1 unserialised', 'process app', 'process other'];
  const told = story('machine smmuv3', 'policy rfcv2,unbind-key=pasid', ...lines, 'bind app gpu0');
  const { mm } = processNamed(told, 'app');
  const driver = kernelThread(told, unbindDevice.at.flush({ device: 0, mm, pasid: 1 }));
  goTo(told, driver, 'iommu_process_unbind_device.find');
  tell(told, 'unbind app gpu0 &');
  settle(told, [driver]);
  tell(told, 'bind other gpu0 &');
  settle(told, [driver]);

  goTo(told, driver, null);

  expect(resultOf(told, driver)).toBe(0);
  expect(bonds.all(told.world)).toEqual([]);
  expect(brokenIn(told)).toContain('pasid-in-flight');
});

test('dying-mm=unchecked: a process is attached after its release, and its entry leads to page tables that go', () => {
  const told = under('dying-mm=unchecked', 'bind app gpu0 by tool &');
  const [app, tool] = ['app', 'tool'].map((name) => actorNamed(told, name)) as [number, number];
  goTo(told, tool, 'iommu_process_bind_device.attach');
  tell(told, 'exit app &');
  settle(told, [tool]);

  goTo(told, tool, 'accel_bind.program', [app]);

  expect(brokenIn(told)).toContain('released-tables');
});

test('leaving-device=unchecked: a bond is made in the domain that bind saw when it began', () => {
  const told = under('leaving-device=unchecked');
  const { id: task, mm } = processNamed(told, 'app');
  const binder = kernelThread(told, bindDevice.at.domain({ device: 0, task, mm }));
  goTo(told, binder, 'iommu_process_bind_device.attach');
  tell(told, 'detach gpu0 &');
  settle(told, [binder]);

  goTo(told, binder, null);

  expect(brokenIn(told)).toEqual(['bond-domain']);
});

test('leaving-atc=kept: a device that unbinds while others stay keeps what its ATC knows', () => {
  const unbound = (answer: string): Story => {
    const told = under(`leaving-atc=${answer}`, 'bind app gpu0', 'bind app nic0');
    tell(told, 'dma gpu0 app write heap 64', 'dma nic0 app write heap 64', 'run', 'unbind app gpu0', 'run');
    return told;
  };

  expect([atcEntries(unbound('kept'), 'gpu0'), atcEntries(unbound('invalidated'), 'gpu0')]).toEqual([1, 0]);
});

test('identity=task: each thread has a PASID, a change of memory reaches both, and an exit leaves nothing behind', () => {
  const told = under(
    'identity=task',
    'bind app gpu0',
    'bind worker nic0',
    'expect pasid app 1',
    'expect pasid worker 2',
  );
  tell(told, 'dma gpu0 app write heap 64', 'dma nic0 worker write heap 64', 'run', 'expect dma nic0 done');
  expect([atcEntries(told, 'gpu0'), atcEntries(told, 'nic0')]).toEqual([1, 1]);

  tell(told, 'munmap app heap 1');

  expect([atcEntries(told, 'gpu0'), atcEntries(told, 'nic0')]).toEqual([0, 0]);
  tell(told, 'exit app', 'exit tool', 'run');
  expect([...underWay(told.world), ...leftOver(told.world)]).toEqual([]);
  expect(told.machine.broken).toBeNull();
});

test('a process that exits while another binds it for it ends unbound: ESRCH, at whatever step they meet', () => {
  const labels = ['accel_bind.program', ...bindDevice.steps.map(({ name }) => name)].filter(
    (name) => !/unw|aban|join/.test(name),
  );
  const results = labels.map((label) => {
    const told = story('machine smmuv3', GPU, 'process app', 'process tool', 'bind app gpu0 by tool &');
    const tool = actorNamed(told, 'tool');
    goTo(told, tool, label);
    tell(told, 'exit app &');
    settle(told, [tool]);
    settle(told);

    expect(told.machine.broken, label).toBeNull();
    const result = resultOf(told, tool);
    tell(told, 'exit tool', 'run');
    expect([...underWay(told.world), ...leftOver(told.world)], label).toEqual([]);
    return result;
  });

  expect([...new Set(results)].sort()).toEqual([-ERRNO.EINVAL, -ERRNO.ESRCH].sort());
});
