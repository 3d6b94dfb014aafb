import { expect, test } from 'vitest';
import { CPU_TLB } from '../hardware/cpu-mmu.ts';
import { entriesOf } from '../hardware/tlb.ts';
import { DEFAULT_POLICY } from '../policy/policy.ts';
import type { World } from '../world/world.ts';
import { hasCurrentAsid, mostPinned, pinAsid, switchTo, unpinAsid } from './asid.ts';
import { mms } from './mm.ts';
import { aProcess, load, map, smallWorld } from './testing.ts';

const asidOf = (world: World, mm: number): number => mms.get(world, mm).asid;

/** Seven processes: with ASIDs of three bits all are taken. */
function sevenProcesses(world: World): number[] {
  return Array.from({ length: 7 }, (_, index) => aProcess(world, `app${index}`).mm);
}

test('processes get ASIDs one after the other, and none twice in a generation', () => {
  const world = smallWorld();
  const [first, second] = [aProcess(world, 'first').mm, aProcess(world, 'second').mm];

  expect([asidOf(world, first), asidOf(world, second)]).toEqual([1, 2]);
});

test('when they run out a new generation begins: the TLB forgets all, and each gets one anew when it runs', () => {
  const world = smallWorld(64, DEFAULT_POLICY, 3);
  const app = aProcess(world);
  map(world, app, { start: 0x1000, end: 0x1001 });
  load(world, app, 0x1000);
  const others = sevenProcesses(world);
  expect(entriesOf(world, CPU_TLB)).toEqual([]);
  expect([hasCurrentAsid(world, app.mm), hasCurrentAsid(world, others[6] as number)]).toEqual([false, true]);

  load(world, app, 0x1000);

  expect(hasCurrentAsid(world, app.mm)).toBe(true);
  expect(entriesOf(world, CPU_TLB).map(({ asid }) => asid)).toEqual([asidOf(world, app.mm)]);
});

test('one that nobody took meanwhile is kept', () => {
  const world = smallWorld(64, DEFAULT_POLICY, 3);
  const apps = sevenProcesses(world);
  aProcess(world, 'last');

  expect(asidOf(world, apps[4] as number)).toBe(5);
  expect(switchTo(world, apps[4] as number)).toBe(5);
  expect(switchTo(world, apps[0] as number)).not.toBe(1);
});

test('a pinned one survives: nobody else gets it in the next generation', () => {
  const world = smallWorld(64, DEFAULT_POLICY, 3);
  const [first = -1, ...others] = sevenProcesses(world);
  expect(pinAsid(world, first)).toBe(1);

  const last = aProcess(world, 'last').mm;

  expect([asidOf(world, first), asidOf(world, last)]).toEqual([1, 2]);
  expect(others.map((mm) => switchTo(world, mm)).includes(1)).toBe(false);
  expect(switchTo(world, first)).toBe(1);
});

test('so many are pinned at most that a rollover finds a free one, and one mm counts once', () => {
  const world = smallWorld(64, DEFAULT_POLICY, 3);
  const apps = sevenProcesses(world);
  expect(mostPinned(world)).toBe(5);

  expect(apps.map((mm) => pinAsid(world, mm))).toEqual([1, 2, 3, 4, 5, 0, 0]);
  expect(pinAsid(world, apps[0] as number)).toBe(1);
  unpinAsid(world, apps[0] as number);
  expect(pinAsid(world, apps[5] as number)).toBe(0);
  unpinAsid(world, apps[0] as number);
  expect(pinAsid(world, apps[5] as number)).toBe(6);
});
