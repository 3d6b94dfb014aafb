import { devices } from '../devices/device.ts';
import { containers } from '../drivers/vfio/container.ts';
import { domains } from '../iommu/domain.ts';
import { spaces } from '../iommu/space.ts';
import { INVARIANTS } from '../machine/invariants/index.ts';
import { answersTo, DECISION_NAMES } from '../policy/decisions.ts';
import { NO_BUG, PRESET_NAMES } from '../policy/policy.ts';
import { SWITCH_NAMES } from '../policy/switches.ts';
import { tasks } from '../process/task.ts';
import type { Known } from '../script/index.ts';
import { actors } from '../sim/actor.ts';
import { allSteps } from '../sim/procedure.ts';
import { MOMENTS } from './moves.ts';
import { machineOf, type Play } from './play.ts';
import { actorName } from './resolve.ts';
import { BACKENDS } from './set-machine.ts';

/** The names that mean something at this moment, for completion. */
export function knownNames(play: Play): Known {
  const { world } = machineOf(play);
  const processes = tasks.all(world).filter((task) => task.state === 'running');
  const regions = Object.fromEntries([...play.regions].map(([name, known]) => [name, [...known.keys()]]));
  return {
    processes: [...new Set(processes.map((task) => task.name))],
    devices: devices.all(world).map((device) => device.name),
    regions,
    containers: containers.all(world).map((container) => container.name),
    domains: domains.all(world).map((domain) => domain.name),
    spaces: spaces.all(world).map((space) => space.name),
    backends: BACKENDS,
    policies: PRESET_NAMES,
    bugs: [...SWITCH_NAMES, NO_BUG],
    answers: [
      ...DECISION_NAMES.flatMap((decision) => answersTo(decision).map((answer) => `${decision}=${answer}`)),
      ...SWITCH_NAMES.map((bug) => `bug=${bug}`),
    ],
    invariants: INVARIANTS.map((each) => each.id),
    moments: MOMENTS,
    steps: allSteps().map(({ name }) => name),
    actors: actors.all(world).map(actorName),
    files: Object.keys(play.options.files ?? {}),
  };
}
