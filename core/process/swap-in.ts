import { fail, procedure, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { doWpPage } from './cow.ts';
import { raced, resolved } from './fault-result.ts';
import { allocateFrame, frameAt, getFrame } from './frame.ts';
import { mms } from './mm.ts';
import { underPageTableLock } from './mm-locks.ts';
import { pteFor, readPte, setPte } from './page-table.ts';
import { adopt, deleteFromSwapCache, freeEntry, isExclusive, readIn, slotAt, swapSlots } from './swap.ts';
import { isMigration } from './swap-entry.ts';
import { vmas } from './vma.ts';

/**
 * Brings a page back that lies on the swap device, or is still on its way there. A page that is only read keeps its
 * place on the device and is mapped read-only, so that it can go out again without being written. `entry` is the swap
 * entry that the descriptor had, looked at again in each step. Returns as handle_mm_fault().
 */
export const doSwapPage = procedure(
  'do_swap_page',
  'mm',
  {
    look: ['mm', 'page', 'write', 'vma'],
    moving: ['mm', 'page'],
    read: ['mm', 'page', 'write', 'vma', 'entry'],
    lock: ['mm', 'page', 'write', 'vma', 'entry'],
    map: ['mm', 'page', 'write', 'vma', 'entry'],
  },
  (go) => ({
    look: step(
      'looks for {page} in the swap cache: {found}',
      { cite: 'mm/swap_state.c lookup_swap_cache()' },
      (world, locals) => {
        if (isMoving(world, locals.mm, locals.page)) {
          tell(world, { found: 'it is being moved' });
          return go.moving({ mm: locals.mm, page: locals.page });
        }
        const slot = slotAt(world, locals.mm, locals.page);
        const isCached = slot >= 0 && swapSlots.get(world, slot).pfn >= 0;
        tell(world, { found: slot < 0 ? 'somebody was faster' : isCached ? 'it is still there' : 'it is on the disk' });
        if (slot < 0) return raced(world, locals.mm, locals.page);
        return isCached ? go.lock({ ...locals, entry: slot }) : go.read({ ...locals, entry: slot });
      },
    ),
    moving: step(
      'sees that {page} has arrived, and tries again',
      {
        when: (world, { mm, page }) => !isMoving(world, mm, page),
        ...{ wait: 'sleep', awaits: 'the page to arrive', cite: 'mm/migrate.c migration_entry_wait()' },
      },
      (world, { mm, page }) => raced(world, mm, page),
    ),
    read: step(
      'reads {entry} of the swap device into {pfn}',
      { cite: 'mm/swap_state.c read_swap_cache_async()', cost: 'disk', wait: 'sleep' },
      (world, locals) => {
        const { mm, page, write, vma, entry: slot } = locals;
        tell(world, { pfn: 'nothing: somebody was faster' });
        if (slotAt(world, mm, page) !== slot || swapSlots.get(world, slot).pfn >= 0) {
          return go.look({ mm, page, write, vma });
        }
        const frame = allocateFrame(world, 'anon', mm);
        tell(world, { pfn: frame.ok ? frame.value : 'out of memory' });
        if (!frame.ok) return fail(frame.error);
        readIn(world, slot, frame.value);
        return go.lock(locals);
      },
    ),
    lock: step(
      'finds the page of {entry} unlocked',
      {
        when: (world, { mm, page, entry }) => !isBusy(world, mm, page, entry),
        ...{ wait: 'sleep', awaits: 'the page lock', cite: 'mm/memory.c do_swap_page()' },
      },
      (_world, locals) => go.map(locals),
    ),
    map: step(
      'maps {page} again, {how}',
      underPageTableLock({ cite: 'mm/memory.c do_swap_page()', cost: 'access' }),
      (world, { mm, page, write, vma, entry: slot }) => {
        tell(world, { how: 'or tries to: something has changed' });
        if (isBusy(world, mm, page, slot) || !isCached(world, mm, page, slot)) return go.look({ mm, page, write, vma });
        const writable = mapBack(world, { mm, page, write, vma, slot });
        tell(world, { how: writable ? 'writable: it is the only one who has it' : 'read-only' });
        return write === 1 && !writable ? doWpPage.at.look({ mm, page, vma }) : resolved(world, mm, page);
      },
    ),
  }),
);

function isMoving(world: World, mm: number, page: number): boolean {
  return isMigration(readPte(world, mms.get(world, mm).pgd, page));
}

interface SwapFault {
  readonly mm: number;
  readonly page: number;
  readonly write: number;
  readonly vma: number;
  readonly slot: number;
}

/** The descriptor still names the slot, and the page is in memory. */
function isCached(world: World, mm: number, page: number, slot: number): boolean {
  return slotAt(world, mm, page) === slot && swapSlots.get(world, slot).pfn >= 0;
}

/** Somebody has the page locked: it is being written to the disk. */
function isBusy(world: World, mm: number, page: number, slot: number): boolean {
  return isCached(world, mm, page, slot) && frameAt(world, swapSlots.get(world, slot).pfn).locked === 1;
}

/** The swap entry becomes a descriptor; whether the hardware may write through it. */
function mapBack(world: World, { mm, page, write, vma, slot }: SwapFault): boolean {
  const { pfn } = swapSlots.get(world, slot);
  const { pgd } = mms.get(world, mm);
  getFrame(world, pfn);
  freeEntry(world, slot);
  const writable = write === 1 && isExclusive(world, pfn);
  if (writable) {
    deleteFromSwapCache(world, swapSlots.get(world, slot));
    adopt(world, pfn, mm);
  }
  setPte(world, pgd, page, pteFor(world, pfn, vmas.get(world, vma), writable));
  return writable;
}
