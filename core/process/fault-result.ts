import { done, type Next } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';
import { mms } from './mm.ts';
import { isValid, isWritable, isYoung, readPte } from './page-table.ts';
import { PROT } from './vma.ts';

/** What a fault answers beside PROT.read and PROT.write: it changed nothing, for the descriptor is not what it had seen. */
const RACED = 8;

/** Ends a fault: its answer is what the hardware may do with the page now. */
export function resolved(world: World, mm: number, page: number): Next {
  return done(rightsTo(world, mm, page));
}

/**
 * Ends a fault that somebody overtook. The kernel returns 0 (do_anonymous_page(): pte_none(), do_wp_page() and
 * do_swap_page(): pte_same()): whoever wanted the page tries again, and may fault again.
 */
export function raced(world: World, mm: number, page: number): Next {
  return done(rightsTo(world, mm, page) | RACED);
}

export const wasRaced = (result: number): boolean => (result & RACED) !== 0;

/** Whether a fault that ended without an error left the right behind that was asked for. */
export function grants(result: number, write: number): boolean {
  return (result & (write === 1 ? PROT.write : PROT.read)) !== 0;
}

function rightsTo(world: World, mm: number, page: number): number {
  const pte = readPte(world, mms.get(world, mm).pgd, page);
  if (!isValid(pte) || !isYoung(pte)) return 0;
  return PROT.read | (isWritable(pte) ? PROT.write : 0);
}
