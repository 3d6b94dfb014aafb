import { atcOf, type Device, devices } from '../devices/device.ts';
import { dmaEngine } from '../devices/dma-engine.ts';
import { devicePort } from '../devices/port.ts';
import { probeAccel } from '../drivers/accel/accel.ts';
import { privateMutex } from '../drivers/accel/private.ts';
import { asidLock } from '../drivers/arm-smmu-v3/asid.ts';
import { attachStream, createDomain, createOwnTable, domainPages } from '../drivers/arm-smmu-v3/attach.ts';
import { smmuDomainOf } from '../drivers/arm-smmu-v3/domain.ts';
import { errorHandler } from '../drivers/arm-smmu-v3/error-handler.ts';
import { eventThread } from '../drivers/arm-smmu-v3/event-thread.ts';
import { priThread } from '../drivers/arm-smmu-v3/pri-thread.ts';
import { DEFAULT_SETUP, hasStream, probeSmmu, type Setup, STREAM_LEAF_PAGES } from '../drivers/arm-smmu-v3/probe.ts';
import { canStall } from '../drivers/arm-smmu-v3/unit.ts';
import { spawnFaultWorkers } from '../faults/worker.ts';
import { settleFormat } from '../hardware/cpus.ts';
import { geometries } from '../hardware/geometry.ts';
import type { PageFormatName } from '../hardware/page-format.ts';
import { type Bus, createLink, links } from '../hardware/pcie/link.ts';
import type { Geometry } from '../hardware/replacement.ts';
import { spawnSmmu } from '../hardware/smmuv3/reset.ts';
import { iotlb, smmus } from '../hardware/smmuv3/smmu.ts';
import { bondsOfDevice } from '../iommu/context.ts';
import { domains, freeDomainName } from '../iommu/domain.ts';
import { groups, members } from '../iommu/group.ts';
import { pasidCursor } from '../iommu/pasid.ts';
import { processLock } from '../iommu/process.ts';
import { srcuCallback } from '../iommu/put.ts';
import type { Errno } from '../lib/errno.ts';
import { DEFAULT_POLICY, decides, type Kernel, settlePolicy } from '../policy/policy.ts';
import { initAsids } from '../process/asid.ts';
import { hasFreeRun, initFrames } from '../process/frame.ts';
import { spawnMmReaper } from '../process/mmput.ts';
import { tasks } from '../process/task.ts';
import { type Actor, actors, post, spawn } from '../sim/actor.ts';
import { createGlobalLocks } from '../sim/lock.ts';
import type { Next } from '../sim/procedure.ts';
import { SRAM_FIRST } from '../world/page-frame.ts';
import { createWorld } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { type Abilities, featuresOf, USUAL_ABILITIES } from './abilities.ts';
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
  /** Its SMMUs, one after the other. */
  readonly smmus: readonly Abilities[];
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
};

/** First page of physical memory, and of the registers of the first SMMU (as on Arm's reference platforms). */
const RAM_FIRST = 0x800;
const SMMU_PAGE = 0x2b400;
/** From the registers of one SMMU to those of the next: both register pages of 64 KiB. */
const SMMU_STRIDE = 0x20;
/** Storage inside the first SMMU, apart from that of the CPU (the first pages) and of the devices. */
const SMMU_SRAM = SRAM_FIRST + 0x100;
const SMMU_SRAM_STRIDE = 0x10;

/** A machine switched on: its SMMUs with their driver at work, no process and no device. */
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
  for (const [index, abilities] of hardware.smmus.entries()) {
    const of = hardware.smmus.length > 1 ? ` of smmu${index}` : '';
    addSmmu(world, hardware, index, abilities, of);
  }
  return world;
}

/** One more SMMU, probed by the driver; `of` tells its threads from those of others. */
function addSmmu(world: World, setup: Hardware, index: number, abilities: Abilities, of: string): void {
  const smmu = spawnSmmu(world, {
    name: `smmu${index}`,
    page: SMMU_PAGE + index * SMMU_STRIDE,
    sram: SMMU_SRAM + index * SMMU_SRAM_STRIDE,
    features: featuresOf(abilities),
  });
  if (setup.iotlb !== null) geometries.insert(world, { page: iotlb(world, smmu).page, ...setup.iotlb });
  probeSmmu(world, smmu, setup);
  spawn(world, `PRI interrupt thread${of}`, 'smmu-driver', priThread.at.wait({ smmu }));
  spawn(world, `event interrupt thread${of}`, 'smmu-driver', eventThread.at.wait({ smmu }));
  spawn(world, `global error handler${of}`, 'smmu-driver', errorHandler.at.wait({ smmu }));
}

/** A device to plug in behind an SMMU, by its StreamID (on PCI its routing ID); it joins group and domain by name. */
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
    groups.insert(world, { name: groupName, domain: -1, backend: 'smmuv3' });
  members.insert(world, { group: group.id, device, leaving: 0, refused: 0 });
  probeAccel(world, device, serialised);
  const domain = group.domain >= 0 ? group.domain : domainFor(world, endpoint);
  groups.edit(world, group.id, (row) => {
    row.domain = domain;
  });
  createOwnTable(world, domain, device);
  start(world, endpoint.name, endpoint.name, dmaEngine.at.idle({ device }));
  start(world, `${endpoint.name} port`, endpoint.name, devicePort.at.wait({ device }));
  return attachStream.at.body({ domain, device });
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
  return createDomain(world, name ?? freeDomainName(world), smmu, pasidBits, stalls(world, endpoint));
}

/** Firmware lets it stall, and its SMMU can. */
function stalls(world: World, { stall, smmu }: Endpoint): boolean {
  return stall === 1 && canStall(world, smmu);
}

/** Why a device cannot be plugged in as described, null if it can. */
export function whyNotPlugIn(world: World, endpoint: Endpoint): Refusal | null {
  const { name, smmu, bus, sid, pri, ats, stall, pasidBits } = endpoint;
  if (smmus.all(world).length === 0) {
    return { errno: 'ENODEV', rule: 'the machine has CPUs only: no IOMMU stands between a device and its memory' };
  }
  if (smmus.find(world, smmu) === undefined) return { errno: 'ENODEV', rule: `the machine has no SMMU ${smmu}` };
  if (devices.first(world, (row) => row.name === name)) return { errno: 'EEXIST', rule: `a device ${name} exists` };
  if (links.first(world, (row) => row.smmu === smmu && row.sid === sid))
    return { errno: 'EBUSY', rule: 'another device has this address' };
  if (pri === 1 && ats === 0) return { errno: 'EINVAL', rule: 'PRI needs ATS (PCIe 10.4)' };
  if (stall === 1 && bus === 'pci') {
    return { errno: 'EINVAL', rule: 'dma-can-stall is for platform devices: a stalled request can block all of PCI' };
  }
  if (pasidBits > 20) return { errno: 'EINVAL', rule: 'a PASID has at most 20 bits (PCIe 6.20)' };
  if (!hasStream(world, smmu, sid)) return { errno: 'ERANGE', rule: 'its StreamID lies beyond the stream table' };
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
  if (known !== undefined && smmuDomainOf(world, known.id).smmu !== endpoint.smmu) {
    return { errno: 'ENXIO', rule: `domain ${known.name} belongs to another SMMU` };
  }
  if (known !== undefined && stalls(world, endpoint) !== (smmuDomainOf(world, known.id).stall === 1)) {
    return { errno: 'EINVAL', rule: `CD.S is for all of domain ${known.name}: its devices stall all, or none` };
  }
  const tables = tablePages(world, endpoint, known !== undefined) + 2 * STREAM_LEAF_PAGES;
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
  return isKnown && !owned ? 0 : domainPages(world, smmu, pasidBits);
}
