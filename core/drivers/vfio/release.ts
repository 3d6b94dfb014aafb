import { noteOpen } from '../../process/open-file.ts';
import { createLock, removeLock } from '../../sim/lock.ts';
import { call, done, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { detachFromContainer } from './attach-group.ts';
import { type Container, containers, groupsIn, holdersOf } from './container.ts';

/** open("/dev/vfio/vfio"). */
export function openContainer(world: World, name: string, owner: number): Container {
  const mutex = createLock(world, `lock of ${name}`, 'mutex');
  const container = containers.insert(world, { name, owner, mutex });
  noteOpen(world, { mm: owner, driver: 'vfio', minor: container.id });
  return container;
}

/** The last close of a container: its groups go back to where they came from, which ends their bonds. */
export const releaseContainer = procedure('vfio_fops_release', 'device-driver', { next: ['container'] }, (go) => ({
  next: step(
    'looks for the next group of {container}: {found}',
    {
      when: (world, { container }) => holdersOf(world, container) === 1,
      ...{ wait: 'sleep', awaits: 'the last ioctl of {container}', cite: 'drivers/vfio/vfio.c vfio_fops_release()' },
    },
    (world, { container }) => {
      const [held] = groupsIn(world, container);
      tell(world, { found: held === undefined ? 'there is none, and it is gone' : 'it is given back' });
      if (held !== undefined) {
        return call(detachFromContainer.at.enter({ container, group: held.group }), go.next({ container }));
      }
      removeLock(world, containers.get(world, container).mutex);
      containers.remove(world, container);
      return done();
    },
  ),
}));
