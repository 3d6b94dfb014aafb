import { atcOf, devices } from '../devices/device.ts';
import { jobsOf } from '../devices/job.ts';
import { backEndFor } from '../hardware/back-end.ts';
import { lookup } from '../hardware/tlb.ts';
import { bondOf, contextOf } from '../iommu/context.ts';
import { domainOf } from '../iommu/group.ts';
import { QUIET } from '../iommu/pasid-table.ts';
import { processesOf, processFor } from '../iommu/process.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { ok, type Result } from '../lib/result.ts';
import { INVARIANTS } from '../machine/invariants/index.ts';
import { flawInCondition, holdsUnder } from '../policy/policy.ts';
import { frames } from '../process/frame.ts';
import { mms } from '../process/mm.ts';
import { isDirty, isNone, isPresent, isYoung, type Pte, pfnOf, readPte } from '../process/page-table.ts';
import { pinsOn } from '../process/pins.ts';
import { isMigration } from '../process/swap-entry.ts';
import type { CommandOf } from '../script/index.ts';
import { readWord } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { pointerWords } from './commands.ts';
import { expectAsid, expectDomainAsid } from './expect-asids.ts';
import { expectOfDevice } from './expect-device.ts';
import { expectIova, expectPrivate } from './iova-claims.ts';
import { held, machineOf, type Play, type Refused, refuse, type Said, said } from './play.ts';
import { findDevice, findProcess, findSpot, type Spot } from './resolve.ts';

type Expect = CommandOf<'expect'>;
type Claiming<W extends Expect['what']> = Extract<Expect, { what: W }>;

/** Checks what the script expects; a claim that does not hold is a failure that says what is there instead. */
export function doExpect(play: Play, claim: Expect): Said | Refused {
  if (claim.under !== null) {
    const flaw = flawInCondition(claim.under);
    if (flaw !== null) return refuse('EINVAL', flaw);
    if (!holdsUnder(claim.under, play.hardware, backEndFor(play.hardware.paging).machine))
      return said(`only under ${claim.under}`);
  }
  if (machineOf(play).broken !== null && claim.what !== 'broken') return said('the machine has stopped');
  switch (claim.what) {
    case 'ok':
      return held(play.lastErrno === null, `the command before was answered with ${play.lastErrno}`);
    case 'errno':
      return held(
        play.lastErrno === claim.errno,
        `the command before was answered with ${play.lastErrno ?? 'no error'}`,
      );
    case 'broken':
      return expectBroken(play, claim.invariant);
    case 'entry':
      return expectEntry(play, claim);
    case 'dma':
      return expectDma(play, claim);
    case 'pasid':
    case 'bound':
    case 'frames':
      return ofProcess(play, claim);
    case 'iova':
      return expectIova(play, claim);
    case 'private':
      return expectPrivate(play, claim);
    case 'asid':
      return expectAsid(play, claim);
    case 'domain-asid':
      return expectDomainAsid(play, claim);
    case 'fault':
      return expectAnswers(play, claim.answered);
    case 'domain':
    case 'answer':
    case 'partials':
      return expectOfDevice(play, claim);
    default:
      return ofPlace(play, claim);
  }
}

function expectBroken(play: Play, id: string): Said | Refused {
  if (!INVARIANTS.some((known) => known.id === id)) return refuse('EINVAL', `there is no invariant ${id}`);
  const broken = machineOf(play).broken?.claims ?? [];
  const names = broken.map((each) => each.id).join(', ') || 'nothing';
  return held(
    broken.some((each) => each.id === id),
    `${names} is broken`,
  );
}

function expectDma(play: Play, { device, state }: Claiming<'dma'>): Said | Refused {
  const { world } = machineOf(play);
  const found = findDevice(world, device);
  if (!found.ok) return found.error;
  const job = jobsOf(world, found.value).at(-1);
  return held(job?.state === state, job === undefined ? 'it was given no work' : `its last job is ${job.state}`);
}

function expectEntry(play: Play, { device, pasid, owner }: Claiming<'entry'>): Said | Refused {
  const { world } = machineOf(play);
  const found = findDevice(world, device);
  if (!found.ok) return found.error;
  if (domainOf(world, found.value) < 0) return refuse('ENODEV', `${device} is attached to no domain`);
  const wanted = rootWanted(world, owner);
  if (!wanted.ok) return wanted.error;
  const { pasidTables } = siliconOf(world);
  const root = pasidTables.rootOf(world, pasidTables.of(world, found.value), pasid);
  const mm = mms.first(world, (row) => row.pgd === root);
  const states = new Map([
    [-1, 'the entry is not valid'],
    [QUIET, 'the entry is quiet'],
  ]);
  return held(root === wanted.value, states.get(root) ?? `it leads to the tables of ${mm?.name ?? 'its domain'}`);
}

/** Where an entry should lead: to the tables of a process, nowhere though it is valid (quiet), or it is not valid. */
function rootWanted(world: World, owner: string | null): Result<number, Refused> {
  if (owner === null) return ok(-1);
  if (owner === 'quiet') return ok(QUIET);
  const process = findProcess(world, owner);
  return process.ok ? ok(mms.get(world, process.value.mm).pgd) : process;
}

/** Page request groups that were answered so far, whatever the answer. */
function expectAnswers(play: Play, answered: number): Said {
  const { trace, world } = machineOf(play);
  const done = trace
    .slice(0, world.journal?.at ?? 0)
    .filter((entry) => entry.moments.includes('fault.answered')).length;
  return held(done === answered, `${done} page request groups were answered`);
}

function ofProcess(play: Play, claim: Claiming<'pasid' | 'bound' | 'frames'>): Said | Refused {
  const { world } = machineOf(play);
  const found = findProcess(world, claim.process);
  if (!found.ok) return found.error;
  const { mm } = found.value;
  const process = processFor(world, found.value.id);
  if (claim.what === 'pasid') {
    const pasid = process?.pasid ?? (mms.get(world, mm).pasid || null);
    return held(pasid === claim.pasid, `its PASID is ${pasid ?? 'none'}`);
  }
  if (claim.what === 'frames') {
    const own = frames.all(world).filter((row) => row.use === 'anon' && row.owner === mm).length;
    return held(own === claim.frames, `it has ${own} frames of its own`);
  }
  const device = findDevice(world, claim.device);
  if (!device.ok) return device.error;
  const context = process && contextOf(world, process.id, domainOf(world, device.value));
  const uses = (context && bondOf(world, context.id, device.value)?.binds) ?? 0;
  return held(uses === claim.uses, `it is bound ${uses} times`);
}

/** What is said of the use of a page. */
type Use = 'young' | 'old' | 'dirty' | 'clean';

function heldUse(pte: Pte, what: Use): Said {
  if (what === 'young' || what === 'old') {
    return held(isYoung(pte) === (what === 'young'), isYoung(pte) ? 'it was used' : 'it was not used');
  }
  return held(isDirty(pte) === (what === 'dirty'), isDirty(pte) ? 'it was written' : 'it was not written');
}

function ofPlace(
  play: Play,
  claim: Claiming<'memory' | Use | 'mapped' | 'unmapped' | 'swapped' | 'pinned' | 'unpinned' | 'cached' | 'uncached'>,
): Said | Refused {
  const { world } = machineOf(play);
  const found = findProcess(world, claim.process);
  if (!found.ok) return found.error;
  const spot = findSpot(play, claim.process, claim.address);
  if (!spot.ok) return spot.error;
  const { mm } = found.value;
  if (claim.what === 'cached' || claim.what === 'uncached') {
    const cached = isCached(world, mm, spot.value.page, claim.cache);
    return held(
      cached === (claim.what === 'cached'),
      cached ? `the ${claim.cache} has it` : `no ${claim.cache} has it`,
    );
  }
  const pte = readPte(world, mms.get(world, mm).pgd, spot.value.page);
  const present = isPresent(pte);
  if (claim.what === 'pinned' || claim.what === 'unpinned') {
    const pinned = present ? pinsOn(world, pfnOf(pte)) : 0;
    return held(
      pinned > 0 === (claim.what === 'pinned'),
      present ? `its frame has ${pinned} pins` : 'no frame is there',
    );
  }
  if (claim.what === 'young' || claim.what === 'old' || claim.what === 'dirty' || claim.what === 'clean') {
    return present ? heldUse(pte, claim.what) : held(false, 'the page is not mapped');
  }
  if (claim.what === 'swapped') {
    return held(!present && !isNone(pte) && !isMigration(pte), present ? 'the page is in memory' : 'nothing is there');
  }
  if (claim.what !== 'memory') {
    return held(present === (claim.what === 'mapped'), present ? 'the page is mapped' : 'the page is not mapped');
  }
  if (!present) return held(false, 'the page is not mapped');
  return compare(play, claim, pfnOf(pte), spot.value);
}

function compare(play: Play, claim: Claiming<'memory'>, pfn: number, { offset }: Spot): Said | Refused {
  const { world } = machineOf(play);
  const target = claim.holds === 'pointer' ? findSpot(play, claim.process, claim.pointer) : null;
  if (target?.ok === false) return target.error;
  const wanted = claim.holds === 'number' ? [claim.number] : pointerWords(target?.value ?? { page: 0, offset: 0 });
  const there = wanted.map((_word, index) => readWord(world, pfn, offset + index * 4));
  const same = wanted.every((word, index) => word === there[index]);
  return held(same, `memory holds ${there.map((word) => `0x${word.toString(16)}`).join(' ')}`);
}

function isCached(world: World, mm: number, page: number, cache: 'iotlb' | 'atc'): boolean {
  if (cache === 'iotlb') {
    const { iommus, iotlb, tagOfMm } = siliconOf(world);
    const key = { kind: 0, vmid: 0, asid: tagOfMm(world, mm), page };
    return iommus.all(world).some(({ id }) => lookup(world, iotlb(world, id), key) >= 0);
  }
  const keys = processesOf(world, mm).map(({ pasid }) => ({ kind: 0, vmid: 0, asid: pasid, page }));
  return devices.all(world).some(({ id }) => keys.some((key) => lookup(world, atcOf(world, id), key) >= 0));
}
