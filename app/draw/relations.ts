import type { MachineView, TreeView } from '../engine/contract.ts';
import { devicesOf } from './focus.ts';

type Hop = string | null;

/**
 * The thing that a thing leads to on the way from whoever uses memory to the page frame: from work and requests over
 * PASID table and page tables, from a process and its pages straight to these. Null where the way ends.
 */
export function nextHop(view: MachineView, key: string): Hop {
  for (const follow of [fromProcess, fromDevice, fromIommu, fromTree, fromKernel]) {
    const next = follow(view, key);
    if (next !== undefined) return next;
  }
  return null;
}

/** The first of these things that leads to `key`. */
export function lastHop(view: MachineView, key: string, keys: readonly string[]): Hop {
  return keys.find((one) => one !== key && nextHop(view, one) === key) ?? null;
}

/** The strip of level 0 of an address space. */
function rootOf({ trees }: MachineView, mm: number | null): Hop {
  return trees.find((tree) => tree.mm === mm)?.levels[0]?.tables[0]?.key ?? null;
}

/** The row of a PASID table by which a device, or any, reaches an address space. */
function pasidRowOf({ iommus }: MachineView, mm: number | null, domain?: string | null): Hop {
  const tables = iommus.flatMap(({ pasidTables }) => pasidTables);
  const own = tables.filter((table) => table.domain === domain);
  const rows = [...own, ...tables].flatMap((table) => table.rows);
  return mm === null ? null : (rows.find((row) => row.valid && row.mm === mm)?.key ?? null);
}

function fromProcess(view: MachineView, key: string): Hop | undefined {
  for (const { key: process, mm, vmas } of view.processes) {
    if (process === key) return rootOf(view, mm);
    for (const { key: area, cells } of vmas) {
      if (area === key) return cells[0]?.key ?? null;
      const cell = cells.find((one) => one.key === key);
      if (cell !== undefined) return leafAt(view, mm, cell.page) ?? rootOf(view, mm);
    }
  }
  return undefined;
}

/** The descriptor that maps a page of an address space. */
function leafAt({ trees }: MachineView, mm: number | null, page: string): Hop {
  const tree = trees.find((one) => one.mm === mm);
  return tree?.leaves.find((leaf) => Number(leaf.page) === Number(page))?.from ?? null;
}

function fromDevice(view: MachineView, key: string): Hop | undefined {
  for (const { key: group, domain, devices } of view.groups) {
    if (group === key) return devices[0]?.key ?? null;
    for (const { key: device, name, bonds, jobs, requests, atc } of devices) {
      if (device === key) return streamOf(view, name);
      const use = [...bonds, ...jobs, ...requests].find((one) => one.key === key);
      if (use !== undefined) return pasidRowOf(view, use.mm, domain) ?? streamOf(view, name);
      const entry = atc?.entries.find((one) => one.key === key);
      if (entry !== undefined) return leafAt(view, entry.mm, entry.page);
    }
  }
  return undefined;
}

function streamOf({ iommus }: MachineView, device: string): Hop {
  return iommus.flatMap(({ streams }) => streams).find((stream) => stream.device === device)?.key ?? null;
}

function fromIommu(view: MachineView, key: string): Hop | undefined {
  for (const { key: iommu, streams, pasidTables, iotlb, queues, stalls } of view.iommus) {
    if (iommu === key) return streams[0]?.key ?? null;
    const stream = streams.find((one) => one.key === key);
    if (stream !== undefined) return tableOf(view, stream.device);
    for (const table of pasidTables) {
      if (table.key === key) return table.rows.find(({ valid }) => valid)?.key ?? null;
      const row = table.rows.find((one) => one.key === key);
      if (row !== undefined) return row.valid ? (rootOf(view, row.mm) ?? dmaRootOf(view, row.dmaTree)) : null;
    }
    const entry = iotlb.entries.find((one) => one.key === key);
    if (entry !== undefined) return leafAt(view, entry.mm, entry.page);
    const stall = stalls.held.find((one) => one.key === key);
    if (stall !== undefined) return jobOf(view, stall.device);
    const slot = queues.flatMap((queue) => queue.slots).find((one) => one.key === key);
    if (slot !== undefined) return slot.live ? pasidRowOf(view, slot.mm) : null;
  }
  return undefined;
}

/** The PASID table of the domain in which a device is. */
function tableOf({ groups, iommus }: MachineView, device: string): Hop {
  const group = groups.find(({ devices }) => devices.some(({ name }) => name === device));
  return iommus.flatMap(({ pasidTables }) => pasidTables).find(({ domain }) => domain === group?.domain)?.key ?? null;
}

function dmaRootOf({ dmaTrees }: MachineView, key: string | null): Hop {
  return dmaTrees.find((tree) => tree.key === key)?.levels[0]?.tables[0]?.key ?? null;
}

function jobOf(view: MachineView, device: string): Hop {
  const jobs = devicesOf(view).find(({ name }) => name === device)?.jobs ?? [];
  return jobs.find(({ state }) => state === 'running' || state === 'waiting')?.key ?? null;
}

type Tables = Pick<TreeView, 'levels' | 'leaves' | 'walk'>;

/** Down a tree: a table leads to the entry of the walk or else its first, an entry to the next table, the last to the frame. */
function fromTree({ trees, dmaTrees }: MachineView, key: string): Hop | undefined {
  for (const tree of [...trees, ...dmaTrees] as readonly Tables[]) {
    const { levels, leaves, walk } = tree;
    for (const [level, { tables }] of levels.entries()) {
      for (const { key: table, pfn, entries } of tables) {
        const walked = walk?.path.find((hop) => hop.table === table || hop.table === pfn)?.index;
        if (table === key) return (entries.find(({ index }) => index === walked) ?? entries[0])?.key ?? null;
        const entry = entries.find((one) => one.key === key);
        if (entry === undefined) continue;
        const below = levels[level + 1]?.tables.find((one) => one.pfn === entry.to);
        return below?.key ?? leaves.find(({ from }) => from === key)?.key ?? null;
      }
    }
  }
  return undefined;
}

function fromKernel(view: MachineView, key: string): Hop | undefined {
  const { faults, containers } = view.kernel;
  const known = [...faults, ...containers].find((one) => one.key === key);
  return known === undefined ? undefined : (view.processes.find(({ mm }) => mm === known.mm)?.key ?? null);
}
