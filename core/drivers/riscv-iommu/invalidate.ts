import { devices } from '../../devices/device.ts';
import { encode } from '../../hardware/layout.ts';
import { ALL_PAGES, encodePages } from '../../hardware/pcie/address-range.ts';
import { INV_REQ_BODY } from '../../hardware/pcie/messages.layout.ts';
import { CMD_ATS, CMD_IOTINVAL, FUNC3, OPCODE } from '../../hardware/riscv-iommu/commands.layout.ts';
import { processes } from '../../iommu/process.ts';
import { hasBug, tellBug } from '../../policy/policy.ts';
import { call, done, type Next, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { type CacheDriver, covering, EVERYTHING, nextCache } from '../atc.ts';
import { pscidOf } from './address-space.ts';
import { issue, issueFence, issueWords } from './command-queue.ts';
import { deviceId, domainIommu, iommuOf } from './domain.ts';

/** From so many pages on, one IOTINVAL.VMA by PSCID is cheaper than one each (RISCV_IOMMU_IOTLB_INVAL_LIMIT, 2 MiB). */
const INVAL_LIMIT = 512;

/** What comes after the half of an invalidation that is under way. */
const REST = { atcs: 0, iotlb: 1, nothing: 2 } as const;

/**
 * The IOTLB first, a fence, then each ATC, and a fence: the other way round a device could refill its ATC from the stale
 * IOTLB. ATS.INVAL overtakes nothing, but an IOTINVAL is only known to be done behind an IOFENCE.C. RISC-V IOMMU 3.1.
 */
const invalidate = procedure(
  'riscv_iommu_iotlb_inval',
  'smmu-driver',
  {
    tlb: ['domain', 'process', 'start', 'end', 'rest'],
    page: ['domain', 'process', 'start', 'end', 'rest', 'page'],
    sync: ['domain', 'process', 'start', 'end', 'rest'],
    atc: ['domain', 'process', 'start', 'end', 'rest', 'after'],
    done: ['domain', 'process', 'start', 'end', 'rest'],
  },
  (go) => ({
    tlb: step('{order}', { cite: 'RISC-V IOMMU 3.1.1' }, (world, locals) => {
      const { domain, process, start, end, rest } = locals;
      tell(world, { order: `sees to the IOTLB of the IOMMU ${rest === REST.atcs ? 'first' : 'only now'}` });
      if (rest === REST.atcs && hasBug(world, 'atc-before-iotlb')) {
        tellBug(world, { order: 'leaves the IOTLB of the IOMMU for later, and sees to the ATCs first' });
        return go.atc({ ...locals, rest: REST.iotlb, after: -1 });
      }
      if (start !== EVERYTHING && end - start < INVAL_LIMIT) return go.page({ ...locals, page: start });
      if (start !== EVERYTHING && hasBug(world, 'range-wraps')) {
        tellBug(world, { order: 'rounds the end up past the last address: a range of 0 bytes, so nothing is to do' });
        return done();
      }
      return call(invalidateSpace(world, domain, pscidOfProcess(world, process)), go.sync(locals));
    }),
    page: step('invalidates the IOTLB for {page}', { cite: 'RISC-V IOMMU 3.1.1' }, (world, { page, ...then }) => {
      const command = invalidatePage(world, then.domain, pscidOfProcess(world, then.process), page);
      return call(command, page + 1 < then.end ? go.page({ ...then, page: page + 1 }) : go.sync(then));
    }),
    sync: step('waits until the IOTLB is clean', { cite: 'RISC-V IOMMU 3.1.2' }, (world, locals) =>
      followed(issueFence.at.insert({ iommu: domainIommu(world, locals.domain) }), afterIotlb(locals)),
    ),
    atc: step(
      'then sees to the ATCs: {whose}{span}',
      { cite: 'RISC-V IOMMU 3.1.4; RFCv2 32/36' },
      (world, { after, ...locals }) => {
        const { domain, process, start, end } = locals;
        const { pasid } = processes.get(world, process);
        const device = nextCache(world, domain, after, pasid);
        tell(world, {
          whose: device === undefined ? 'no device has one' : `that of ${devices.get(world, device).name}`,
          span: '',
        });
        if (device === undefined) return afterAtcs(locals);
        const isLast = nextCache(world, domain, device, pasid) === undefined;
        const then = isLast ? go.done(locals) : go.atc({ ...locals, after: device });
        return call(invalidateAtc(world, device, pasid, start, end), then);
      },
    ),
    done: step('waits until the ATCs are clean', { cite: 'RISC-V IOMMU 3.1.2, 3.1.4' }, (world, locals) =>
      followed(issueFence.at.insert({ iommu: domainIommu(world, locals.domain) }), afterAtcs(locals)),
    ),
  }),
);

interface Range {
  readonly domain: number;
  readonly process: number;
  readonly start: number;
  readonly end: number;
  readonly rest: number;
}

const afterIotlb = (range: Range): Next =>
  range.rest === REST.atcs ? invalidate.at.atc({ ...range, rest: REST.nothing, after: -1 }) : done();

const afterAtcs = (range: Range): Next =>
  range.rest === REST.iotlb ? invalidate.at.tlb({ ...range, rest: REST.nothing }) : done();

/** Calls a procedure, and goes on at what comes after it if anything does. */
const followed = (callee: Next, then: Next): Next => (then.kind === 'done' ? callee : call(callee, then));

/** The invalidation of pages of a process from `start` up to, not including, `end`; all of them from EVERYTHING on. */
export const invalidatePages = (pages: Omit<Range, 'rest'>): Next & { kind: 'go' | 'call' } =>
  invalidate.at.tlb({ ...pages, rest: REST.atcs });

const pscidOfProcess = (world: World, process: number): number => pscidOf(world, processes.get(world, process).mm);

const VMA = { opcode: OPCODE.IOTINVAL, func3: FUNC3.VMA } as const;

/** IOTINVAL.VMA for all that a PSCID tags. */
export function invalidateSpace(world: World, domain: number, pscid: number): Next {
  return issue(domainIommu(world, domain), CMD_IOTINVAL, VMA, { PSCV: 1, PSCID: pscid });
}

/** IOTINVAL.VMA for one page of a PSCID. */
export function invalidatePage(world: World, domain: number, pscid: number, page: number): Next {
  return issue(domainIommu(world, domain), CMD_IOTINVAL, VMA, { PSCV: 1, PSCID: pscid, AV: 1, ADDR: page });
}

const WHOLE = encodePages(ALL_PAGES);

/** ATS.INVAL for the smallest naturally aligned power of two of pages that covers the range. */
export function invalidateAtc(world: World, device: number, pasid: number, start: number, end: number): Next {
  if (start === EVERYTHING) return sendInvalidation(world, device, pasid, WHOLE);
  const { first, size } = covering(world, start, end - 1);
  return sendInvalidation(world, device, pasid, encodePages({ page: first, span: size }));
}

/** ATS.INVAL that goes for the whole ATC of a device, whatever the PASID. */
export function invalidateEveryPasid(world: World, device: number): Next {
  return sendInvalidation(world, device, 0, { ...WHOLE, G: 1 });
}

function sendInvalidation(
  world: World,
  device: number,
  pasid: number,
  body: { readonly S: number; readonly Addr: number; readonly G?: number },
): Next {
  const [PAYLOAD_LO = 0, PAYLOAD_HI = 0] = encode(INV_REQ_BODY, body);
  const words = encode(CMD_ATS, {
    opcode: OPCODE.ATS,
    func3: FUNC3.ATS_INVAL,
    PV: pasid < 0 ? 0 : 1,
    PID: Math.max(pasid, 0),
    RID: deviceId(world, device) % 2 ** 16,
    PAYLOAD_LO,
    PAYLOAD_HI,
  });
  return issueWords(iommuOf(world, device), words);
}

/** How this driver has caches forget; the order is in drivers/process-ends.ts and drivers/private-pasids.ts. */
export const CACHES: CacheDriver = {
  forgetInAtc: (world, device, pasid) => invalidateAtc(world, device, pasid, EVERYTHING, EVERYTHING),
  sync: (world, domain) => issueFence.at.insert({ iommu: domainIommu(world, domain) }),
  syncCite: 'RISC-V IOMMU 3.1.2',
};
