import { formatOf } from '../hardware/cpus.ts';
import { indexAbove, type PageFormat, type Visit } from '../hardware/page-format.ts';
import { processOf } from '../iommu/process.ts';
import { hex, pageAddress } from '../lib/format.ts';
import { files } from '../process/file.ts';
import { frames } from '../process/frame.ts';
import { type Mm, mms } from '../process/mm.ts';
import { vmaLookup } from '../process/vma.ts';
import { wordsOf } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { keys } from './places.ts';
import type { EntryView, LeafView, LevelView, TableView, TreeView, WalkView } from './view.ts';

const ENTRIES = 512;

interface Node {
  readonly pfn: number;
  /** First page that the table is about. */
  readonly base: number;
}

/** Levels are told by what Linux calls them: 0 PGD, 1 PUD, 2 PMD, 3 PTE; three levels have no PGD of their own here. */
const levelAt = ({ levels }: PageFormat, depth: number): number => 4 - levels + depth;

/** Pages that one entry of a table at this depth covers. */
const span = ({ levels }: PageFormat, depth: number): number => ENTRIES ** (levels - 1 - depth);

/** The page-table tree of each address space that has one. */
export function treeViews(world: World, walks: ReadonlyMap<number, WalkView>): TreeView[] {
  return mms
    .all(world)
    .filter((mm) => mm.state !== 'dead')
    .map((mm) => treeView(world, mm, walks.get(mm.id) ?? null));
}

function treeView(world: World, mm: Mm, walk: WalkView | null): TreeView {
  return {
    mm: mm.id,
    name: mm.name,
    root: hex(mm.pgd),
    asid: mm.asid,
    pasid: processOf(world, mm.id)?.pasid ?? null,
    ...treeAt(world, mm.pgd, (page, pfn) => backing(world, mm, page, pfn)),
    walk,
  };
}

/** Where the content of a page comes from, given what it is mapped to. */
type Backing = (page: number, pfn: number) => string;

/** The tree below a root, level by level. */
export function treeAt(world: World, root: number, backed: Backing): { levels: LevelView[]; leaves: LeafView[] } {
  const levels: LevelView[] = [];
  const leaves: LeafView[] = [];
  let nodes: Node[] = [{ pfn: root, base: 0 }];
  const format = formatOf(world);
  for (let depth = 0; depth < format.levels; depth++) {
    const below: Node[] = [];
    const tables = nodes.map((node) => tableView(world, depth, node, { below, leaves, backed }));
    levels.push({ level: levelAt(format, depth), tables });
    nodes = below;
  }
  return { levels, leaves };
}

/** What a table leads to is added to these. */
interface Found {
  readonly below: Node[];
  readonly leaves: LeafView[];
  readonly backed: Backing;
}

function tableView(world: World, depth: number, node: Node, { below, leaves, backed }: Found): TableView {
  const format = formatOf(world);
  const words = wordsOf(world, node.pfn);
  const entries: EntryView[] = [];
  for (let index = 0; index < ENTRIES; index++) {
    if (words[index * 2] === 0 && words[index * 2 + 1] === 0) continue;
    const page = node.base + index * span(format, depth);
    const seen = format.visit(world, node.pfn, page, depth);
    const key = keys.entry(node.pfn, index);
    entries.push({ key, index, to: seen.next < 0 ? '' : hex(seen.next) });
    if (seen.kind === 'table') below.push({ pfn: seen.next, base: page });
    else if (seen.kind === 'page' || seen.kind === 'block') leaves.push(leafView(format, key, page, seen, backed));
  }
  return { key: `table/${hex(node.pfn)}`, pfn: hex(node.pfn), base: pageAddress(node.base), entries };
}

function leafView(format: PageFormat, from: string, page: number, seen: Visit, backed: Backing): LeafView {
  return {
    key: `frame/${hex(seen.next)}`,
    from,
    page: pageAddress(page),
    pfn: hex(seen.next),
    perms: format.permsOf(seen),
    flags: format.flagsOf(seen).join(' '),
    backing: backed(page, seen.next),
  };
}

/** Where the content of a page comes from. */
function backing(world: World, mm: Mm, page: number, pfn: number): string {
  const frame = frames.find(world, pfn - world.slots.ramFirst);
  if (frame?.use === 'kernel') return 'the zero page';
  if (frame?.use === 'file') return files.find(world, frame.owner)?.name ?? 'a file';
  return vmaLookup(world, mm.id, page)?.name ?? 'anonymous memory';
}

/** The entries that a walk for a page passes, from the root as far as it gets, at most so many. */
export function pathOf(world: World, root: number, page: number, most = Number.POSITIVE_INFINITY): WalkView['path'] {
  const format = formatOf(world);
  const path: { level: number; table: string; index: number }[] = [];
  let table = root;
  for (let depth = 0; depth < Math.min(format.levels, most); depth++) {
    const seen = format.visit(world, table, page, depth);
    path.push({ level: levelAt(format, depth), table: hex(table), index: indexAbove(page, format.levels - 1 - depth) });
    if (seen.kind !== 'table') break;
    table = seen.next;
  }
  return path;
}
