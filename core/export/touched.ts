import { pageAddress } from '../lib/format.ts';
import { at, type Machine } from '../machine/machine.ts';
import { LEDGER_FIRST } from '../world/page-frame.ts';
import { rowOfKey, wordOfKey } from '../world/world.ts';
import { keyOfWord } from './places.ts';
import { cellKey } from './process-view.ts';
import type { MachineView } from './view.ts';

/** Keys of everything that the last event wrote: rows by table and id, records in memory by their own keys. */
export function touchedBy(machine: Machine, view: MachineView): string[] {
  const { journal, schema, slots } = machine.world;
  const step = at(machine) - 1;
  const touched = new Set<string>();
  if (journal === null || step < 0) return [];
  for (let i = journal.rowStart.at(step); i < journal.rowEnd(step); i++) {
    const { table, id } = rowOfKey(journal.rowKey.at(i));
    touched.add(`${schema.tables[table]?.name ?? ''}/${id}`);
  }
  for (let i = journal.wordStart.at(step); i < journal.wordEnd(step); i++) {
    const { slot, index } = wordOfKey(journal.wordKey.at(i));
    const page = slots.pageOf(slot);
    if (page >= LEDGER_FIRST) continue;
    const key = keyOfWord(machine.world, page, index * 4);
    if (key !== null) touched.add(key);
  }
  for (const key of cellsOf(view, touched)) touched.add(key);
  return [...touched].sort((a, b) => rankOf(a) - rankOf(b));
}

/** What a person wants to see first: records of the hardware, then what the kernel keeps, the bookkeeping last. */
const RANKS = [
  ...[
    'priq',
    'evtq',
    'cmdq',
    'cd',
    'ste',
    'pte',
    'atc',
    'iotlb',
    'stall',
    'job',
    'request-group',
    'bond',
    'context',
    'process',
  ],
  ...['iopf', 'fault', 'pasid-use', 'vma', 'mm', 'lock', 'message', 'page', 'frame', 'reg', 'smmu', 'unit', 'irq'],
];

function rankOf(key: string): number {
  const rank = RANKS.indexOf(key.slice(0, key.indexOf('/')));
  return rank < 0 ? RANKS.length : rank;
}

/** Residency cells whose descriptor was written. */
function cellsOf(view: MachineView, touched: ReadonlySet<string>): string[] {
  const pages = new Map<number, Set<string>>();
  for (const tree of view.trees) {
    const changed = tree.leaves.filter((leaf) => touched.has(leaf.from)).map((leaf) => leaf.page);
    const gone = tree.levels[3]?.tables.flatMap((table) => goneFrom(table, touched)) ?? [];
    pages.set(tree.mm, new Set([...changed, ...gone]));
  }
  const found: string[] = [];
  for (const { mm, vmas } of view.processes) {
    for (const cell of vmas.flatMap((vma) => vma.cells)) {
      const first = Math.floor(Number(cell.page) / 4096);
      for (let page = first; page < first + cell.pages; page++) {
        if (mm !== null && pages.get(mm)?.has(pageAddress(page))) found.push(cellKey(mm, first));
      }
    }
  }
  return found;
}

/** Addresses whose descriptor in this table was cleared: it is touched, but no entry any more. */
function goneFrom(
  table: MachineView['trees'][number]['levels'][number]['tables'][number],
  touched: ReadonlySet<string>,
): string[] {
  const prefix = `pte/${table.pfn}/`;
  const indices = [...touched].filter((key) => key.startsWith(prefix)).map((key) => Number(key.slice(prefix.length)));
  const base = Math.floor(Number(table.base) / 4096);
  return indices.map((index) => pageAddress(base + index));
}
