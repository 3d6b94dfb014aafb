import { expect, test } from 'vitest';
import { type AsidEntry, asidEntries } from '../drivers/arm-smmu-v3/asid-map.ts';
import { cdTables, contextPlace } from '../drivers/arm-smmu-v3/domain.ts';
import { ERRNO } from '../lib/errno.ts';
import { act, begin, eventsOf } from '../machine/machine.ts';
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
import { allocateFrame } from '../process/frame.ts';
import { mmdrop, mmgrab, mms } from '../process/mm.ts';
import { sysExit } from '../process/syscalls.ts';
import { readWord } from '../world/memory.ts';
import { bindDevice } from './bind.ts';
import { bonds, contexts } from './context.ts';
import { detachDevice } from './detach.ts';
import { pasidCursor } from './pasid.ts';
import { processes } from './process.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const NIC = 'device nic0 pci 00:02.0 ats pri pasid 16';

/** The valid PASIDs in the table of a domain, up to 15. */
/** ASIDs that the SMMUs have from processes: those of domains stay. */
function asidsOfProcesses({ world }: Story): AsidEntry[] {
  return asidEntries.all(world).filter(({ mm }) => mm >= 0);
}

function validPasids({ world }: Story, domain: number): number[] {
  const row = cdTables.get(world, domain);
  return Array.from({ length: 15 }, (_, index) => index + 1).filter((pasid) => {
    const place = contextPlace(world, row, pasid);
    return place !== null && readWord(world, place.page, place.offset) >>> 31 === 1;
  });
}

test('the first bind gives the process a PASID, one reference and one entry in the table of the domain', () => {
  const told = story('machine smmuv3', GPU, 'process app');

  expect(tell(told, 'bind app gpu0')).toBeNull();

  const { mm } = processNamed(told, 'app');
  expect(processes.all(told.world)).toMatchObject([{ mm, pasid: 1, kref: 1, state: 'live' }]);
  expect(contexts.all(told.world)).toMatchObject([{ devices: 1 }]);
  expect(bonds.all(told.world)).toMatchObject([{ binds: 1 }]);
  expect(asidsOfProcesses(told)).toMatchObject([{ mm, users: 1 }]);
  expect(validPasids(told, 0)).toEqual([1]);
  expect(mms.get(told.world, mm)).toMatchObject({ users: 1, notifiers: 1 });
});

test('a second device of the domain shares the entry, and no reference leaks when both let go', () => {
  const told = story('machine smmuv3', `${GPU} domain a`, `${NIC} domain a`, 'process app', 'bind app gpu0');
  const before = eventsOf(told.machine);

  tell(told, 'bind app nic0', 'run');

  expect(stepsSince(told, before)).not.toContain('arm_smmu_write_ctx_desc.valid');
  expect(processes.all(told.world)).toMatchObject([{ kref: 1 }]);
  expect(contexts.all(told.world)).toMatchObject([{ devices: 2 }]);

  tell(told, 'unbind app gpu0', 'run');
  expect(validPasids(told, 0)).toEqual([1]);
  tell(told, 'unbind app nic0', 'run');
  expect([processes.all(told.world), contexts.all(told.world), asidsOfProcesses(told)]).toEqual([[], [], []]);
});

test('a second domain gets its own entry for the same PASID', () => {
  const told = story('machine smmuv3', `${GPU} domain a`, `${NIC} domain b`, 'process app', 'bind app gpu0');

  tell(told, 'bind app nic0', 'run');

  expect(processes.all(told.world)).toMatchObject([{ pasid: 1, kref: 2 }]);
  expect([validPasids(told, 0), validPasids(told, 1)]).toEqual([[1], [1]]);

  tell(told, 'unbind app gpu0', 'run');
  expect([validPasids(told, 0), validPasids(told, 1)]).toEqual([[], [1]]);
});

test('the processes of the documentation get the PASID tables that it draws', () => {
  const told = story(
    'machine smmuv3',
    'device dev0 pci 00:00.0 ats pri pasid 16 domain a',
    'device dev1 pci 00:01.0 ats pri pasid 16 group 2 domain b',
    'device dev2 pci 00:01.1 ats pri pasid 16 group 2 domain b',
    'process x',
    'process y',
  );

  tell(told, 'bind x dev0', 'bind y dev0', 'bind y dev1', 'bind y dev2', 'run');

  expect([validPasids(told, 0), validPasids(told, 1)]).toEqual([[1, 2], [2]]);
});

test('a bind that is repeated is counted, and takes as many unbinds', () => {
  const told = story('machine smmuv3', GPU, 'process app', 'bind app gpu0');

  expect(tell(told, 'bind app gpu0')).toBeNull();
  expect(bonds.all(told.world)).toMatchObject([{ binds: 2 }]);
  expect(processes.all(told.world)).toMatchObject([{ kref: 1 }]);

  expect(tell(told, 'unbind app gpu0')).toBeNull();
  expect(validPasids(told, 0)).toEqual([1]);
  expect(tell(told, 'unbind app gpu0')).toBeNull();
  expect(validPasids(told, 0)).toEqual([]);
  expect(tell(told, 'unbind app gpu0')).toBe('ESRCH');
});

const REFUSALS: readonly (readonly [string, string, readonly string[]])[] = [
  ['a device without PASID', 'EINVAL', ['device dev pci 00:03.0 ats pri']],
  ['a device that cannot ask for pages', 'ENODEV', ['device dev pci 00:03.0 ats pasid 16']],
  ['a device without ATS', 'ENODEV', ['device dev pci 00:03.0 pasid 16']],
  ['a device that was detached', 'EINVAL', ['device dev pci 00:03.0 ats pri pasid 16', 'detach dev']],
  [
    'a device whose one PASID is taken',
    'ENOSPC',
    ['device dev pci 00:03.0 ats pri pasid 1', 'process other', 'bind other dev'],
  ],
  [
    'a domain whose table ends before the PASID that the process has',
    'ENOSPC',
    ['device dev pci 00:03.0 ats pri pasid 1', GPU, 'process other', 'bind other gpu0', 'bind app gpu0'],
  ],
  [
    'a device whose domain was made for devices with fewer PASIDs',
    'ENOSPC',
    [
      'device old0 pci 00:02.0 ats pri pasid 1 domain small',
      'device dev pci 00:03.0 ats pri pasid 16 domain small',
      GPU,
      'process other',
      'bind other gpu0',
      'bind app gpu0',
    ],
  ],
  [
    'a device that cannot say the PASID that its domain has room for',
    'ENOSPC',
    [
      `${GPU} domain a`,
      'device dev pci 00:03.0 ats pri pasid 1 domain a',
      'process other',
      'bind other gpu0',
      'bind app gpu0',
    ],
  ],
];

for (const [device, errno, lines] of REFUSALS) {
  test(`binding ${device} is answered with ${errno}, and leaves nothing behind`, () => {
    const told = story('machine smmuv3', 'process app', ...lines);
    tell(told, 'run');
    const before = [processes.all(told.world), contexts.all(told.world), bonds.all(told.world)];

    expect(tell(told, 'bind app dev')).toBe(errno);

    tell(told, 'run');
    expect([processes.all(told.world), contexts.all(told.world), bonds.all(told.world)]).toEqual(before);
    expect(asidsOfProcesses(told)).toHaveLength(before[0]?.length ?? 0);
  });
}

test('an mm whose ASID cannot be pinned is answered with ESRCH', () => {
  const others = Array.from({ length: 5 }, (_, index) => [`process p${index}`, `bind p${index} gpu0`]).flat();
  const told = story('machine smmuv3 asid-bits 3', GPU, ...others, 'process app');

  expect(tell(told, 'bind app gpu0')).toBe('ESRCH');
  expect(processes.all(told.world)).toHaveLength(5);
});

test('no memory for a leaf of the PASID table is answered with ENOMEM, and leaves nothing behind', () => {
  const told = story('machine smmuv3', GPU, 'process app');
  act(told.machine, 'hands out PASIDs of the second leaf, and all memory', (world) => {
    pasidCursor.edit(world, 0, (row) => {
      row.next = 1024;
    });
    while (allocateFrame(world, 'kernel').ok);
  });

  expect(tell(told, 'bind app gpu0')).toBe('ENOMEM');
  tell(told, 'run');
  expect([processes.all(told.world), contexts.all(told.world), asidsOfProcesses(told)]).toEqual([[], [], []]);
});

const LABELS = bindDevice.steps.map(({ name }) => name).filter((name) => !/unw|abandon/.test(name));

test('a bind that races the exit of its mm ends in EINVAL or ESRCH, or is undone by the exit, at whatever step they meet', () => {
  const results = LABELS.map((label) => {
    const told = story('machine smmuv3', GPU, 'process app', 'run');
    const { id: task, mm, actor: app } = processNamed(told, 'app');
    act(told.machine, 'VFIO keeps the mm that it looks at', (world) => mmgrab(world, mm));
    const binder = kernelThread(told, bindDevice.at.domain({ device: 0, task, mm }));
    goTo(told, binder, label);
    begin(told.machine, app, 'exits', () => sysExit.at.call({ task }));
    settle(told, [binder]);
    settle(told);
    act(told.machine, 'VFIO lets the mm go', (world) => mmdrop(world, mm));

    expect([...underWay(told.world), ...leftOver(told.world)], label).toEqual([]);
    expect(told.machine.broken, label).toBeNull();
    return resultOf(told, binder);
  });

  expect([...new Set(results)].sort()).toEqual([-ERRNO.EINVAL, -ERRNO.ESRCH, 1].sort());
});

test('two binders of one process find one process and one PASID, at whatever step they meet', () => {
  for (const domains of [
    ['a', 'a'],
    ['a', 'b'],
  ]) {
    for (const label of LABELS) {
      const told = story('machine smmuv3', `${GPU} domain ${domains[0]}`, `${NIC} domain ${domains[1]}`, 'process app');
      tell(told, 'bind app gpu0 &');
      goTo(told, actorNamed(told, 'app'), label);
      tell(told, 'bind app nic0 &');
      settle(told, [actorNamed(told, 'app')]);
      settle(told);

      expect(processes.all(told.world), label).toMatchObject([{ pasid: 1, kref: new Set(domains).size }]);
      expect(asidsOfProcesses(told), label).toMatchObject([{ users: 1 }]);
      expect(bonds.all(told.world), label).toHaveLength(2);
      expect(told.machine.broken, label).toBeNull();
    }
  }
});

test('a bind that meets a device on its way out is answered with ENODEV, and leaves nothing behind', () => {
  const told = story('machine smmuv3', GPU, 'process app', 'run');
  const { id: task, mm } = processNamed(told, 'app');
  const binder = kernelThread(told, bindDevice.at.domain({ device: 0, task, mm }));
  goTo(told, binder, 'iommu_process_bind_device.attach');
  const remover = kernelThread(told, detachDevice.at.mark({ device: 0, whole: 0 }));
  goTo(told, remover, 'iommu_detach_device.lock', [binder]);
  goTo(told, binder, null, [remover]);

  expect(resultOf(told, binder)).toBe(-ERRNO.ENODEV);
  settle(told);
  expect(resultOf(told, remover)).toBe(0);
  expect([processes.all(told.world), contexts.all(told.world), validPasids(told, 0)]).toEqual([[], [], []]);
});
