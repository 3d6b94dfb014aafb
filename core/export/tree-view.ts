import { levelIndex, visit } from '../hardware/arm64/walk.ts';
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

const LEVELS = 4;
const ENTRIES = 512;
const OUTPUT_BITS = 48;

interface Node {
  readonly pfn: number;
  /** First page that the table is about. */
  readonly base: number;
}

/** Pages that one entry of a table at this level covers. */
const span = (level: number): number => 2 ** (9 * (LEVELS - 1 - level));

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
  for (let level = 0; level < LEVELS; level++) {
    const below: Node[] = [];
    levels.push({ level, tables: nodes.map((node) => tableView(world, level, node, { below, leaves, backed })) });
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

function tableView(world: World, level: number, node: Node, { below, leaves, backed }: Found): TableView {
  const words = wordsOf(world, node.pfn);
  const entries: EntryView[] = [];
  for (let index = 0; index < ENTRIES; index++) {
    if (words[index * 2] === 0 && words[index * 2 + 1] === 0) continue;
    const page = node.base + index * span(level);
    const seen = visit(world, node.pfn, page, level, OUTPUT_BITS);
    const key = keys.entry(node.pfn, index);
    entries.push({ key, index, to: seen.next < 0 ? '' : hex(seen.next) });
    if (seen.kind === 'table') below.push({ pfn: seen.next, base: page });
    else if (seen.kind === 'page' || seen.kind === 'block') leaves.push(leafView(key, page, seen, backed));
  }
  return { key: `table/${hex(node.pfn)}`, pfn: hex(node.pfn), base: pageAddress(node.base), entries };
}

const READ_ONLY = 1 << 7;
const USER = 1 << 6;
const ACCESSED = 1 << 10;
const NOT_GLOBAL = 1 << 11;
/** In the high word. */
const DBM = 1 << 19;
const UXN = 1 << 22;

/** It may be written, and was not since it was last cleaned. */
const isClean = (lo: number, hi: number): boolean => (lo & READ_ONLY) !== 0 && (hi & DBM) !== 0;

function leafView(
  from: string,
  page: number,
  seen: { lo: number; hi: number; next: number },
  backed: Backing,
): LeafView {
  const { lo, hi, next } = seen;
  const user = (lo & USER) !== 0;
  const perms = `${user ? 'r' : '-'}${user && (lo & READ_ONLY) === 0 ? 'w' : '-'}${(hi & UXN) === 0 ? 'x' : '-'}`;
  const marks = [
    (lo & ACCESSED) !== 0 ? 'AF' : '',
    (lo & NOT_GLOBAL) !== 0 ? 'nG' : '',
    isClean(lo, hi) ? 'clean' : '',
  ];
  const flags = marks.filter(Boolean).join(' ');
  return {
    key: `frame/${hex(next)}`,
    from,
    page: pageAddress(page),
    pfn: hex(next),
    perms,
    flags,
    backing: backed(page, next),
  };
}

/** Where the content of a page comes from. */
function backing(world: World, mm: Mm, page: number, pfn: number): string {
  const frame = frames.find(world, pfn - world.slots.ramFirst);
  if (frame?.use === 'kernel') return 'the zero page';
  if (frame?.use === 'file') return files.find(world, frame.owner)?.name ?? 'a file';
  return vmaLookup(world, mm.id, page)?.name ?? 'anonymous memory';
}

/** The entries that a walk for a page passes, from the root as far as it gets. */
export function pathOf(world: World, root: number, page: number, levels = LEVELS): WalkView['path'] {
  const path: { level: number; table: string; index: number }[] = [];
  let table = root;
  for (let level = 0; level < levels; level++) {
    const seen = visit(world, table, page, level, OUTPUT_BITS);
    path.push({ level, table: hex(table), index: levelIndex(page, level) });
    if (seen.kind !== 'table') break;
    table = seen.next;
  }
  return path;
}
