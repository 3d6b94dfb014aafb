/** The IOMMUs of a machine as it is switched on: their places, and the threads of their driver. */
import { syncTimer } from '../drivers/arm-smmu-v3/command-queue.ts';
import { errorHandler as smmuErrors } from '../drivers/arm-smmu-v3/error-handler.ts';
import { eventThread } from '../drivers/arm-smmu-v3/event-thread.ts';
import { priThread } from '../drivers/arm-smmu-v3/pri-thread.ts';
import { probeSmmu, type Setup } from '../drivers/arm-smmu-v3/probe.ts';
import { fenceTimer } from '../drivers/riscv-iommu/command-queue.ts';
import { errorHandler } from '../drivers/riscv-iommu/error-handler.ts';
import { faultThread } from '../drivers/riscv-iommu/fault-thread.ts';
import { pageThread } from '../drivers/riscv-iommu/page-thread.ts';
import { probeIommu } from '../drivers/riscv-iommu/probe.ts';
import { architectureOf } from '../hardware/cpus.ts';
import { geometries } from '../hardware/geometry.ts';
import type { Geometry } from '../hardware/replacement.ts';
import { atsTimer as iommuTimer } from '../hardware/riscv-iommu/ats-timer.ts';
import { spawnRiscvIommu } from '../hardware/riscv-iommu/reset.ts';
import { atsTimer as smmuTimer } from '../hardware/smmuv3/ats-timer.ts';
import { spawnSmmu } from '../hardware/smmuv3/reset.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { actors, spawn } from '../sim/actor.ts';
import type { Next } from '../sim/procedure.ts';
import { SRAM_FIRST } from '../world/page-frame.ts';
import type { World } from '../world/world.ts';
import { type Abilities, capabilitiesOf, featuresOf, type RiscvShape } from './abilities.ts';

/** What of the machine says how its IOMMUs are. */
interface IommuSetup extends Setup {
  readonly smmus: readonly Abilities[];
  readonly riscv: RiscvShape;
  /** Geometry of the IOTLB of each, null for the usual one. */
  readonly iotlb: Geometry | null;
}

/** Page of the registers of the first IOMMU (as on Arm's reference platforms), behind all memory. */
const PAGE = 0x2b400;
/** From the registers of one to those of the next: both register pages of an SMMU have 64 KiB. */
const STRIDE = 0x20;
/** Storage inside the first, apart from that of the CPU (the first pages) and of the devices. */
const SRAM = SRAM_FIRST + 0x100;
const SRAM_STRIDE = 0x10;

/** One more IOMMU, probed by its driver, whose threads begin to wait for it. */
export function addIommu(world: World, setup: IommuSetup, index: number, abilities: Abilities): void {
  const architecture = architectureOf(world);
  const page = PAGE + index * STRIDE;
  const sram = SRAM + index * SRAM_STRIDE;
  const name = `${architecture === 'arm64' ? 'smmu' : 'iommu'}${index}`;
  const of = setup.smmus.length > 1 ? ` of ${name}` : '';
  const threads = architecture === 'arm64' ? addSmmu : addRiscv;
  for (const [thread, first] of threads(world, setup, { name, page, sram }, abilities))
    spawn(world, `${thread}${of}`, 'smmu-driver', first);
}

/** Lets the time-outs of a machine come: from now on each IOMMU has a clock for its devices, and its driver one for it. */
export function startTimers(world: World): void {
  const { iommus } = siliconOf(world);
  for (const { id, name } of iommus.all(world)) {
    const [poll, ofDevices, ofDriver] =
      architectureOf(world) === 'arm64'
        ? (['CMD_SYNC', smmuTimer.at.wait({ smmu: id }), syncTimer.at.wait({ smmu: id })] as const)
        : (['IOFENCE.C', iommuTimer.at.wait({ iommu: id }), fenceTimer.at.wait({ iommu: id })] as const);
    if (actors.first(world, (row) => row.name === `${name} ATS timer`) !== undefined) continue;
    spawn(world, `${name} ATS timer`, name, ofDevices);
    spawn(world, `${name} ${poll} timer`, 'smmu-driver', ofDriver);
  }
}

interface Site {
  readonly name: string;
  readonly page: number;
  readonly sram: number;
}
type Threads = readonly (readonly [string, Next])[];

function chooseGeometry(world: World, iommu: number, geometry: Geometry | null): void {
  if (geometry !== null) geometries.insert(world, { page: siliconOf(world).iotlb(world, iommu).page, ...geometry });
}

function addSmmu(world: World, setup: IommuSetup, site: Site, abilities: Abilities): Threads {
  const smmu = spawnSmmu(world, { ...site, features: featuresOf(abilities) });
  chooseGeometry(world, smmu, setup.iotlb);
  probeSmmu(world, smmu, setup);
  return [
    ['PRI interrupt thread', priThread.at.wait({ smmu })],
    ['event interrupt thread', eventThread.at.wait({ smmu })],
    ['global error handler', smmuErrors.at.wait({ smmu })],
  ];
}

function addRiscv(world: World, setup: IommuSetup, site: Site, abilities: Abilities): Threads {
  const { directoryLevels, extended } = setup.riscv;
  const iommu = spawnRiscvIommu(world, { ...site, capabilities: capabilitiesOf(abilities, extended) });
  chooseGeometry(world, iommu, setup.iotlb);
  probeIommu(world, iommu, { ...setup, directoryLevels });
  return [
    ['PRI interrupt thread', pageThread.at.wait({ iommu })],
    ['fault interrupt thread', faultThread.at.wait({ iommu })],
    ['command error handler', errorHandler.at.wait({ iommu })],
  ];
}
