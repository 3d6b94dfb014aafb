import { groupAt } from '../devices/page-request.ts';
import { partialsFrom } from '../faults/fault.ts';
import { domains } from '../iommu/domain.ts';
import { domainOf } from '../iommu/group.ts';
import type { CommandOf } from '../script/index.ts';
import { held, machineOf, type Play, type Refused, type Said } from './play.ts';
import { findDevice } from './resolve.ts';

type Claim = Extract<CommandOf<'expect'>, { what: 'domain' | 'answer' | 'partials' }>;

/** What the script expects of a device: its domain, the answer to a group, or what the kernel keeps as partials. */
export function expectOfDevice(play: Play, claim: Claim): Said | Refused {
  const { world } = machineOf(play);
  const device = findDevice(world, claim.device);
  if (!device.ok) return device.error;
  if (claim.what === 'domain') {
    const name = domains.find(world, domainOf(world, device.value))?.name ?? null;
    return held(name === claim.domain, `${claim.device} is in ${name === null ? 'no domain' : `domain ${name}`}`);
  }
  if (claim.what === 'partials') {
    const kept = partialsFrom(world, device.value).length;
    return held(kept === claim.partials, `the kernel keeps ${kept} partials of ${claim.device}`);
  }
  const given = lastAnswer(play, device.value, claim.prgi);
  return held(given === claim.answer, `the last answer for group ${claim.prgi} is ${given}`);
}

/** What the device was told last about a group index; none while it waits. */
function lastAnswer(play: Play, device: number, prgi: number): string {
  const { trace, world } = machineOf(play);
  if (groupAt(world, device, prgi) !== undefined) return 'none';
  const done = trace.slice(0, world.journal?.at ?? 0);
  const told = done.findLast(
    ({ step, facts }) => step === 'device_port.message' && facts['device'] === device && facts['prgi'] === prgi,
  );
  return String(told?.facts['answer'] ?? 'none');
}
