import { devices } from '../../devices/device.ts';
import { encode } from '../../hardware/layout.ts';
import { CMD_IODIR, FUNC3, OPCODE } from '../../hardware/riscv-iommu/commands.layout.ts';
import { DC_EXTENDED } from '../../hardware/riscv-iommu/device-directory.layout.ts';
import { isCapable } from '../../hardware/riscv-iommu/registers.ts';
import { NO_SPACE } from '../../iommu/space.ts';
import { present } from '../../lib/assert.ts';
import { call, fail, type Next, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import { writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { type DetachingDriver, leavingAtcOf, thenAtc } from '../leaving-atc.ts';
import { tablesOf } from './address-space.ts';
import { issue, issueFence } from './command-queue.ts';
import { contextLayout, devicePlace, ensureDevice, type Place } from './directory.ts';
import { deviceId, directoryOf, domainIommu, iommuOf } from './domain.ts';
import { bringOwnTable, whyNotAttach } from './domain-tables.ts';
import { CACHES, invalidateEveryPasid, invalidateSpace } from './invalidate.ts';
import { firstStageMode } from './unit.ts';

/** Words of tc, which makes a context valid. */
const TC_WORDS = 2;
/** Words of tc and iohgatp: the second stage stays Bare. */
const BODY = 4;

/**
 * The device context that sends the traffic of a device through its process directory, process 0 for what has no
 * process_id. A device without PASIDs needs no directory: its context names the page table. RISC-V IOMMU 2.1.3.
 */
export function deviceWords(world: World, domain: number, device: number): Uint32Array {
  const iommu = domainIommu(world, domain);
  const { ats, pri, pasidBits } = devices.get(world, device);
  const { pgd, tag } = tablesOf(world, domain, NO_SPACE);
  const directory = directoryOf(world, device, domain);
  const usesPri = ats === 1 && pri === 1 ? 1 : 0;
  const stage =
    pasidBits === 0
      ? { 'ta.PSCID': tag, 'fsc.PPN': pgd, 'fsc.MODE': firstStageMode(world) }
      : { 'tc.PDTV': 1, 'tc.DPE': 1, 'fsc.PPN': directory.root, 'fsc.MODE': directory.mode };
  const words = encode(DC_EXTENDED, {
    'tc.V': 1,
    'tc.EN_ATS': ats,
    'tc.EN_PRI': usesPri,
    'tc.PRPR': usesPri,
    'tc.SADE': isCapable(world, iommu, 'AMO_HWAD') ? 1 : 0,
    ...stage,
  });
  return words.subarray(0, contextLayout(world, iommu).size / 4);
}

const placeOf = (world: World, device: number): Place =>
  present(
    devicePlace(world, iommuOf(world, device), deviceId(world, device)),
    'a device that is attached has a place in the directory',
  );

/** riscv_iommu_iodir_update(): all but tc first, then tc with V; what was cached of the context is invalidated after each. */
export const attachContext = procedure(
  'riscv_iommu_attach_paging_domain',
  'smmu-driver',
  { body: ['domain', 'device'], valid: ['domain', 'device'], sync: ['domain'] },
  (go) => ({
    body: step(
      'writes the device context of {device}, all but tc, which makes it valid: {how}',
      { cite: 'RISC-V IOMMU 2.1.3; riscv_iommu_iodir_update()' },
      (world, { domain, device }) => {
        const errno = whyNotAttach(world, domain, device);
        const hasPasids = devices.get(world, device).pasidBits > 0;
        tell(world, { how: hasPasids ? 'fsc is a process directory' : 'fsc is a page table, it has no PASIDs' });
        if (errno !== null) return fail(errno);
        bringOwnTable(world, domain, device);
        const { page, offset } = ensureDevice(world, domainIommu(world, domain), deviceId(world, device));
        const words = deviceWords(world, domain, device);
        writeWords(world, page, offset + BODY * 4, words.subarray(BODY));
        return go.valid({ domain, device });
      },
    ),
    valid: step(
      'makes the device context of {device} valid',
      { atomic: 'one 64-bit store of tc', cite: 'RISC-V IOMMU 2.1.3: V is in tc', transaction: true },
      (world, { domain, device }) => {
        const { page, offset } = placeOf(world, device);
        writeWords(world, page, offset, deviceWords(world, domain, device).subarray(0, TC_WORDS));
        return call(forgetDevice(world, device), go.sync({ domain }));
      },
    ),
    sync: step('waits for the invalidation', { cite: 'RISC-V IOMMU 3.1.2' }, (world, { domain }) =>
      issueFence.at.insert({ iommu: domainIommu(world, domain) }),
    ),
  }),
);

const DETACHING: DetachingDriver = {
  ...CACHES,
  forgetEveryPasid: invalidateEveryPasid,
  atcCite: 'RISC-V IOMMU 3.1.4; pci_disable_ats()',
  pasidsCite: 'RISC-V IOMMU 3.1.4; PCIe 10.3.1',
};

/** riscv_iommu_attach_blocking_domain(): without a valid context all that the device sends ends in a fault. */
export const detachContext = procedure(
  'riscv_iommu_attach_blocking_domain',
  'smmu-driver',
  {
    clear: ['domain', 'device'],
    iotlb: ['domain', 'device'],
    sync: ['device'],
    atc: ['device'],
    pasids: ['device'],
    wait: ['device'],
  },
  (go) => ({
    clear: step(
      'clears V of the device context of {device}',
      { atomic: 'one 64-bit store of tc', cite: 'RISC-V IOMMU 2.1.3', transaction: true },
      (world, { domain, device }) => {
        const { page, offset } = placeOf(world, device);
        writeWords(world, page, offset, new Uint32Array(TC_WORDS));
        return call(forgetDevice(world, device), go.iotlb({ domain, device }));
      },
    ),
    iotlb: step(
      'has its DMA addresses dropped from the IOTLB',
      { cite: 'RISC-V IOMMU 3.1.1; riscv_iommu_bond_unlink()' },
      (world, { domain, device }) =>
        call(invalidateSpace(world, domain, tablesOf(world, domain, NO_SPACE).tag), go.sync({ device })),
    ),
    sync: step('waits for the invalidations', { cite: 'RISC-V IOMMU 3.1.2' }, (world, of) =>
      thenAtc(world, CACHES, of, go),
    ),
    ...leavingAtcOf(DETACHING, go),
  }),
);

/** IODIR.INVAL_DDT: the context of a device, and all its process contexts. RISC-V IOMMU 3.1.3. */
function forgetDevice(world: World, device: number): Next {
  const code = { opcode: OPCODE.IODIR, func3: FUNC3.INVAL_DDT };
  return issue(iommuOf(world, device), CMD_IODIR, code, { DV: 1, DID: deviceId(world, device) });
}
