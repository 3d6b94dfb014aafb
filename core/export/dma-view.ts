import { domains } from '../iommu/domain.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { NO_SPACE, spaces } from '../iommu/space.ts';
import { hex } from '../lib/format.ts';
import type { World } from '../world/world.ts';
import { treeAt } from './tree-view.ts';
import type { LeafView, LevelView, WalkView } from './view.ts';

/** A page-table tree that belongs to no process: the devices of a domain walk it, the CPU does not. */
export interface DmaTreeView {
  /** domain/ID, or space/ID for a private PASID. */
  readonly key: string;
  readonly name: string;
  readonly root: string;
  readonly asid: number;
  /** Null for traffic without PASID. */
  readonly pasid: number | null;
  readonly levels: readonly LevelView[];
  readonly leaves: readonly LeafView[];
  readonly walk: WalkView | null;
}

/** The walk of the moment below a root. */
type WalkBelow = (root: number) => WalkView | null;

/** The page tables of DMA addresses that map something, and those of private PASIDs. */
export function dmaTreeViews(world: World, walkBelow: WalkBelow): DmaTreeView[] {
  const treeOf = (key: string, name: string, domain: number, space: number): DmaTreeView => {
    const { pgd, tag, pasid } = siliconOf(world).ioTables(world, domain, space);
    const tree = treeAt(world, pgd, () => 'memory for DMA');
    const walk = walkBelow(pgd);
    return { key, name, root: hex(pgd), asid: tag, pasid: pasid < 0 ? null : pasid, ...tree, walk };
  };
  const own = domains.all(world).map(({ id, name }) => treeOf(`domain/${id}`, `domain ${name}`, id, NO_SPACE));
  const live = spaces.all(world).filter(({ state }) => state === 'live');
  const others = live.map(({ id, name, domain }) => treeOf(`space/${id}`, name, domain, id));
  return [...own.filter(({ leaves }) => leaves.length > 0), ...others];
}
