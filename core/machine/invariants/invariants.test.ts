import { expect, test } from 'vitest';
import { atcOf } from '../../devices/device.ts';
import { requestGroups } from '../../devices/page-request.ts';
import { pasidUses } from '../../devices/pasid-use.ts';
import { cdTables, contextPlace } from '../../drivers/arm-smmu-v3/domain.ts';
import { faults, iopfGroups } from '../../faults/fault.ts';
import { insert } from '../../hardware/tlb.ts';
import { bonds, contexts } from '../../iommu/context.ts';
import { pasidCursor } from '../../iommu/pasid.ts';
import { processes, processLock } from '../../iommu/process.ts';
import { present } from '../../lib/assert.ts';
import { attempt, processNamed, type Story, story, tell } from '../../play/testing/story.ts';
import { frames } from '../../process/frame.ts';
import { mms } from '../../process/mm.ts';
import { pins } from '../../process/pins.ts';
import { swapSlots } from '../../process/swap.ts';
import { actors } from '../../sim/actor.ts';
import { locks } from '../../sim/lock.ts';
import { readWord, writeWord } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { act, at, tick } from '../machine.ts';
import { INVARIANTS } from './index.ts';

const STAGE = ['machine smmuv3', 'device gpu0 pci 00:01.0 ats pri pasid 16', 'process app'] as const;

/** The place of the descriptor of a PASID in the table of domain 0. */
function descriptor(world: World, pasid: number) {
  return present(contextPlace(world, cdTables.get(world, 0), pasid), 'the first leaf is there');
}

/** Each invariant, and what one would have to do by hand to break it. */
const BREAKS: Readonly<Record<string, (world: World, told: Story) => void>> = {
  'pasid-entries': (world, told) => {
    const { pgd } = mms.get(world, processNamed(told, 'app').mm);
    const { page, offset } = descriptor(world, 1);
    writeWord(world, page, offset + 8, (pgd + 1) << 12);
  },
  'pasid-in-flight': (world) => {
    pasidUses.insert(world, { device: 0, pasid: 9, state: 'running' });
  },
  'context-entries': (world) => {
    const { page, offset } = descriptor(world, 1);
    writeWord(world, page, offset, 0);
  },
  'one-pasid': (world, told) => {
    const { mm } = processNamed(told, 'app');
    processes.insert(world, { mm, pasid: 2, kref: 1, state: 'live', backend: 'smmuv3' });
  },
  'frames-cached': (world) => {
    const free = world.slots.ramEnd - 1;
    const tag = { kind: 0, vmid: 0, asid: 1, page: 5, global: false, span: 0 };
    insert(world, atcOf(world, 0), { ...tag, output: free, rights: 1, lo: 0, hi: 0 });
    expect(frames.find(world, free - world.slots.ramFirst)).toBeUndefined();
  },
  'caches-agree': (world, told) => {
    const { pgd } = mms.get(world, processNamed(told, 'app').mm);
    const tag = { kind: 0, vmid: 0, asid: 1, page: 5, global: false, span: 0 };
    insert(world, atcOf(world, 0), { ...tag, output: pgd, rights: 1, lo: 0, hi: 0 });
  },
  'entry-zero': (world) => {
    const { page, offset } = descriptor(world, 0);
    writeWord(world, page, offset, 0);
  },
  'context-devices': (world) => {
    bonds.remove(world, 0);
  },
  'context-refs': (world) => {
    processes.edit(world, 0, (row) => {
      row.kref = 0;
    });
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
  'swap-clean': (world) => {
    const free = frames.slots(world).findIndex((frame) => frame === undefined);
    const pfn = world.slots.ramFirst + (free < 0 ? frames.slots(world).length : free);
    frames.insert(world, { pfn, refs: 1, use: 'anon', owner: 0, locked: 0 });
    swapSlots.insert(world, { count: 0, pfn, clean: 1 });
    writeWord(world, pfn, 8, 1);
  },
  'pinned-frames': (world) => {
    pins.insert(world, { mm: 0, page: 5, pfn: world.slots.ramEnd - 1, device: -1 });
  },
  'atomic-sleep': (world) => {
    const worker = actors.first(world, (row) => row.name === 'fault worker');
    locks.edit(world, processLock.id, (row) => {
      row.owner = worker?.id ?? -1;
    });
  },
};

test('every invariant has its way to be broken here', () => {
  expect(Object.keys(BREAKS).sort()).toEqual(INVARIANTS.map(({ id }) => id).sort());
});

for (const [id, breakIt] of Object.entries(BREAKS)) {
  test(`${id}: who breaks it by hand is found out at once, and the machine stops`, () => {
    const told = story(...STAGE, 'bind app gpu0', 'run');
    expect(told.machine.broken).toBeNull();

    act(told.machine, 'does what no kernel should', (world) => breakIt(world, told));

    expect(told.machine.broken?.event).toBe(at(told.machine));
    expect(told.machine.broken?.claims.map((claim) => claim.id)).toContain(id);
    expect(told.machine.broken?.claims.every(({ detail }) => detail !== '')).toBe(true);
    expect(tick(told.machine)).toBe(false);
    expect(attempt(told, `expect broken ${id}`)).toMatchObject({ state: 'done' });
  });
}

test('a PASID given back with a fault of its still in the kernel is a break, one that nobody ever had is not', () => {
  const told = story(...STAGE, 'bind app gpu0', 'run');
  const group = { device: 0, prgi: 0, queue: 0, state: 'queued', place: 0, response: 0, pending: 1, color: 0 } as const;

  act(told.machine, 'has a fault of PASID 7, which nobody had', (world) =>
    iopfGroups.insert(world, { ...group, pasid: 7 }),
  );
  expect(told.machine.broken).toBeNull();
  act(told.machine, 'has had PASID 7', (world) => {
    processes.insert(world, { mm: 0, pasid: 7, kref: 0, state: 'dead', backend: 'smmuv3' });
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
