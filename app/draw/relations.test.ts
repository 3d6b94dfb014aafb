import { expect, test } from 'vitest';
import type { MachineView, Moment } from '../engine/contract.ts';
import { firstTouch } from '../testing/first-touch.data.ts';
import { lastHop, nextHop } from './relations.ts';

const last = firstTouch().moments.at(-1) as Moment;
const { view } = last;

/** The way from a thing on, as far as it goes. */
function way(from: string, machine: MachineView = view): string[] {
  const hops = [from];
  for (let next = nextHop(machine, from); next !== null && !hops.includes(next); next = nextHop(machine, next)) {
    hops.push(next);
  }
  return hops;
}

test('work of a device leads over its PASID and four levels of tables to a frame', () => {
  const job = view.groups[0]?.devices[0]?.jobs[0]?.key ?? '';
  const hops = way(job);
  const row = view.iommus[0]?.pasidTables[0]?.rows.find(({ mm }) => mm === 0)?.key;

  expect(hops[1]).toBe(row);
  expect(hops.slice(2)).toHaveLength(4 * 2 + 1);
  expect(view.trees[0]?.leaves.map(({ key }) => key)).toContain(hops.at(-1));
});

test('a process leads to the same first table as its PASID does', () => {
  const row = view.iommus[0]?.pasidTables[0]?.rows.find(({ mm }) => mm === 0)?.key ?? '';

  expect(nextHop(view, view.processes[0]?.key ?? '')).toBe(nextHop(view, row));
});

test('a page with a frame leads to its descriptor, one without to the top of the tree', () => {
  const cells = view.processes[0]?.vmas.flatMap(({ cells: all }) => all) ?? [];
  const [full, hollow] = [cells.find(({ resident }) => resident > 0), cells.find(({ resident }) => resident === 0)];

  expect(view.trees[0]?.leaves.map(({ from }) => from)).toContain(nextHop(view, full?.key ?? ''));
  expect(nextHop(view, hollow?.key ?? '')).toBe(view.trees[0]?.levels[0]?.tables[0]?.key);
});

test('the way back is the first thing that leads here', () => {
  const process = view.processes[0]?.key ?? '';
  const root = nextHop(view, process) ?? '';

  expect(lastHop(view, root, ['nothing', process])).toBe(process);
  expect(lastHop(view, process, [root])).toBeNull();
});

test('a thing that nobody knows leads nowhere', () => {
  expect(nextHop(view, 'ghost/7')).toBeNull();
});
