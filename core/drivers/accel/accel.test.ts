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
