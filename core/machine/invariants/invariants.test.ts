import { expect, test } from 'vitest';
import { atcOf, devices } from '../../devices/device.ts';
import { submit } from '../../devices/job.ts';
import { requestGroups } from '../../devices/page-request.ts';
import { pasidUses } from '../../devices/pasid-use.ts';
import { addressWords } from '../../devices/transfer.ts';
import { cdTables, contextPlace, contextWords } from '../../drivers/arm-smmu-v3/domain.ts';
import { readl, writel } from '../../drivers/arm-smmu-v3/unit.ts';
import { faults, iopfGroups } from '../../faults/fault.ts';
import { faultWorker } from '../../faults/worker.ts';
import { parkUp, sendDown, sendUp } from '../../hardware/pcie/link.ts';
import { REGISTER } from '../../hardware/smmuv3/registers.layout.ts';
import { stalls } from '../../hardware/smmuv3/stall.ts';
import { translationUnit } from '../../hardware/smmuv3/translate.ts';
import { insert } from '../../hardware/tlb.ts';
import { bonds, contexts } from '../../iommu/context.ts';
import { groups, members } from '../../iommu/group.ts';
import { pasidCursor } from '../../iommu/pasid.ts';
import { processes, processLock } from '../../iommu/process.ts';
import { putProcess } from '../../iommu/put.ts';
import { spaces } from '../../iommu/space.ts';
import { present } from '../../lib/assert.ts';
import { actorNamed, attempt, processNamed, type Story, story, tell } from '../../play/testing/story.ts';
import { handleMmFault } from '../../process/fault.ts';
import { frames } from '../../process/frame.ts';
import { type Mm, mms } from '../../process/mm.ts';
import { pins } from '../../process/pins.ts';
import { swapSlots } from '../../process/swap.ts';
import { actors } from '../../sim/actor.ts';
import { locks } from '../../sim/lock.ts';
import { type Next, stackOf } from '../../sim/procedure.ts';
import { readWord, writeWord, writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { act, at, tick } from '../machine.ts';
import { INVARIANTS } from './index.ts';

const STAGE = [
  'machine smmuv3',
  'device gpu0 pci 00:01.0 ats pri pasid 16',
  'process app',
  'mmap app heap 64K rw-',
] as const;
/** A process bound to a device that has written to its memory: caches know it. */
const BOUND = [...STAGE, 'bind app gpu0', 'dma gpu0 app write heap 4', 'run'] as const;

/** The place of the descriptor of a PASID in the table of domain 0. */
function descriptor(world: World, pasid: number) {
  return present(contextPlace(world, cdTables.get(world, 0), pasid), 'the first leaf is there');
}

type Break = (world: World, told: Story) => void;

const mmOf = (world: World, told: Story): Mm => mms.get(world, processNamed(told, 'app').mm);

const unheard: Break = (world, told) => {
  mms.edit(world, mmOf(world, told).id, (row) => {
    row.notifiers = 0;
  });
};

const leaveDomain: Break = (world) => {
  groups.edit(world, 0, (row) => {
    row.domain = -1;
  });
};

/** Somebody else holds iommu_process_lock, and sleeps. */
const keepLock: Break = (world, told) => {
  locks.edit(world, processLock.id, (row) => {
    row.owner = actorNamed(told, 'fault worker');
  });
};

/** Makes an actor go on somewhere else. */
function send(world: World, actor: number, next: Next): void {
  actors.edit(world, actor, (row) => {
    row.frame = stackOf(world, next, null);
  });
}

/** The policy under which an invariant is broken by hand, where rfcv2 makes an exception. */
const OWN_POLICY: Readonly<Record<string, string>> = { 'quiet-entries': 'mainline' };

/** Each invariant, and what one would have to do by hand to break it. */
const BREAKS: Readonly<Record<string, Break>> = {
  'pasid-entries': (world, told) => {
    const { page, offset } = descriptor(world, 1);
    writeWord(world, page, offset + 8, (mmOf(world, told).pgd + 1) << 12);
  },
  'pasid-in-flight': (world) => {
    pasidUses.insert(world, { device: 0, pasid: 9, state: 'running' });
  },
  'pasid-range': (world) => {
    processes.edit(world, 0, (row) => {
      row.pasid = 2 ** 16;
    });
  },
  'pasid-clean': (world) => {
    processes.edit(world, 0, (row) => {
      row.state = 'constructing';
    });
  },
  'context-entries': (world) => {
    const { page, offset } = descriptor(world, 1);
    writeWord(world, page, offset, 0);
  },
  'group-table': (world) => {
    // The twin has a table of its own, which holds something else.
    const { group } = present(
      members.first(world, () => true),
      'the device is in a group',
    );
    const twin = devices.insert(world, { ...devices.get(world, 0), name: 'twin' });
    members.insert(world, { group, device: twin.id, leaving: 0, refused: 0 });
    const table = cdTables.get(world, 0);
    cdTables.insert(world, { ...table, device: twin.id, contextTable: table.contextTable + 1 });
    cdTables.edit(world, 0, (row) => {
      row.device = 0;
    });
  },
  'quiet-entries': unheard,
  'released-tables': unheard,
  'asid-owner': (world, told) => {
    const { asid, pgd } = mmOf(world, told);
    const { page, offset } = descriptor(world, 0);
    writeWords(world, page, offset, contextWords(world, 0, pgd + 1, asid, true));
  },
  'descriptors-cached': (world) => {
    const { page, offset } = descriptor(world, 1);
    writeWord(world, page, offset + 24, 0xff00);
  },
  'asid-pinned': (world, told) => {
    mms.edit(world, processNamed(told, 'app').mm, (row) => {
      row.pinned = 0;
    });
  },
  'one-pasid': (world, told) => {
    const { mm } = processNamed(told, 'app');
    processes.insert(world, { mm, pid: 0, pasid: 2, kref: 1, state: 'live', backend: 'smmuv3' });
  },
  'frames-cached': (world) => {
    const free = world.slots.ramEnd - 1;
    const tag = { kind: 0, vmid: 0, asid: 1, page: 5, global: false, span: 0 };
    insert(world, atcOf(world, 0), { ...tag, output: free, rights: 1, lo: 0, hi: 0 });
    expect(frames.find(world, free - world.slots.ramFirst)).toBeUndefined();
  },
  'caches-agree': (world, told) => {
    const tag = { kind: 0, vmid: 0, asid: 1, page: 5, global: false, span: 0 };
    insert(world, atcOf(world, 0), { ...tag, output: mmOf(world, told).pgd, rights: 1, lo: 0, hi: 0 });
  },
  'dma-lands': (world) => {
    const { link } = devices.get(world, 0);
    const own = addressWords(world.slots.ramFirst + 1, 0);
    sendUp(world, link, { kind: 'write', at: 'translated', pasid: 1, tag: 0, bytes: 4, ...own });
  },
  'work-pasid': (world, told) => {
    const work = { operation: 'read', page: 5, offset: 0, bytes: 4, data: 0, hops: 0 } as const;
    submit(world, 0, { ...work, mm: processNamed(told, 'app').mm + 1, pasid: 1 });
  },
  'walk-tables': (world, told) => {
    const held = { smmu: 0, message: -1, ste: -1, cd: -1, level: 1, limits: 0 };
    send(
      world,
      actorNamed(told, 'smmu0 translation unit'),
      translationUnit.at.walk({ ...held, table: world.slots.ramEnd - 1 }),
    );
  },
  'mm-users': (world, told) => {
    const { id } = mms.edit(world, mmOf(world, told).id, (row) => {
      row.users = 0;
    });
    send(world, actorNamed(told, 'app'), handleMmFault.at.look({ mm: id, page: 0, write: 0, vma: 0 }));
  },
  notifiers: unheard,
  'success-mapped': (world, told) => {
    const rights = { read: 1, write: 1, exec: 0, priv: 0 };
    const place = { device: 0, pasid: 1, prgi: 0, page: 5, iopf: 0, place: 0 };
    const fault = faults.insert(world, { ...place, ...rights });
    const iopf = iopfGroups.insert(world, { ...GROUP, pasid: 1 });
    const { mm } = processNamed(told, 'app');
    const locals = { iopf: iopf.id, fault: fault.id, process: 0, mm, result: 0 };
    send(world, actorNamed(told, 'fault worker'), faultWorker.at.unlock(locals));
  },
  'freed-objects': (world, told) => {
    send(world, actorNamed(told, 'app'), putProcess.at.put({ process: 9 }));
  },
  'entry-zero': (world) => {
    const { page, offset } = descriptor(world, 0);
    writeWord(world, page, offset, 0);
  },
  'private-entries': (world) => {
    spaces.insert(world, { name: 'ring0', device: 0, domain: 0, pasid: 9, state: 'live' });
  },
  'context-devices': (world) => {
    bonds.remove(world, 0);
  },
  'context-refs': (world) => {
    processes.edit(world, 0, (row) => {
      row.kref = 0;
    });
  },
  'context-living': unheard,
  'bond-domain': leaveDomain,
  'uses-bound': leaveDomain,
  'one-context': (world) => {
    contexts.insert(world, { process: 0, domain: 0, devices: 0 });
  },
  credits: (world) => {
    const group = { device: 0, prgi: 0, pasid: 1, job: 0, open: 0, stale: 0 };
    requestGroups.insert(world, { ...group, requests: 1 });
    requestGroups.insert(world, { ...group, requests: 1 });
  },
  'group-members': (world) => {
    const group = { device: 0, prgi: 3, pasid: 1 };
    const work = { queue: 0, state: 'queued', place: 0, response: 0, pending: 1, color: 0 } as const;
    const { id } = iopfGroups.insert(world, { ...group, ...work });
    const access = { read: 1, write: 0, exec: 0, priv: 0 };
    faults.insert(world, { ...group, ...access, page: 0x7f0000000, iopf: id, place: 0 });
  },
  'stall-buffer': (world) => {
    for (const kind of ['read', 'write'] as const) {
      sendUp(world, 0, { kind, bytes: 4 });
      stalls.insert(world, { smmu: 0, message: parkUp(world, 0).id, stag: 4, state: 'stalled' });
    }
  },
  'swap-clean': (world) => {
    const free = frames.slots(world).indexOf(undefined);
    const pfn = world.slots.ramFirst + (free < 0 ? frames.slots(world).length : free);
    frames.insert(world, { pfn, refs: 1, use: 'anon', owner: 0, locked: 0 });
    swapSlots.insert(world, { count: 0, pfn, clean: 1 });
    writeWord(world, pfn, 8, 1);
  },
  'pinned-frames': (world) => {
    pins.insert(world, { mm: 0, page: 5, pfn: world.slots.ramEnd - 1, device: -1 });
  },
  'one-response': (world) => {
    sendDown(world, devices.get(world, 0).link, { kind: 'page-response', hi: 5 });
  },
  'partials-outstanding': (world) => {
    const rights = { read: 1, write: 0, exec: 0, priv: 0 };
    faults.insert(world, { device: 0, pasid: 1, prgi: 0, page: 5, iopf: -1, place: 0, ...rights });
  },
  stalls: (world) => {
    for (const message of [5, 6]) stalls.insert(world, { smmu: 0, message, stag: 0, state: 'stalled' });
  },
  'queues-noticed': (world) => {
    writel(world, 0, REGISTER.PRIQ_PROD, readl(world, 0, REGISTER.PRIQ_PROD) + 1);
  },
  'atomic-sleep': keepLock,
  deadlock: keepLock,
};

const GROUP = { device: 0, prgi: 0, queue: 0, state: 'queued', place: 0, response: 0, pending: 1, color: 0 } as const;

test('every invariant has its way to be broken here', () => {
  expect(Object.keys(BREAKS).sort()).toEqual(INVARIANTS.map(({ id }) => id).sort());
});

for (const [id, breakIt] of Object.entries(BREAKS)) {
  test(`${id}: who breaks it by hand is found out at once, and the machine stops`, () => {
    const told = story(`policy ${OWN_POLICY[id] ?? 'rfcv2'}`, ...BOUND);
    expect(told.machine.broken).toBeNull();

    act(told.machine, 'does what no kernel should', (world) => breakIt(world, told));

    expect(told.machine.broken?.event).toBe(at(told.machine));
    expect(told.machine.broken?.claims.map((claim) => claim.id)).toContain(id);
    expect(told.machine.broken?.claims.every(({ detail }) => detail !== '')).toBe(true);
    expect(tick(told.machine)).toBe(false);
    expect(attempt(told, `expect broken ${id}`)).toMatchObject({ state: 'done' });
  });
}

test('work that waits for the credits of a group which the script has begun is in no deadlock', () => {
  const few = 'device gpu0 pci 00:01.0 ats pri pasid 16 credits 2';
  const told = story('machine smmuv3', few, 'process app', 'mmap app heap 64K rw-', 'process tool', 'bind app gpu0');
  tell(told, 'bind tool gpu0', 'request gpu0 tool read text group 2', 'run', 'dma gpu0 app write heap 8192');

  tell(told, 'unbind app gpu0 &', 'run');

  expect([told.machine.broken, locks.all(told.world).some(({ owner }) => owner >= 0)]).toEqual([null, true]);
  tell(told, 'request gpu0 tool read text group 2 last', 'run', 'expect dma gpu0 done', 'expect pasid app none');
});

test('a PASID given back with a fault of its still in the kernel is a break, one that nobody ever had is not', () => {
  const told = story(...STAGE, 'bind app gpu0', 'run');
  act(told.machine, 'has a fault of PASID 7, which nobody had', (world) =>
    iopfGroups.insert(world, { ...GROUP, pasid: 7 }),
  );
  expect(told.machine.broken).toBeNull();
  act(told.machine, 'has had PASID 7', (world) => {
    processes.insert(world, { mm: 0, pid: 0, pasid: 7, kref: 0, state: 'dead', backend: 'smmuv3' });
  });
  expect(told.machine.broken?.claims.map(({ id }) => id)).toEqual(['pasid-in-flight']);
});

test('descriptors of a small table are looked at wherever the search for a PASID begins', () => {
  const told = story(
    'machine smmuv3',
    'device gpu0 pci 00:01.0 ats pri pasid 2',
    'process app',
    'bind app gpu0',
    'run',
  );
  const { page, offset } = descriptor(told.world, 3);
  const valid = readWord(told.world, descriptor(told.world, 1).page, descriptor(told.world, 1).offset);

  act(told.machine, 'makes an entry above the cursor valid', (world) => {
    expect(pasidCursor.get(world, 0).next).toBe(2);
    writeWord(world, page, offset, valid);
  });

  expect(told.machine.broken?.claims.map(({ id }) => id)).toContain('pasid-entries');
  expect(contexts.all(told.world)).toHaveLength(1);
});

test('going back before the break lets the machine run again', () => {
  const told = story(...STAGE, 'bind app gpu0', 'run');
  act(told.machine, 'breaks it', (world) => bonds.remove(world, 0));

  told.world.back();
  tell(told, 'unbind app gpu0', 'run');

  expect(told.machine.broken).toBeNull();
});
