import { deviceOn, devices } from '../../devices/device.ts';
import { type Job, jobs, pagesOf } from '../../devices/job.ts';
import { SMMUV3 } from '../../drivers/arm-smmu-v3/silicon.ts';
import { RISCV_IOMMU } from '../../drivers/riscv-iommu/silicon.ts';
import { addressPage, type Message, messages } from '../../hardware/pcie/link.ts';
import { domainOf } from '../../iommu/group.ts';
import { processWithPasid } from '../../iommu/process.ts';
import { spaces } from '../../iommu/space.ts';
import { hex } from '../../lib/format.ts';
import { type Frame, frames, zeroPage } from '../../process/frame.ts';
import { type Mm, mms } from '../../process/mm.ts';
import { isValid, isWritable, pfnOf, readPte } from '../../process/page-table.ts';
import type { Actor } from '../../sim/actor.ts';
import { canRead, isFree } from '../../sim/lock.ts';
import { isMemory } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { everySuch, type Invariant, ofActors, stepIn, type Verdict } from './invariant.ts';

export const DMA_INVARIANTS: readonly Invariant[] = [
  {
    id: 'dma-lands',
    stands: ['I14', 'I15c', 'I36', 'P16'],
    claim:
      'What a device reads or writes is a page of the process for which the work was submitted, or memory mapped for it.',
    cases: 'accesses with a translated address',
    ...ofActors((actor) => isAccessing(actor), strayTranslation, strayMessage),
  },
  {
    id: 'work-pasid',
    stands: ['I7'],
    claim: 'Work that is not done never has a PASID that belongs to another mm than the one it was submitted for.',
    cases: 'work of processes that is queued or under way',
    check: (world) => everySuch(jobs.slots(world), isOpen, (job) => foreignPasid(world, job)),
  },
  {
    id: 'walk-tables',
    stands: ['I14', 'P10'],
    claim: 'The SMMU walks page tables only while they are page tables.',
    cases: 'walks under way',
    ...ofActors((actor) => isWalking(actor), walkOfFreed),
  },
];

/** The translation unit of whatever silicon is about to do this: a machine has one kind. */
const stepsOf = (label: 'walk' | 'access'): readonly number[] =>
  [SMMUV3, RISCV_IOMMU].map(({ translation }) => stepIn(translation, label));
const WALKS = stepsOf('walk');
const ACCESSES = stepsOf('access');

const isWalking = ({ frame }: Actor): boolean => frame !== null && WALKS.includes(frame.step);
const isAccessing = ({ frame }: Actor): boolean => frame !== null && ACCESSES.includes(frame.step);

/** An access whose page of memory is known: translated by the device, or by the SMMU that is about to carry it out. */
function strayMessage(world: World): Verdict {
  return everySuch(messages.slots(world), isTranslated, (message) => straysTo(world, message, addressPage(message)));
}

function strayTranslation(world: World, { frame }: Actor): string | null {
  const { message = -1, output = -1 } = frame?.locals ?? {};
  return straysTo(world, messages.get(world, message), output);
}

const isTranslated = ({ at, kind }: Message): boolean => at === 'translated' && (kind === 'read' || kind === 'write');

/** What is wrong with an access to a page of memory for the job that sent it, null if nothing. */
function straysTo(world: World, { link, tag, kind }: Message, page: number): string | null {
  const job = jobs.find(world, tag);
  const device = deviceOn(world, link);
  if (job === undefined || job.device !== device?.id || !isMemory(world, page)) return null;
  const said = `a ${kind} of ${device.name} goes to 0x${hex(page)}`;
  const frame = frames.find(world, page - world.slots.ramFirst);
  if (frame === undefined) return `${said}, which is free`;
  if (job.mm < 0) return isMappedFor(world, job, frame) ? null : `${said}, which was not mapped for it`;
  if (frame.use === 'table') return `${said}, which holds page tables`;
  const mm = mms.find(world, job.mm);
  if (mm === undefined || isChanging(world, mm)) return null;
  if (kind === 'read' && page === zeroPage(world)) return null;
  return maps(world, mm, job, page, kind === 'write') ? null : `${said}, where ${mm.name} has nothing to ${kind}`;
}

/** Memory for DMA, of the domain of the device or of the private PASID that the job carries. */
function isMappedFor(world: World, { device, pasid }: Job, { use, owner }: Frame): boolean {
  if (pasid >= 0) return use === 'private' && spaces.find(world, owner)?.pasid === pasid;
  const domain = domainOf(world, device);
  return use === 'dma' && (domain < 0 || owner === domain);
}

const isOpen = ({ mm, state }: Job): boolean => mm >= 0 && state !== 'done' && state !== 'failed';

function foreignPasid(world: World, { device, pasid, mm }: Job): string | null {
  const owner = processWithPasid(world, pasid);
  if (owner === undefined || owner.mm === mm) return null;
  const { name } = devices.get(world, device);
  const meant = mms.find(world, mm)?.name ?? 'a freed mm';
  return `${name} works for ${meant} with PASID ${pasid}, which is that of ${mms.get(world, owner.mm).name}`;
}

/** Translations of old descriptors may be on their way until those who change them let go of their locks. */
function isChanging(world: World, mm: Mm): boolean {
  return mm.users === 0 || !canRead(world, mm.mmapLock) || !isFree(world, mm.pageTableLock);
}

function maps(world: World, { pgd }: Mm, job: Job, output: number, write: boolean): boolean {
  for (let page = job.page; page < job.page + pagesOf(job); page++) {
    const pte = readPte(world, pgd, page);
    if (isValid(pte) && pfnOf(pte) === output) return !write || isWritable(pte);
  }
  return false;
}

/** A table on the way is a page of the kernel for DMA addresses, else one of page tables. */
function walkOfFreed(world: World, { frame, name }: Actor): string | null {
  const { table = -1 } = frame?.locals ?? {};
  if (!isMemory(world, table)) return null;
  const use = frames.find(world, table - world.slots.ramFirst)?.use;
  return use === 'table' || use === 'kernel' ? null : `${name} walks 0x${hex(table)}, which is ${use ?? 'free'}`;
}
