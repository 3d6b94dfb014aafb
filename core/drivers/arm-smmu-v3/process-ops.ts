import { devices } from '../../devices/device.ts';
import { links } from '../../hardware/pcie/link.ts';
import { processes } from '../../iommu/process.ts';
import { decides } from '../../policy/policy.ts';
import { done, fail, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { EVERYTHING } from '../atc.ts';
import { type LeavingDriver, processDetachOf, processExitOf } from '../process-ends.ts';
import { type CdTable, mayStall } from './domain.ts';
import { whyNotShare } from './features.ts';
import { CACHES, invalidatePages } from './invalidate.ts';
import { entries } from './pasid-entries.ts';
import { quietContext } from './quiet-context.ts';

const pasidOf = (world: World, process: number): number => processes.get(world, process).pasid;

/** A fault of the device reaches the kernel and is answered: a page request, or a transaction that stalls. RFCv2 21/36. */
function canFault(world: World, device: number): boolean {
  const { pri, ats } = devices.get(world, device);
  return (pri === 1 && ats === 1) || mayStall(world, device);
}

/** arm_smmu_process_attach(): under iommu_process_lock; the first device of a domain installs the descriptor. */
export const processAttach = procedure(
  'arm_smmu_process_attach',
  'smmu-driver',
  { check: ['device', 'process', 'first'], unsuited: ['smmu'] },
  (go) => ({
    check: step(
      'checks that {device} can fault and installs {what}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 21/36' },
      (world, { device, process, first }) => {
        const { pasidBits } = devices.get(world, device);
        tell(world, { what: first === 1 ? 'the entry of its domain' : 'nothing: its domain has the entry already' });
        if (pasidBits === 0) return fail('EINVAL');
        const { smmu } = links.get(world, devices.get(world, device).link);
        if (whyNotShare(world, smmu) !== null) return go.unsuited({ smmu });
        if (!canFault(world, device) && decides(world, 'needs-iopf', 'refused')) return fail('ENODEV');
        if (pasidOf(world, process) >= 2 ** pasidBits) return fail('ENOSPC');
        const installs = decides(world, 'pasid-table', 'domain')
          ? first === 1
          : !entries.hasAll(world, device, process);
        return installs ? entries.installFor(world, device, process) : done();
      },
    ),
    unsuited: step(
      'finds that {smmu} cannot walk page tables of the CPUs: {why}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 18/36; arm_smmu_sva_supported() since v5.10' },
      (world, { smmu }) => {
        tell(world, { why: whyNotShare(world, smmu) ?? '' });
        return fail('ENODEV');
      },
    ),
  }),
);

/** What this driver does for a process that leaves; the order is in drivers/process-ends.ts. */
const LEAVING: LeavingDriver<CdTable> = {
  ...CACHES,
  prefix: 'arm_smmu',
  unit: 'SMMU',
  entries,
  quiet: (cdTable, pasid) => quietContext.at.quiet({ cdTable, pasid }),
  forget: (domain, process) => invalidatePages({ domain, process, start: EVERYTHING, end: EVERYTHING }),
};

export const processDetach = processDetachOf(LEAVING);
export const processExit = processExitOf(LEAVING);
