import { links } from '../hardware/pcie/link.ts';
import type { Geometry } from '../hardware/replacement.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { type Endpoint, plugIn, whyNotPlugIn } from '../machine/boot.ts';
import { begin } from '../machine/machine.ts';
import type { CommandOf } from '../script/index.ts';
import { actors } from '../sim/actor.ts';
import type { World } from '../world/world.ts';
import { machineOf, type Play, type Refused, refuse, type Said, said } from './play.ts';
import { finishActor } from './threads.ts';

const DEFAULT_CREDITS = 16;
const DEFAULT_ATC = 32;
const MAX_ATC = 1024;
/** StreamIDs of platform devices come from firmware: here from the end of bus 0 downwards, the first that nobody has. */
const LAST_STREAM = 0xff;

/** device: plugs it in and lets the driver of its IOMMU attach it to its domain. */
export function addDevice(play: Play, command: CommandOf<'device'>): Said | Refused {
  const machine = machineOf(play);
  const endpoint = command.bus === 'pci' ? pciEndpoint(command) : platformEndpoint(machine.world, command);
  if (endpoint.atcEntries > MAX_ATC) return refuse('ERANGE', `an ATC has at most ${MAX_ATC} entries`);
  const refusal = whyNotPlugIn(machine.world, endpoint);
  if (refusal !== null) return refuse(refusal.errno, refusal.rule);
  const script = actors.first(machine.world, (row) => row.name === 'script');
  if (script === undefined || script.frame !== null) return refuse('EBUSY', 'a detach is under way');
  begin(machine, script.id, `plugs in ${command.name}`, (world) => plugIn(world, endpoint));
  finishActor(machine, script.id);
  return said();
}

function pciEndpoint(command: CommandOf<'device'> & { readonly bus: 'pci' }): Endpoint {
  return {
    ...anyEndpoint(command),
    bus: 'pci',
    sid: command.bdf,
    ats: command.ats ? 1 : 0,
    pri: command.pri ? 1 : 0,
    credits: command.credits ?? DEFAULT_CREDITS,
    ...atcOf(command),
    stop: command.stop ?? 'wait',
  };
}

/** A number alone is one set, the usual one: each entry can hold any page. */
function atcOf({ atc, atcReplacement, atcSeed }: CommandOf<'device'> & { readonly bus: 'pci' }) {
  const ways = atc?.ways ?? DEFAULT_ATC;
  const sets = atc?.sets ?? 1;
  const isUsual = sets === 1 && atcReplacement === null;
  const chosen = isUsual ? null : { sets, ways, ...replacementOf(atcReplacement, atcSeed) };
  return { atcEntries: sets * ways, atc: chosen };
}

/** How a cache replaces, as a line says it. */
export function replacementOf(
  replacement: Geometry['replacement'] | null,
  seed: number | null,
): Pick<Geometry, 'replacement' | 'seed'> {
  return { replacement: replacement ?? 'fifo', seed: replacement === 'random' ? (seed ?? 1) : 0 };
}

/** A platform device: no ATS and no PRI; it ends the use of a PASID by waiting for what it has sent. */
function platformEndpoint(world: World, command: CommandOf<'device'> & { readonly bus: 'platform' }): Endpoint {
  const none = { ats: 0, pri: 0, credits: 0, atcEntries: 0, atc: null };
  const any = anyEndpoint(command);
  const sid = siliconOf(world).iommus.find(world, any.smmu) === undefined ? 0 : freeStream(world, any.smmu);
  return { ...any, ...none, bus: 'platform', sid, stop: 'wait' };
}

function anyEndpoint(command: CommandOf<'device'>) {
  return {
    name: command.name,
    smmu: command.smmu ?? 0,
    pasidBits: command.pasidWidth ?? 0,
    stall: command.stall ? 1 : 0,
    group: String(command.group ?? command.name),
    domain: command.domain,
    serialised: !command.unserialised,
  };
}

function freeStream(world: World, smmu: number): number {
  let sid = Math.min(LAST_STREAM, siliconOf(world).setUp.lastStream(world, smmu));
  while (links.first(world, (link) => link.smmu === smmu && link.sid === sid) !== undefined) sid--;
  return sid;
}
