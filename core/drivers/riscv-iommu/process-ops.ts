import { devices } from '../../devices/device.ts';
import { processes } from '../../iommu/process.ts';
import { decides } from '../../policy/policy.ts';
import { done, fail, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { EVERYTHING } from '../atc.ts';
import { type LeavingDriver, processDetachOf, processExitOf } from '../process-ends.ts';
import { dropPscid, holdPscid, spaceOfMm } from './address-space.ts';
import { iommuOf, type ProcessDirectory } from './domain.ts';
import { whyNotShare } from './features.ts';
import { CACHES, invalidatePages } from './invalidate.ts';
import { entries } from './pasid-entries.ts';
import { quietContext } from './process-context.ts';

const pasidOf = (world: World, process: number): number => processes.get(world, process).pasid;

/** The process gets a PSCID: one of the IOMMUs, since harts have no such tag. Returns 0, or -ENOSPC where none is left. */
export const processAlloc = procedure('riscv_iommu_process_alloc', 'smmu-driver', { tag: ['mm'] }, () => ({
  tag: step(
    'takes PSCID {pscid} for {mm}: the harts have tags of their own',
    { wait: 'sleep', cite: 'RISC-V IOMMU 2.2.2; ida_alloc_range(&riscv_iommu_pscids)' },
    (world, { mm }) => {
      const pscid = holdPscid(world, mm);
      tell(world, { pscid });
      return pscid < 0 ? fail('ENOSPC') : done();
    },
  ),
}));

/** The IOMMUs have no use for it any more. */
export const processFree = procedure('riscv_iommu_process_free', 'smmu-driver', { untag: ['mm'] }, () => ({
  untag: step('lets PSCID {pscid} go', { wait: 'sleep', cite: 'ida_free(&riscv_iommu_pscids)' }, (world, { mm }) => {
    const known = spaceOfMm(world, mm);
    tell(world, { pscid: known?.pscid ?? 0 });
    if (known !== undefined) dropPscid(world, known);
    return done();
  }),
}));

/** A fault of the device reaches the kernel and is answered: by a page request, for no transaction can stall here. */
function canFault(world: World, device: number): boolean {
  const { pri, ats } = devices.get(world, device);
  return pri === 1 && ats === 1;
}

/** Under iommu_process_lock; the first device of a domain installs the process context. */
export const processAttach = procedure(
  'riscv_iommu_process_attach',
  'smmu-driver',
  { check: ['device', 'process', 'first'], unsuited: ['iommu'] },
  (go) => ({
    check: step(
      'checks that {device} can fault and installs {what}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 21/36' },
      (world, { device, process, first }) => {
        const { pasidBits } = devices.get(world, device);
        tell(world, { what: first === 1 ? 'the entry of its domain' : 'nothing: its domain has the entry already' });
        if (pasidBits === 0) return fail('EINVAL');
        const iommu = iommuOf(world, device);
        if (whyNotShare(world, iommu) !== null) return go.unsuited({ iommu });
        if (!canFault(world, device) && decides(world, 'needs-iopf', 'refused')) return fail('ENODEV');
        if (pasidOf(world, process) >= 2 ** pasidBits) return fail('ENOSPC');
        const installs = decides(world, 'pasid-table', 'domain')
          ? first === 1
          : !entries.hasAll(world, device, process);
        return installs ? entries.installFor(world, device, process) : done();
      },
    ),
    unsuited: step(
      'finds that {iommu} cannot walk page tables of the harts: {why}',
      { atomic: 'iommu_process_lock', cite: 'RISC-V IOMMU 5.3; riscv_iommu_pt_supported()' },
      (world, { iommu }) => {
        tell(world, { why: whyNotShare(world, iommu) ?? '' });
        return fail('ENODEV');
      },
    ),
  }),
);

/** What this driver does for a process that leaves; the order is in drivers/process-ends.ts. */
const LEAVING: LeavingDriver<ProcessDirectory> = {
  ...CACHES,
  prefix: 'riscv_iommu',
  unit: 'IOMMU',
  entries,
  quiet: (directory, pasid) => quietContext.at.quiet({ directory, pasid }),
  forget: (domain, process) => invalidatePages({ domain, process, start: EVERYTHING, end: EVERYTHING }),
};

export const processDetach = processDetachOf(LEAVING);
export const processExit = processExitOf(LEAVING);
