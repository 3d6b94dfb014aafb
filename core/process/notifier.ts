/** mmu_notifier: who keeps copies of translations is told before memory goes. Kernel: mm/mmu_notifier.c. */
import { hook } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';
import { mmdrop, mmgrab, mms } from './mm.ts';

/** release(): nobody uses the mm any more, and its memory is about to go. */
export const mmReleased = hook('mmu_notifier.release', ['mm']);

/** invalidate_range(): descriptors of the pages from `start` up to, not including, `end` have changed. */
export const invalidateRange = hook('mmu_notifier.invalidate_range', ['mm', 'start', 'end']);

/** From now on the hooks are called for this mm; takes a reference to it. Kernel: mmu_notifier_register. */
export function registerNotifier(world: World, mm: number): void {
  mmgrab(world, mm);
  mms.edit(world, mm, (row) => {
    row.notifiers += 1;
  });
}

/** Drops registration, which release() may have ended already, and reference. Kernel: mmu_notifier_unregister_no_release. */
export function unregisterNotifier(world: World, mm: number): void {
  mms.edit(world, mm, (row) => {
    row.notifiers = Math.max(0, row.notifiers - 1);
  });
  mmdrop(world, mm);
}

/** Somebody listens, so a change has to be told. Kernel: mm_has_notifiers. */
export function hasNotifiers(world: World, mm: number): boolean {
  return mms.get(world, mm).notifiers > 0;
}
