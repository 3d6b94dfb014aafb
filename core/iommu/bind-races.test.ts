import { expect, test } from 'vitest';
import { leftOver, underWay } from '../machine/quiet.ts';
import { actorNamed, goTo, settle, story, tell } from '../play/testing/story.ts';
import { mms } from '../process/mm.ts';
import { bindDevice } from './bind.ts';
import { bonds } from './context.ts';

/** Cases that random sequences found, each as small as it can be told. */

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;
const STEPS = ['accel_bind.enter', ...bindDevice.steps.map(({ name }) => name), 'accel_bind.program'];

for (const policy of ['rfcv2', 'v2-2018', 'mainline']) {
  test(`under ${policy} a bind of a process that becomes another program gives up, or ends with the old memory`, () => {
    for (const step of STEPS) {
      const told = story('machine smmuv3', `policy ${policy}`, GPU, ...APP, 'process tool', 'bind tool gpu0 by app &');
      const app = actorNamed(told, 'app');
      goTo(told, app, step);

      tell(told, 'exec tool &');
      settle(told, [app]);
      settle(told);

      expect(told.machine.broken, step).toBeNull();
      expect([...underWay(told.world), ...mms.all(told.world).map(({ users }) => users)], step).toEqual([1, 1]);
      tell(told, 'run', 'exit tool', 'run', 'exit app', 'run');
      expect(leftOver(told.world), step).toEqual([]);
    }
  });
}

for (const policy of ['rfcv2', 'v2-2018', 'mainline']) {
  test(`under ${policy} a group is detached when a bind of its other device is over, which is stopped and unbound too`, () => {
    const [gpu, nic] = ['device gpu0 pci 00:02.0', 'device nic0 pci 00:03.0'].map((name) => `${name} ats pri pasid 16`);
    const told = story('machine smmuv3', `policy ${policy}`, `${gpu} group 7`, `${nic} group 7`, ...APP, 'run');

    tell(told, 'bind app nic0 &', 'detach gpu0 whole-group', 'run');

    expect(told.machine.broken).toBeNull();
    expect(underWay(told.world)).toEqual([]);
    expect(bonds.all(told.world)).toEqual([]);
  });
}
