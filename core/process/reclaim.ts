import { present } from '../lib/assert.ts';
import { decides } from '../policy/policy.ts';
import { call, done, type Makers, type Next, procedure, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { frameAt, getFrame, setPageLock, zeroPage } from './frame.ts';
import { mmdrop, mms } from './mm.ts';
import { underPageTableLock } from './mm-locks.ts';
import { isNone, isPresent, pfnOf, readPte } from './page-table.ts';
import { pinsOn } from './pins.ts';
import { isMlocked, mappersOf } from './rmap.ts';
import { addToSwap, hasFreeSlot, leaveMemory, putPage, slotCaching, writeOut } from './swap.ts';
import { isMigration } from './swap-entry.ts';
import { tryToUnmapOne } from './unmap-page.ts';

const SHAPE = {
  isolate: ['mm', 'page', 'end', 'count'],
  swap: ['mm', 'page', 'end', 'count', 'pfn'],
  unmap: ['mm', 'page', 'end', 'count', 'pfn'],
  write: ['mm', 'page', 'end', 'count', 'pfn'],
  free: ['mm', 'page', 'end', 'count', 'pfn'],
  over: ['mm', 'count'],
} as const;

/**
 * What reclaim does with the pages from `page` up to, not including, `end`: each is unmapped from all who map it, then
 * written to the swap device, then freed. The order keeps the data: after the last cached translation has gone, nobody
 * can write to the page behind the back of the disk. It has a reference to the row of the mm, which it drops. Returns
 * how many pages it freed.
 */
export const shrinkPageList = procedure('shrink_page_list', 'mm', SHAPE, (go) => ({
  isolate: step(
    'looks at {page} of {mm}: {verdict}',
    underPageTableLock({ cite: 'mm/vmscan.c isolate_lru_page()', cost: 'access' }),
    (world, { mm, page, end, count }) => {
      const why = whyKept(world, mm, page);
      tell(world, { verdict: why ?? 'it can go' });
      if (why !== null) return nextPage(go, mm, page, end, count);
      const pfn = pfnOf(readPte(world, mms.get(world, mm).pgd, page));
      getFrame(world, pfn);
      setPageLock(world, pfn, 1);
      return go.swap({ mm, page, end, count, pfn });
    },
  ),
  swap: step(
    'gives {pfn} a place on the swap device: {slot}',
    { atomic: 'the page lock', cite: 'mm/swap_state.c add_to_swap()' },
    (world, locals) => {
      tell(world, { slot: 'none is left' });
      if (slotCaching(world, locals.pfn) === undefined && !hasFreeSlot(world)) return keep(world, go, locals);
      const slot = slotCaching(world, locals.pfn) ?? addToSwap(world, locals.pfn);
      tell(world, { slot: slot.id });
      return go.unmap(locals);
    },
  ),
  unmap: step(
    'looks who maps {pfn}: {found}',
    { atomic: 'the page lock', cite: 'mm/rmap.c rmap_walk_anon()' },
    (world, locals) => {
      const { pfn, page } = locals;
      const [mapper] = mappersOf(world, pfn, page);
      tell(world, { found: mapper?.name ?? 'nobody any more' });
      if (mapper !== undefined) {
        return call(tryToUnmapOne.at.clear({ pfn, page, mapper: mapper.id, migrate: 0 }), go.unmap(locals));
      }
      // What the disk has already is not written; what somebody still uses is neither written nor freed.
      return isWanted(world, pfn) || slotCaching(world, pfn)?.clean === 1 ? go.free(locals) : go.write(locals);
    },
  ),
  write: step(
    'writes {pfn} to {slot} of the swap device',
    { atomic: 'the page lock', cite: 'mm/vmscan.c pageout()', cost: 'disk', wait: 'sleep' },
    (world, locals) => {
      const slot = present(slotCaching(world, locals.pfn), 'a page that is written out has its place');
      tell(world, { slot: slot.id });
      writeOut(world, slot);
      return go.free(locals);
    },
  ),
  free: step(
    'frees {pfn}: {why}',
    { atomic: 'the page lock', cite: 'mm/vmscan.c __remove_mapping()' },
    (world, locals) => {
      const { mm, page, end, count, pfn } = locals;
      const slot = present(slotCaching(world, pfn), 'a page that is freed has its place');
      tell(world, { why: 'nobody has it any more, and what it holds lies on the disk' });
      if (isWanted(world, pfn)) {
        tell(world, { why: 'but no, somebody still has it' });
        return keep(world, go, locals);
      }
      leaveMemory(world, slot);
      putPage(world, pfn);
      return nextPage(go, mm, page, end, count + 1);
    },
  ),
  over: step('is done: {count}', { cite: 'mm/vmscan.c shrink_page_list()' }, (world, { mm, count }) => {
    mmdrop(world, mm);
    tell(world, { count: count === 1 ? 'one page is free' : `${count} pages are free` });
    return done(count);
  }),
}));

type Go = Makers<typeof SHAPE>;

interface Isolated {
  readonly mm: number;
  readonly page: number;
  readonly end: number;
  readonly count: number;
  readonly pfn: number;
}

/**
 * Why reclaim leaves a page alone, null if it does not. A pin that is no more than a reference does not keep it from
 * being unmapped; the frame stays all the same.
 */
export function whyKept(world: World, mm: number, page: number): string | null {
  const pte = readPte(world, mms.get(world, mm).pgd, page);
  if (isNone(pte)) return 'nothing is there';
  if (isMigration(pte)) return 'it is just being moved';
  if (!isPresent(pte)) return 'it is on the swap device already';
  const pfn = pfnOf(pte);
  if (pfn === zeroPage(world)) return 'it is the zero page';
  const { use, locked } = frameAt(world, pfn);
  if (use !== 'anon') return 'it is a page of a file';
  if (locked === 1) return 'somebody else has it locked';
  if (isMlocked(world, pfn, page)) return 'it is mlocked';
  return pinsOn(world, pfn) > 0 && decides(world, 'pins', 'mapping') ? 'it is pinned' : null;
}

function nextPage(go: Go, mm: number, page: number, end: number, count: number): Next {
  return page + 1 < end ? go.isolate({ mm, page: page + 1, end, count }) : go.over({ mm, count });
}

/** Others than the swap cache and reclaim itself have the page. Kernel: is_page_cache_freeable, page_ref_freeze. */
function isWanted(world: World, pfn: number): boolean {
  return frameAt(world, pfn).refs > 2;
}

function keep(world: World, go: Go, { mm, page, end, count, pfn }: Isolated): Next {
  setPageLock(world, pfn, 0);
  putPage(world, pfn);
  return nextPage(go, mm, page, end, count);
}
