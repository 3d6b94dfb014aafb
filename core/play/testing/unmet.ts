import { addedBy, SWITCH_NAMES } from '../../policy/switches.ts';

/** Steps that no random sequence can reach, and why. */
export const UNREACHABLE: Readonly<Record<string, string>> = {
  'smmuv3_registers.wait': 'the driver writes control registers at boot only, before event 0',
  'riscv_iommu_registers.wait': 'the driver writes control registers at boot only, before event 0',
  'riscv_iommu_clear_pc.valid': 'a bug of the museum: entry-torn',
  'iommu_set_group_pasid.undo': 'PASIDs below 1,024 share the leaf of entry 0, which is there from the start',
  'smmuv3_translation.off': 'translation is on from boot on',
  'arm_smmu_evtq_thread.abort': 'no device stalls but those whose faults the driver handles',
  ...Object.fromEntries(
    ['arm_smmu_gerror_handler', 'riscv_iommu_cmdq_process'].flatMap((handler) =>
      ['wait', 'read', 'skip', 'acknowledge'].map((label) => [
        `${handler}.${label}`,
        'the driver makes no error, and every device answers',
      ]),
    ),
  ),
  ...Object.fromEntries(
    ['smmuv3_ats_timer', 'arm_smmu_sync_timeout', 'riscv_iommu_ats_timer', 'riscv_iommu_sync_timeout'].map((clock) => [
      `${clock}.wait`,
      'every device answers: scenario ats-timeout, core/explore/time-outs.test.ts',
    ]),
  ),
  ...Object.fromEntries(
    SWITCH_NAMES.flatMap((bug) => addedBy(bug).map((step) => [step, `a bug of the museum: scenario museum-${bug}`])),
  ),
};

/** Steps that 1,000 sequences meet by luck only, and where they are met for sure. */
export const BY_LUCK: Readonly<Record<string, string>> = {
  'do_swap_page.moving': 'a page that moves on its way back from the swap device: core/process/migrate.test.ts',
  'arm_smmu_attach_pasid.undone': 'no memory for the second of two allocations: core/iommu/private-pasid.test.ts',
  'riscv_iommu_attach_pasid.undone': 'no memory for the second of two directories',
  'riscv_iommu_set_group_pasid.undo': 'no memory for the directory of the second device of a group',
  'riscv_iommu_process_attach.unsuited':
    'an IOMMU with fewer address bits than the CPUs: core/drivers/riscv-iommu/process-ops.test.ts',
  'riscv_iommu_process_detach.atcs':
    'a device that leaves another one behind in its domain: core/drivers/riscv-iommu/process-ops.test.ts',
  'vfio_iommu_type1_attach_group.failed': 'a replay into a shared domain that fails: scenario vfio-attach-group',
  'vfio_iommu_type1_attach_group.own': 'a replay into a shared domain that fails: scenario vfio-attach-group',
  'iommu_notifier_release.clear': 'quiet entries without bonds that wait for files: core/iommu/exit-designs.test.ts',
  'iommu_notifier_release.cleared': 'quiet entries without bonds that wait for files: core/iommu/exit-designs.test.ts',
  'vfio_iommu_bind_device.late':
    'a process that exits between its bind and the next step: core/drivers/vfio/vfio.test.ts',
  'accel_bind.late': 'a process that exits between its bind and the next step: core/iommu/bind-races.test.ts',
  'mmput_async_fn.wait': 'a fault worker that is the last user of the memory: core/iommu/exit.test.ts',
  'dup_mm.undone': 'no memory in the middle of a fork: core/play/play.test.ts',
};
