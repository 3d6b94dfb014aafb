import { expect, test } from 'vitest';
import { pasidUses } from '../../devices/pasid-use.ts';
import { bonds } from '../../iommu/context.ts';
import { ERRNO } from '../../lib/errno.ts';
import { actorNamed, goTo, resultOf, settle, story, tell } from '../../play/testing/story.ts';

test('a driver that does not serialise does not start a PASID on a device that began to leave while it bound', () => {
  const told = story('machine smmuv3', 'device gpu0 pci 00:01.0 ats pri pasid 16 unserialised', 'process app');
  tell(told, 'bind app gpu0 &');
  const app = actorNamed(told, 'app');
  goTo(told, app, 'accel_bind.program');
  tell(told, 'detach gpu0 &');
  goTo(told, actorNamed(told, 'script'), 'iommu_detach_device.lock', [app]);

  settle(told);

  expect(resultOf(told, app)).toBe(-ERRNO.ESRCH);
  expect([pasidUses.all(told.world), bonds.all(told.world)]).toEqual([[], []]);
  expect(told.machine.broken).toBeNull();
});

test('of two first binds at once that do not exclude each other none relies on an exit handler that is still to be set', () => {
  const device = 'device gpu0 pci 00:01.0 ats pri pasid 16 unserialised';
  const told = story('machine smmuv3', device, 'process app', 'process tool', 'bind tool gpu0 &');
  const tool = actorNamed(told, 'tool');
  goTo(told, tool, 'iommu_set_process_exit_handler.set');
  tell(told, 'bind app gpu0 &');
  settle(told, [tool]);
  tell(told, 'exit app &');
  settle(told, [tool]);

  expect(pasidUses.all(told.world)).toEqual([]);
  expect(resultOf(told, actorNamed(told, 'app'))).not.toBeNull();
});
