import { atcOf, type Device, devices } from '../devices/device.ts';
import { dmaEngine } from '../devices/dma-engine.ts';
import { devicePort } from '../devices/port.ts';
import { probeAccel } from '../drivers/accel/accel.ts';
import { privateMutex } from '../drivers/accel/private.ts';
import { asidLock } from '../drivers/arm-smmu-v3/asid.ts';
import { DEFAULT_SETUP, type Setup } from '../drivers/arm-smmu-v3/probe.ts';
import { spawnFaultWorkers } from '../faults/worker.ts';
import { settleFormat } from '../hardware/cpus.ts';
import { geometries } from '../hardware/geometry.ts';
import type { PageFormatName } from '../hardware/page-format.ts';
import { type Bus, createLink, links } from '../hardware/pcie/link.ts';
import type { Geometry } from '../hardware/replacement.ts';
import { bondsOfDevice } from '../iommu/context.ts';
import { domains, freeDomainName } from '../iommu/domain.ts';
import { groups, members } from '../iommu/group.ts';
import { attachDev } from '../iommu/ops.ts';
import { pasidCursor } from '../iommu/pasid.ts';
import { processLock } from '../iommu/process.ts';
import { srcuCallback } from '../iommu/put.ts';
import { siliconOf } from '../iommu/silicon.ts';
import type { Errno } from '../lib/errno.ts';
import { DEFAULT_POLICY, decides, type Kernel, settlePolicy } from '../policy/policy.ts';
import { initAsids } from '../process/asid.ts';
import { hasFreeRun, initFrames } from '../process/frame.ts';
import { spawnMmReaper } from '../process/mmput.ts';
import { tasks } from '../process/task.ts';
import { type Actor, actors, post, spawn } from '../sim/actor.ts';
import { createGlobalLocks } from '../sim/lock.ts';
import type { Next } from '../sim/procedure.ts';
import { createWorld } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { type Abilities, type RiscvShape, USUAL_ABILITIES, USUAL_RISCV } from './abilities.ts';
import { addIommu } from './iommus.ts';
import { SCHEMA } from './tables.ts';
import { wire } from './wiring.ts';

/** How a machine is built. */
export interface Hardware extends Setup, Kernel {
  /** Format of the page tables of its CPUs, which says their architecture. */
  readonly paging: PageFormatName;
  /** Pages of physical memory. */
  readonly frames: number;
  /** Bits of the ASIDs of its CPUs: 8 or 16; fewer for a rollover that fits on a screen. */
  readonly asidBits: number;
  /** The ASID of the first process: those below went to programs that ran before. */
  readonly nextAsid: number;
  /** Geometry of the IOTLB of each of its IOMMUs, null for the usual one. */
  readonly iotlb: Geometry | null;
  /** Its IOMMUs, one after the other: SMMUs, or RISC-V IOMMUs where its CPUs are harts. */
  readonly smmus: readonly Abilities[];
  /** What a RISC-V IOMMU can have besides. */
  readonly riscv: RiscvShape;
}

export const DEFAULT_HARDWARE: Hardware = {
  ...DEFAULT_SETUP,
  policy: DEFAULT_POLICY,
  bug: null,
  paging: 'arm64',
  frames: 1024,
  asidBits: 16,
  nextAsid: 16,
  iotlb: null,
  smmus: [USUAL_ABILITIES],
  riscv: USUAL_RISCV,
};

/** First page of physical memory. */
const RAM_FIRST = 0x800;

/** A machine switched on: its IOMMUs with their driver at work, no process and no device. */
export function boot(hardware: Hardware): World {
  wire();
  const world = createWorld(SCHEMA, RAM_FIRST, hardware.frames);
  createGlobalLocks(world, [processLock, asidLock, privateMutex]);
  settlePolicy(world, hardware);
  settleFormat(world, hardware.paging);
  pasidCursor.insert(world, { next: 1 });
  initFrames(world);
  initAsids(world, hardware.asidBits, hardware.nextAsid);
  spawnMmReaper(world);
  spawnFaultWorkers(world, hardware.smmus.length);
  spawn(world, 'SRCU callback', 'iommu', srcuCallback.at.wait({}));
  for (const [index, abilities] of hardware.smmus.entries()) addIommu(world, hardware, index, abilities);
  return world;
}

/** A device to plug in behind an IOMMU, by its StreamID or device_id (on PCI its routing ID); it joins group and domain by name. */
export interface Endpoint
  extends Pick<Device, 'name' | 'pasidBits' | 'ats' | 'pri' | 'stall' | 'credits' | 'stop' | 'atcEntries'> {
  /** Of its ATC, null for the usual one. */
  readonly atc: Geometry | null;
  readonly bus: Bus;
  readonly smmu: number;
  readonly sid: number;
  readonly group: string;
  readonly domain: string | null;
  /** Whether the ioctls of its driver exclude each other. */
  readonly serialised: boolean;
}

/** Why a device cannot be as described: an errno and the rule that it breaks. */
export interface Refusal {
  readonly errno: Errno;
  readonly rule: string;
}

/** Plugs in a device that nothing speaks against; the answer is how the driver attaches it to its domain. */
export function plugIn(world: World, endpoint: Endpoint): Next {
  const { smmu, sid, bus, group: groupName, domain: _domain, serialised, atc, ...capabilities } = endpoint;
  const link = createLink(world, endpoint.name, smmu, sid, bus);
  const device = devices.insert(world, { ...capabilities, link, failed: 0, unexpected: 0 }).id;
  chooseGeometry(world, device, atc);
  const group =
    groups.first(world, (row) => row.name === groupName) ??
    groups.insert(world, { name: groupName, domain: -1, backend: siliconOf(world).backend });
  members.insert(world, { group: group.id, device, leaving: 0, refused: 0 });
  probeAccel(world, device, serialised);
  const domain = group.domain >= 0 ? group.domain : domainFor(world, endpoint);
  groups.edit(world, group.id, (row) => {
    row.domain = domain;
  });
  siliconOf(world).setUp.createOwnTable(world, domain, device);
  start(world, endpoint.name, endpoint.name, dmaEngine.at.idle({ device }));
  start(world, `${endpoint.name} port`, endpoint.name, devicePort.at.wait({ device }));
  return attachDev.begin({ domain, device }, siliconOf(world).backend);
}

/** A device in the place of one that was taken out has its own cache. */
function chooseGeometry(world: World, device: number, atc: Geometry | null): void {
  const { page } = atcOf(world, device);
  const old = geometries.first(world, (row) => row.page === page);
  if (old !== undefined) geometries.remove(world, old.id);
  if (atc !== null) geometries.insert(world, { page, ...atc });
}

/** What moves in a device; where one of that name was taken out, what moved in it moves again. */
function start(world: World, name: string, lane: string, first: Next): void {
  const isStill = (row: Actor): boolean => row.name === name && row.lane === lane && row.frame === null;
  const known = actors.first(
    world,
    (row) => isStill(row) && tasks.first(world, ({ actor }) => actor === row.id) === undefined,
  );
  if (known === undefined) spawn(world, name, lane, first);
  else post(world, known.id, first);
}

function domainFor(world: World, endpoint: Endpoint): number {
  const { domain: name, smmu, pasidBits } = endpoint;
  const known = domains.first(world, (row) => row.name === name);
  if (known !== undefined) return known.id;
  const { createDomain } = siliconOf(world).setUp;
  return createDomain(world, name ?? freeDomainName(world), smmu, pasidBits, stalls(world, endpoint));
}

/** Firmware lets it stall, and its IOMMU can. */
function stalls(world: World, { stall, smmu }: Endpoint): boolean {
  return stall === 1 && siliconOf(world).setUp.canStall(world, smmu);
}

/** Why a device cannot be plugged in as described, null if it can. */
export function whyNotPlugIn(world: World, endpoint: Endpoint): Refusal | null {
  const { name, smmu, bus, sid, pri, ats, stall, pasidBits } = endpoint;
  const { iommus, setUp, backend } = siliconOf(world);
  if (iommus.find(world, smmu) === undefined) return { errno: 'ENODEV', rule: `the machine has no IOMMU ${smmu}` };
  if (stall === 1 && backend === 'riscv')
    return {
      errno: 'EINVAL',
      rule: 'a RISC-V IOMMU stalls nothing: a transaction that faults is over (RISC-V IOMMU 2.3)',
    };
  if (devices.first(world, (row) => row.name === name)) return { errno: 'EEXIST', rule: `a device ${name} exists` };
  if (links.first(world, (row) => row.smmu === smmu && row.sid === sid))
    return { errno: 'EBUSY', rule: 'another device has this address' };
  if (pri === 1 && ats === 0) return { errno: 'EINVAL', rule: 'PRI needs ATS (PCIe 10.4)' };
  if (stall === 1 && bus === 'pci') {
    return { errno: 'EINVAL', rule: 'dma-can-stall is for platform devices: a stalled request can block all of PCI' };
  }
  if (pasidBits > 20) return { errno: 'EINVAL', rule: 'a PASID has at most 20 bits (PCIe 6.20)' };
  if (sid > setUp.lastStream(world, smmu))
    return { errno: 'ERANGE', rule: 'its StreamID lies beyond the stream table' };
  return whyNotJoin(world, endpoint);
}

/** Why a device cannot join its group and domain, null if it can. */
function whyNotJoin(world: World, endpoint: Endpoint): Refusal | null {
  const group = groups.first(world, (row) => row.name === endpoint.group);
  if (group !== undefined && group.domain < 0) {
    return { errno: 'EINVAL', rule: `group ${endpoint.group} was detached from its domain` };
  }
  const domain = group && domains.find(world, group.domain);
  if (domain !== undefined && endpoint.domain !== null && endpoint.domain !== domain.name) {
    return { errno: 'EINVAL', rule: `group ${endpoint.group} is attached to domain ${domain.name} as a whole` };
  }
  if (group !== undefined && endpoint.pasidBits > 0 && missesEntries(world, group.id)) {
    return { errno: 'EBUSY', rule: `group ${endpoint.group} has PASIDs bound, which its new device would not reach` };
  }
  const known = domain ?? domains.first(world, (row) => row.name === endpoint.domain);
  const silicon = siliconOf(world);
  if (known !== undefined && silicon.iommuOfDomain(world, known.id) !== endpoint.smmu) {
    return { errno: 'ENXIO', rule: `domain ${known.name} belongs to another IOMMU` };
  }
  if (known !== undefined && stalls(world, endpoint) !== silicon.isStalling(world, known.id)) {
    return { errno: 'EINVAL', rule: `CD.S is for all of domain ${known.name}: its devices stall all, or none` };
  }
  const tables = tablePages(world, endpoint, known !== undefined) + silicon.setUp.devicePages;
  return hasFreeRun(world, tables) ? null : { errno: 'ENOMEM', rule: 'no memory is left for its tables' };
}

/** Where each device has a PASID table of its own, nobody fills that of a device which joins a group late. */
function missesEntries(world: World, group: number): boolean {
  if (decides(world, 'pasid-table', 'domain')) return false;
  return members.all(world).some((row) => row.group === group && bondsOfDevice(world, row.device).length > 0);
}

/** Pages that the tables of its PASIDs take: of a new domain, and one of its own where the design gives it one. */
function tablePages(world: World, { smmu, pasidBits }: Endpoint, isKnown: boolean): number {
  const owned = decides(world, 'pasid-table', 'device');
  return isKnown && !owned ? 0 : siliconOf(world).setUp.domainPages(world, smmu, pasidBits);
}
