import type { MemoryView, TreeView } from '../engine/contract.ts';

const PAGE = 4096;

/** Page numbers whose frames are pinned, of each address space: a pin holds the frame, whoever maps it. */
export function pinnedPages(
  trees: readonly TreeView[],
  pins: MemoryView['pins'],
): ReadonlyMap<number, readonly number[]> {
  const frames = new Set(pins.map(({ pfn }) => pfn));
  const pagesOf = ({ leaves }: TreeView) => leaves.filter(({ pfn }) => frames.has(pfn)).map(({ page }) => pageOf(page));
  return new Map(trees.map((tree) => [tree.mm, pagesOf(tree)]));
}

/** How many of some pages lie in a range that begins at an address. */
export function pagesWithin(pages: readonly number[], start: string, count: number): number {
  const first = pageOf(start);
  return pages.filter((page) => page >= first && page < first + count).length;
}

/** Pins whose process no longer has the frame at the page that it was pinned for. */
export function tornOff(trees: readonly TreeView[], pins: MemoryView['pins']): MemoryView['pins'] {
  const has = (tree: TreeView, page: string, pfn: string) =>
    tree.leaves.some((leaf) => leaf.page === page && leaf.pfn === pfn);
  return pins.filter(({ mm, page, pfn }) => !trees.some((tree) => tree.mm === mm && has(tree, page, pfn)));
}

const pageOf = (address: string): number => Number(address) / PAGE;
