import { expect, test } from 'vitest';
import { stepsSince, story, tell } from '../../play/testing/story.ts';

const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;
const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16 domain shared';
const NIC = 'device nic0 pci 00:02.0 ats pri pasid 16 domain shared';

test('page tables of the harts are not shared with an IOMMU that has fewer address bits', () => {
  const told = story('machine riscv oas 40', GPU, ...APP);

  expect(tell(told, 'bind app gpu0')).toBe('ENODEV');
  expect(stepsSince(told, 0)).toContain('riscv_iommu_process_attach.unsuited');
});

test('a device that leaves another one behind takes the context of its own group away, and has the ATCs of that group invalidated', () => {
  const told = story('machine riscv', 'policy mainline', GPU, NIC, ...APP, 'bind app gpu0', 'bind app nic0');
  const before = told.machine.trace.length;

  expect(tell(told, 'unbind app gpu0', 'run')).toBeNull();

  const steps = stepsSince(told, before);
  expect(steps).toContain('riscv_iommu_process_detach.atcs');
  expect(steps).toContain('riscv_iommu_clear_pc.clear');
});
