/** An arm64 machine with an SMMU: the kernel binds the processes, as a script would have it. */
import { atcOf, devices } from '../devices/device.ts';
import type { Geometry } from '../hardware/replacement.ts';
import { bulkSmmu } from '../hardware/smmuv3/bulk.ts';
import { processOf } from '../iommu/process.ts';
import { assert, present } from '../lib/assert.ts';
import { machineOf, startPlay } from '../play/play.ts';
import { playCommand } from '../play/script.ts';
import { mms } from '../process/mm.ts';
import { ensureTables, pteFor, setPte } from '../process/page-table.ts';
import { tasks } from '../process/task.ts';
import { parseScript } from '../script/index.ts';
import { branch, type World } from '../world/world.ts';
import { FIRST_PAGE, type Lab, type StreamPlan } from './plan.ts';

/** Pages that lead to physical pages from here on; no data is read there, so that no memory has to be. */
const FIRST_OUTPUT = 2 ** 20;
const RIGHTS = { read: 1, write: 1, exec: 0 };

export function smmuLab(plan: StreamPlan): Lab {
  const play = startPlay({ watched: false });
  for (const command of parseScript(scriptOf(plan)).commands) {
    const { state, output } = playCommand(play, command);
    assert(state === 'done', `a machine to stream on is built: ${output.join()}`);
  }
  const world = branch(machineOf(play).world);
  const mapped = Array.from({ length: plan.pasids }, (_none, index) => mapAll(world, `app${index}`, plan.pages));
  const device = present(
    devices.first(world, () => true),
    'the machine has a device',
  );
  const access = { write: plan.write, isAsking: plan.atc !== null };
  return {
    world,
    pasids: mapped,
    atc: plan.atc === null ? null : atcOf(world, device.id),
    open: () => bulkSmmu(world, 0, device.link, mapped, access),
  };
}

function scriptOf({ pages, pasids, atc, iotlb, httu }: StreamPlan): string {
  const frames = 1024 + pasids * (Math.ceil(pages / 512) + 16);
  const device = atc === null ? 'dev0 platform stall pasid 8' : `dev0 pci 00:01.0 ats pri pasid 8 atc ${cache(atc)}`;
  const apps = Array.from({ length: pasids }, (_none, index) => `process app${index}\nbind app${index} dev0\n`);
  return `machine smmuv3 frames ${frames} iotlb ${cache(iotlb)} httu ${httu ?? 'off'}\ndevice ${device}\n${apps.join('')}`;
}

function cache({ sets, ways, replacement, seed }: Geometry): string {
  return `${sets}x${ways} ${replacement}${replacement === 'random' ? ` ${seed}` : ''}`;
}

/** Maps the working set of a process, and gives its PASID. */
function mapAll(world: World, name: string, pages: number): number {
  const task = present(
    tasks.first(world, (row) => row.name === name),
    'the process runs',
  );
  const { pgd } = mms.get(world, task.mm);
  for (let page = 0; page < pages; page++) {
    const made = ensureTables(world, pgd, FIRST_PAGE + page, task.mm);
    assert(made.ok, 'there is memory for the page tables');
    setPte(world, pgd, FIRST_PAGE + page, pteFor(world, FIRST_OUTPUT + page, RIGHTS, true));
  }
  return present(processOf(world, task.mm), 'the process is bound').pasid;
}
