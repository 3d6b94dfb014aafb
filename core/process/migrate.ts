import { isFree } from '../sim/lock.ts';
import { call, done, type Makers, type Next, procedure, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import { copyPage } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { allocateFrame, frameAt, getFrame, putFrame, setPageLock, zeroPage } from './frame.ts';
import { type Mm, mmdrop, mms } from './mm.ts';
import { underPageTableLock } from './mm-locks.ts';
import { clearPte, isPresent, pfnOf, pteFor, readPte, setPte } from './page-table.ts';
import { pinsOn } from './pins.ts';
import { mappersOf } from './rmap.ts';
import { moveSlot, putPage, slotCaching } from './swap.ts';
import { isMigrationOf, mayWriteAfter } from './swap-entry.ts';
import { tryToUnmapOne } from './unmap-page.ts';
import { vmaLookup } from './vma.ts';

const SHAPE = {
  isolate: ['mm', 'page', 'end', 'count'],
  unmap: ['mm', 'page', 'end', 'count', 'pfn', 'target'],
  move: ['mm', 'page', 'end', 'count', 'pfn', 'target'],
  remap: ['mm', 'page', 'end', 'count', 'pfn', 'target', 'mapper'],
  over: ['mm', 'count'],
} as const;

/**
 * Moves the pages from `page` up to, not including, `end` to other frames, as compaction does: each is unmapped from all
 * who map it, copied, and mapped again; who needs it meanwhile waits. It has a reference to the row of the mm, which it
 * drops. Returns how many pages it moved.
 */
export const migratePages = procedure('migrate_pages', 'mm', SHAPE, (go) => ({
  isolate: step(
    'looks at {page} of {mm}: {verdict}',
    underPageTableLock({ cite: 'mm/migrate.c isolate_lru_page()', cost: 'access' }),
    (world, { mm, page, end, count }) => {
      const why = whyNotMoved(world, mm, page);
      tell(world, { verdict: why ?? 'it can move' });
      if (why !== null) return nextPage(go, mm, page, end, count);
      const pfn = pfnOf(readPte(world, mms.get(world, mm).pgd, page));
      const frame = allocateFrame(world, 'anon', frameAt(world, pfn).owner);
      if (!frame.ok) {
        tell(world, { verdict: 'there is no frame to move it to' });
        return nextPage(go, mm, page, end, count);
      }
      getFrame(world, pfn);
      setPageLock(world, pfn, 1);
      return go.unmap({ mm, page, end, count, pfn, target: frame.value });
    },
  ),
  unmap: step(
    'looks who maps {pfn}: {found}',
    { atomic: 'the page lock', cite: 'mm/rmap.c rmap_walk_anon()' },
    (world, locals) => {
      const { pfn, page } = locals;
      const [mapper] = mappersOf(world, pfn, page);
      tell(world, { found: mapper?.name ?? 'nobody any more' });
      if (mapper === undefined) return go.move(locals);
      return call(tryToUnmapOne.at.clear({ pfn, page, mapper: mapper.id, migrate: 1 }), go.unmap(locals));
    },
  ),
  move: step(
    'copies {pfn} to {target}, unless somebody else uses it: {outcome}',
    { atomic: 'the page lock', cite: 'mm/migrate.c migrate_page_move_mapping()', cost: 'fault' },
    (world, locals) => {
      const { pfn, target } = locals;
      const slot = slotCaching(world, pfn);
      const isUsed = frameAt(world, pfn).refs > (slot === undefined ? 1 : 2);
      tell(world, { outcome: isUsed ? 'it stays' : 'nobody does' });
      if (isUsed) {
        putFrame(world, target);
        getFrame(world, pfn);
        return remapNext(world, go, { ...locals, target: pfn });
      }
      copyPage(world, pfn, target);
      if (slot !== undefined) moveSlot(world, slot, target);
      return remapNext(world, go, locals);
    },
  ),
  remap: step(
    'maps {page} of {mapper} again: {target}',
    {
      when: (world, { mapper }) => {
        const mm = mms.find(world, mapper);
        return mm === undefined || isFree(world, mm.pageTableLock);
      },
      ...{ wait: 'spin', awaits: 'the page table lock of {mapper}', cost: 'access' },
      ...{ atomic: 'the page table lock', cite: 'mm/migrate.c remove_migration_pte()' },
    },
    (world, locals) => {
      const { page, pfn, target, mapper } = locals;
      // It may have been unmapped while the lock was waited for.
      const mm = waitersFor(world, pfn, page).find(({ id }) => id === mapper);
      if (mm !== undefined) mapAgain(world, mm, page, target);
      return remapNext(world, go, locals);
    },
  ),
  over: step('is done: {count}', { cite: 'mm/migrate.c migrate_pages()' }, (world, { mm, count }) => {
    mmdrop(world, mm);
    tell(world, { count: count === 1 ? 'one page has moved' : `${count} pages have moved` });
    return done(count);
  }),
}));

type Go = Makers<typeof SHAPE>;

interface Moving {
  readonly mm: number;
  readonly page: number;
  readonly end: number;
  readonly count: number;
  readonly pfn: number;
  /** Where it goes; the page itself where it stays. */
  readonly target: number;
}

/** Why a page cannot go to another frame, null if it can. */
export function whyNotMoved(world: World, mm: number, page: number): string | null {
  const pte = readPte(world, mms.get(world, mm).pgd, page);
  if (!isPresent(pte)) return 'it is not in memory';
  const pfn = pfnOf(pte);
  if (pfn === zeroPage(world)) return 'it is the zero page';
  const { use, locked } = frameAt(world, pfn);
  if (use !== 'anon') return 'it is a page of a file';
  if (locked === 1) return 'somebody else has it locked';
  return pinsOn(world, pfn) > 0 ? 'it is pinned: whoever pinned it may use the frame at any time' : null;
}

/** Address spaces whose descriptor says that the page is being moved. */
function waitersFor(world: World, pfn: number, page: number): Mm[] {
  return mms.all(world).filter(({ pgd }) => isMigrationOf(readPte(world, pgd, page), pfn));
}

/** The entry becomes a descriptor; memory that is just being unmapped gets none. */
function mapAgain(world: World, { id, pgd }: Mm, page: number, target: number): void {
  const vma = vmaLookup(world, id, page);
  const entry = clearPte(world, pgd, page);
  if (vma === null) return;
  setPte(world, pgd, page, pteFor(world, target, vma, vma.write === 1 && mayWriteAfter(entry)));
  getFrame(world, target);
}

/** The next who waits for the page; after the last the frame that is left goes. */
function remapNext(world: World, go: Go, { mm, page, end, count, pfn, target }: Moving): Next {
  const [next] = waitersFor(world, pfn, page);
  if (next !== undefined) return go.remap({ mm, page, end, count, pfn, target, mapper: next.id });
  setPageLock(world, pfn, 0);
  putPage(world, pfn);
  putPage(world, target);
  return nextPage(go, mm, page, end, count + (target === pfn ? 0 : 1));
}

function nextPage(go: Go, mm: number, page: number, end: number, count: number): Next {
  return page + 1 < end ? go.isolate({ mm, page: page + 1, end, count }) : go.over({ mm, count });
}
