import { assert } from '../lib/assert.ts';
import { decides } from '../policy/policy.ts';
import { mms } from '../process/mm.ts';
import { tasks } from '../process/task.ts';
import { globalLock } from '../sim/lock.ts';
import { writesAs } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** One global spinlock covers processes, contexts, bonds and the PASID space (RFCv2 01/36). */
export const processLock = globalLock('iommu_process_lock', 'spin');

/**
 * What the IOMMU core knows of an address space: one per mm, system-wide, with the one PASID of that mm; where the policy
 * takes a task for a process, one per struct pid, and an mm can have several.
 * constructing: has a PASID, not yet a reference; live; exiting: release is running; dead: PASID given back, not freed yet.
 */
export interface IommuProcess extends Row {
  readonly mm: number;
  /** The struct pid of the task that it was made for. */
  readonly pid: number;
  readonly pasid: number;
  /** Contexts that link it to a domain, plus whoever looks at it right now. */
  readonly kref: number;
  readonly state: 'constructing' | 'live' | 'exiting' | 'dead';
  /** The driver that allocated it and will free it. */
  readonly backend: string;
}

export const processes = table<IommuProcess>(
  'process',
  { mm: 'int', pid: 'int', pasid: 'int', kref: 'int', state: 'text', backend: 'text' },
  (id, r) => ({
    ...{ id, h0: 0, h1: 0, mm: r.mm, pid: r.pid, pasid: r.pasid, kref: r.kref, state: r.state },
    backend: r.backend,
  }),
);

/** The processes of an mm that still hold their PASID; constructing ones count as present. */
export function processesOf(world: World, mm: number): IommuProcess[] {
  return processes.all(world).filter((row) => row.mm === mm && row.state !== 'dead');
}

/** The first process of an mm. */
export function processOf(world: World, mm: number): IommuProcess | undefined {
  return processes.first(world, (row) => row.mm === mm && row.state !== 'dead');
}

/** The process that a task is, with the mm that it has or had; a constructing one counts as present. */
export function processFor(
  world: World,
  task: number,
  mm: number = tasks.get(world, task).mm,
): IommuProcess | undefined {
  const { pid } = tasks.get(world, task);
  const isIt = decides(world, 'identity', 'task')
    ? (row: IommuProcess): boolean => row.pid === pid
    : (row: IommuProcess): boolean => row.mm === mm;
  return processes.first(world, (row) => isIt(row) && row.state !== 'dead');
}

export function processWithPasid(world: World, pasid: number): IommuProcess | undefined {
  return processes.first(world, (row) => row.pasid === pasid && row.state !== 'dead');
}

/** iommu_process_find(): takes a reference, unless the last one is already gone. */
export function findProcess(world: World, pasid: number): IommuProcess | null {
  const process = processWithPasid(world, pasid);
  if (process === undefined || process.kref === 0) return null;
  return getProcess(world, process.id);
}

export function getProcess(world: World, id: number): IommuProcess {
  return processes.edit(world, id, (row) => {
    assert(row.kref > 0, 'a reference is taken from a process that has one');
    row.kref += 1;
  });
}

writesAs('process', (world, id) => {
  const process = processes.find(world, id);
  return process === undefined ? 'a freed process' : mms.get(world, process.mm).name;
});
writesAs('pasid', (_world, pasid) => (pasid < 0 ? 'no PASID' : `PASID ${pasid}`));
