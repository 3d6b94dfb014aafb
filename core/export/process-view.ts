import { requestGroups, sentRequests } from '../devices/page-request.ts';
import { processOf } from '../iommu/process.ts';
import { pageAddress } from '../lib/format.ts';
import { regionName } from '../play/resolve.ts';
import { mms } from '../process/mm.ts';
import { isPresent, readPte } from '../process/page-table.ts';
import { type Task, tasks } from '../process/task.ts';
import { type Vma, vmasOf } from '../process/vma.ts';
import type { World } from '../world/world.ts';
import { actorView } from './actor-view.ts';
import { isSwapEntry, vmaFlags } from './memory-view.ts';
import type { CellView, ProcessView, VmaView, WalkView } from './view.ts';

/** Cells that an area is drawn with at most: beyond, one stands for several pages. */
const CELLS = 32;

/** The processes, one per main thread; further threads are listed in it. */
export function processViews(world: World, walks: ReadonlyMap<number, WalkView>): ProcessView[] {
  return mainThreads(world).map((task) => processView(world, task, walks.get(task.mm) ?? null));
}

function mainThreads(world: World): Task[] {
  const all = tasks.all(world).filter((row) => row.state !== 'new');
  return all.filter((row) => row.mm < 0 || all.find((other) => other.mm === row.mm)?.id === row.id);
}

function processView(world: World, task: Task, walk: WalkView | null): ProcessView {
  const mm = task.mm < 0 ? undefined : mms.find(world, task.mm);
  const threads = tasks.all(world).filter((row) => row.id === task.id || (task.mm >= 0 && row.mm === task.mm));
  return {
    key: `task/${task.id}`,
    name: task.name,
    pid: task.pid,
    mm: mm === undefined ? null : mm.id,
    pasid: (mm && processOf(world, mm.id)?.pasid) ?? null,
    state: task.state === 'running' ? 'live' : task.state === 'dead' ? 'dead' : 'exiting',
    threads: threads.map((row) => actorView(world, row.actor)),
    vmas: mm === undefined ? [] : vmasOf(world, mm.id).map((vma) => vmaView(world, mm.pgd, vma, walk)),
  };
}

function vmaView(world: World, pgd: number, vma: Vma, walk: WalkView | null): VmaView {
  const bit = (on: number, letter: string): string => (on === 1 ? letter : '-');
  return {
    key: `vma/${vma.id}`,
    name: regionName(vma.name),
    perms: bit(vma.read, 'r') + bit(vma.write, 'w') + bit(vma.exec, 'x'),
    start: pageAddress(vma.start),
    end: pageAddress(vma.end),
    pages: vma.end - vma.start,
    backing: vma.kind,
    flags: vmaFlags(vma),
    cells: cellsOf(world, pgd, vma, askedPages(world, vma.mm, walk)),
  };
}

function cellsOf(world: World, pgd: number, vma: Vma, asked: ReadonlySet<number>): CellView[] {
  const pages = vma.end - vma.start;
  const each = Math.ceil(pages / CELLS);
  const cells: CellView[] = [];
  for (let first = vma.start; first < vma.end; first += each) {
    const count = Math.min(each, vma.end - first);
    let resident = 0;
    let swapped = 0;
    let isAsked = false;
    for (let page = first; page < first + count; page++) {
      const pte = readPte(world, pgd, page);
      if (isPresent(pte)) resident++;
      else if (asked.has(page)) isAsked = true;
      if (isSwapEntry(pte)) swapped++;
    }
    const place = { key: cellKey(vma.mm, first), page: pageAddress(first), pages: count };
    cells.push({ ...place, resident, swapped, asked: isAsked });
  }
  return cells;
}

export function cellKey(mm: number, page: number): string {
  return `page/${mm}/${page.toString(16)}`;
}

/** Pages that a walk of this moment did not find, or that a page request is out for. */
function askedPages(world: World, mm: number, walk: WalkView | null): Set<number> {
  const asked = new Set<number>();
  if (walk?.end === 'missing') asked.add(Math.floor(Number(walk.page) / 4096));
  const pasid = processOf(world, mm)?.pasid;
  for (const { group, page } of sentRequests.all(world)) {
    if (requestGroups.get(world, group).pasid === pasid) asked.add(page);
  }
  return asked;
}
