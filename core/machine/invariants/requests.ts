import { devices } from '../../devices/device.ts';
import { creditsUsed, groupsOf, requestGroups } from '../../devices/page-request.ts';
import type { World } from '../../world/world.ts';
import type { Invariant, Verdict } from './invariant.ts';

export const REQUEST_INVARIANTS: readonly Invariant[] = [
  {
    id: 'credits',
    stands: ['I23', 'P17'],
    claim: 'A device has no more page requests outstanding than it was allocated, each group index once.',
    cases: 'page request groups of devices',
    check: overspentCredits,
  },
];

function overspentCredits(world: World): Verdict {
  for (const device of devices.all(world)) {
    if (creditsUsed(world, device.id) > device.credits) return `${device.name} has too many page requests outstanding`;
    const indices = groupsOf(world, device.id).map((group) => group.prgi);
    if (new Set(indices).size !== indices.length) return `${device.name} uses a group index twice`;
  }
  return requestGroups.all(world).length;
}
