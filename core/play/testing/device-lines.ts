import { devices } from '../../devices/device.ts';
import { domains } from '../../iommu/domain.ts';
import { spaces } from '../../iommu/space.ts';
import { decides } from '../../policy/policy.ts';
import { between, chance, oneOf } from './draw.ts';
import { type Drawing, device, pageOf, pair, place, program } from './drawing.ts';

/** Lines about what devices, their drivers and user-space drivers do. */

/**
 * Work of a device that its driver manages: never `unbound`. What a stray device asks for after the flush of an unbind is
 * a fault of a PASID that was given back, whatever the kernel does; group-shares-table tells that story.
 */
export function dma(drawing: Drawing): string {
  const { draw, end, live } = drawing;
  if (live.bound.length === 0 && chance(draw, 9, 10)) return bind(drawing);
  const noPasid = chance(draw, 1, 8) ? ' no-pasid' : '';
  const { process, device: name } = pair(drawing, noPasid === '');
  const operation = oneOf(draw, ['read', 'write', 'write', 'chase', 'execute']);
  const where =
    operation === 'execute' && chance(draw, 1, 2) ? 'text' : place(drawing, process, operation === 'chase' ? 8 : 4);
  const bytes = oneOf(draw, [4, 64, 64, 4096, 9000]);
  const count = operation === 'chase' && chance(draw, 1, 2) ? ` count ${between(draw, 1, 4)}` : '';
  return `dma ${name} ${process} ${operation} ${where} ${bytes}${count}${noPasid}${end}`;
}

/**
 * A page request by hand. Some have no PASID: those are the last of their group, since no end of a PASID would make the
 * device send one for them.
 */
export function request(drawing: Drawing): string {
  const { draw, end, live } = drawing;
  const begun = oneOf(draw, live.open);
  const { process, device: name } = begun !== undefined && chance(draw, 1, 2) ? begun : pair(drawing, true);
  const group = begun !== undefined && chance(draw, 2, 3) ? begun.prgi : between(draw, 0, 2);
  const noPasid = chance(draw, 1, 8);
  const ending = noPasid ? ' last no-pasid' : chance(draw, 1, 2) ? ' last' : '';
  const operation = oneOf(draw, ['read', 'write']);
  return `request ${name} ${process} ${operation} ${pageOf(drawing, process)} group ${group}${ending}${end}`;
}

export function wholeGroup({ draw }: Drawing): string {
  return chance(draw, 1, 2) ? ' whole-group' : '';
}

/** A device that was detached, where there is one, to a domain that is there or to one of two that may be new. */
export function attach(drawing: Drawing): string {
  const { draw, end, live } = drawing;
  const loose = oneOf(draw, live.loose);
  if (loose === undefined && chance(draw, 3, 4)) return bind(drawing);
  const domain = oneOf(draw, [...domains.all(live.world).map((row) => row.name), 'new1', 'new2']) ?? 'new1';
  return `attach ${loose ?? device(drawing)} ${domain}${wholeGroup(drawing)}${end}`;
}

/** For a device that was told FAILURE, where there is one; else seldom. */
export function enablePri(drawing: Drawing): string {
  const { draw, end, live } = drawing;
  const failed = oneOf(
    draw,
    devices.all(live.world).filter((row) => row.failed === 1),
  );
  if (failed === undefined && chance(draw, 1, 2)) return request(drawing);
  return `enable-pri ${failed?.name ?? device(drawing)}${end}`;
}

export function bind(drawing: Drawing): string {
  const { process, device: name } = pair(drawing, chance(drawing.draw, 1, 8));
  const thread = chance(drawing.draw, 1, 8) ? (oneOf(drawing.draw, drawing.live.threads)?.name ?? process) : process;
  const pin = chance(drawing.draw, 1, 8) ? ' pin' : byWhom(drawing);
  return `bind ${thread} ${name}${pin}${drawing.end}`;
}

/** Not of a device whose driver lets bind and unbind cross: it may start a PASID that it was just told to stop. */
export function unbind(drawing: Drawing): string {
  const { process, device: name } = pair(drawing, true);
  if (drawing.live.unserialised.includes(name)) return bind(drawing);
  return `unbind ${process} ${name}${byWhom(drawing)}${drawing.end}`;
}

/** The process asks for itself, or now and then another for it. */
function byWhom(drawing: Drawing): string {
  return chance(drawing.draw, 1, 5) ? ` by ${program(drawing)}` : '';
}

/** A DMA address of few, so that maps, unmaps and work meet; now and then one that is too large. */
function iova({ draw }: Drawing, align: number): string {
  if (chance(draw, 1, 40)) return '0x1000000000000';
  return `0x${(0x10000 + between(draw, 0, 5) * 4096 + between(draw, 0, Math.floor(4095 / align)) * align).toString(16)}`;
}

function space({ draw, live }: Drawing): string {
  return chance(draw, 1, 60) ? 'nowhere' : (oneOf(draw, live.spaces) ?? 'A');
}

export function mapIova(drawing: Drawing): string {
  const { draw, end } = drawing;
  const perms = oneOf(draw, ['rw-', 'rw-', 'r--', '-w-', 'rwx']);
  return `iommu-map ${space(drawing)} ${iova(drawing, 4096)} ${between(draw, 1, 4) * 4}K ${perms}${end}`;
}

export function unmapIova(drawing: Drawing): string {
  return `iommu-unmap ${space(drawing)} ${iova(drawing, 4096)} ${between(drawing.draw, 1, 6)}${drawing.end}`;
}

export function onFault({ draw, live }: Drawing): string {
  const reaction = oneOf(draw, [
    'map',
    'map blocking',
    'map',
    'defer',
    'invalid',
    'invalid blocking',
    'failure',
    'failure',
    'none',
  ]);
  return `on-fault ${oneOf(draw, domains.all(live.world))?.name ?? 'A'} ${reaction}`;
}

export function iovaDma(drawing: Drawing): string {
  const { draw, end } = drawing;
  const bytes = oneOf(draw, [4, 64, 4096, 9000]);
  const own = chance(draw, 1, 2) ? oneOf(draw, spaces.all(drawing.live.world)) : undefined;
  const name = own === undefined ? device(drawing) : devices.get(drawing.live.world, own.device).name;
  const inside = own === undefined ? '' : ` in ${own.name}`;
  return `dma ${name} iova ${oneOf(draw, ['read', 'write'])} ${iova(drawing, 4)} ${bytes}${inside}${end}`;
}

/** A private PASID is taken or given back, where the design has them; where not it is asked for, but seldom. */
export function privatePasid(drawing: Drawing): string {
  const { draw, end, live } = drawing;
  if (decides(live.world, 'private-pasid', 'none') && chance(draw, 19, 20)) return iovaDma(drawing);
  const own = oneOf(draw, spaces.all(live.world));
  if (own !== undefined && chance(draw, 1, 2)) return `free-pasid ${own.name}${end}`;
  const wanted = chance(draw, 1, 4) ? ` pasid ${between(draw, 0, 5)}` : '';
  return `alloc-pasid ${device(drawing)} ring${between(draw, 0, 2)}${wanted}${end}`;
}

/** A container is opened, gets a group or loses one, or binds a process to all devices in it; where the design knows VFIO. */
export function vfio(drawing: Drawing): string {
  const { draw, end, live } = drawing;
  if (decides(live.world, 'vfio', 'none') && chance(draw, 19, 20)) return bind(drawing);
  const box = oneOf(draw, live.containers);
  if (box === undefined || chance(draw, 1, 8)) return `vfio open ${program(drawing)} box${between(draw, 0, 1)}${end}`;
  const whom = chance(draw, 1, 2) ? ` ${program(drawing)}` : '';
  const add = `add ${box} ${device(drawing)}`;
  const asked = [
    add,
    add,
    `remove ${box} ${device(drawing)}`,
    `bind ${box}${whom}`,
    `bind ${box}${whom}`,
    `unbind ${box}${whom}`,
  ];
  return `vfio ${oneOf(draw, asked)}${end}`;
}
