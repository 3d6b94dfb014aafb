import { encode } from '../../hardware/layout.ts';
import { ALL_PAGES, encodePages } from '../../hardware/pcie/address-range.ts';
import { INV_REQ_BODY } from '../../hardware/pcie/messages.layout.ts';
import { CMD_ATS, CMD_IOTINVAL, FUNC3, OPCODE } from '../../hardware/riscv-iommu/commands.layout.ts';
import { processes } from '../../iommu/process.ts';
import { call, done, type Next, procedure, step } from '../../sim/procedure.ts';
import type { World } from '../../world/world.ts';
import { type CacheDriver, covering, EVERYTHING } from '../atc.ts';
import { atcsOf, type Pages, syncsIotlb, wayToForget, wholeRange } from '../process-invalidation.ts';
import { pscidOf } from './address-space.ts';
import { issue, issueFence, issueWords } from './command-queue.ts';
import { deviceId, domainIommu, iommuOf } from './domain.ts';

/** How this driver has caches forget; the orders in which it does are in the files above that both drivers share. */
export const CACHES: CacheDriver = {
  forgetInAtc: invalidateAtc,
  syncUnit: (iommu) => issueFence.at.insert({ iommu }),
  syncCite: 'RISC-V IOMMU 3.1.2',
  cleanCite: 'RISC-V IOMMU 3.1.2',
};

/** Between IOTLB and ATCs a fence: ATS.INVAL overtakes nothing, but an IOTINVAL is only known to be done behind an IOFENCE.C. RISC-V IOMMU 3.1. */
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
    tlb: step('{order}', { cite: 'RISC-V IOMMU 3.1.1' }, (world, range) => {
      const { domain, process, start } = range;
      const way = wayToForget(world, 'IOMMU', range, false);
      if (way === 'pages') return go.page({ ...range, page: start });
      if (way === 'nothing') return done();
      if (typeof way === 'object') return go.atc(way.first);
      return call(invalidateSpace(world, domain, pscidOfProcess(world, process)), go.sync(range));
    }),
    page: step('invalidates the IOTLB for {page}', { cite: 'RISC-V IOMMU 3.1.1' }, (world, { page, ...then }) => {
      const command = invalidatePage(world, then.domain, pscidOfProcess(world, then.process), page);
      return call(command, page + 1 < then.end ? go.page({ ...then, page: page + 1 }) : go.sync(then));
    }),
    sync: syncsIotlb(CACHES, go),
    ...atcsOf({ ...CACHES, atcCite: 'RISC-V IOMMU 3.1.4; RFCv2 32/36', cleanCite: 'RISC-V IOMMU 3.1.2, 3.1.4' }, go),
  }),
);

/** The invalidation of pages of a process. */
export const invalidatePages = (pages: Pages): Next & { kind: 'go' | 'call' } => invalidate.at.tlb(wholeRange(pages));

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
