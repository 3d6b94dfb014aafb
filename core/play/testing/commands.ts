import { devices } from '../../devices/device.ts';
import { smmus } from '../../hardware/smmuv3/smmu.ts';
import { domains } from '../../iommu/domain.ts';
import { spaces } from '../../iommu/space.ts';
import { decides } from '../../policy/policy.ts';
import { actors, enabled } from '../../sim/actor.ts';
import { MOMENTS } from '../moves.ts';
import type { Play } from '../play.ts';
import { actorName } from '../resolve.ts';
import { between, chance, type Draw, oneOf } from './draw.ts';
import { type Live, liveState } from './live.ts';
import { drawDevice } from './stage.ts';

interface Drawing {
  readonly play: Play;
  readonly draw: Draw;
  readonly live: Live;
  /** What ends a line that may be posted. */
  readonly end: string;
}

type Writer = (drawing: Drawing) => string;

/** Lines by how often they are drawn. A line about something that is not there is drawn too, but seldom. */
const WRITERS: readonly (readonly [number, Writer])[] = [
  [16, dma],
  [8, bind],
  [4, request],
  [5, unbind],
  [6, memory],
  [4, unmap],
  [3, protect],
  [3, age],
  [3, map],
  [4, takeAway],
  [4, mapIova],
  [3, unmapIova],
  [5, iovaDma],
  [2, onFault],
  [4, privatePasid],
  [4, hold],
  [1, ({ draw }) => `fail-alloc ${between(draw, 0, 2)}`],
  [3, (drawing) => `fork ${program(drawing)} child${between(drawing.draw, 1, 3)}${drawing.end}`],
  [2, (drawing) => `exit ${program(drawing)}${drawing.end}`],
  [1, (drawing) => `exec ${program(drawing)}${drawing.end}`],
  [2, (drawing) => `detach ${device(drawing)}${wholeGroup(drawing)}${drawing.end}`],
  [2, attach],
  [1, (drawing) => `thread ${program(drawing)} worker${between(drawing.draw, 1, 3)}`],
  [1, ({ draw }) => `process ${oneOf(draw, ['app', 'tool', 'game', 'editor'])}`],
  [1, ({ draw, live }) => drawDevice(draw, Math.min(live.devices.length, 5), smmus.all(live.world).length)],
  [10, run],
  [4, step],
  [2, only],
];
const TOTAL = WRITERS.reduce((sum, [weight]) => sum + weight, 0);

/** Draws the next line of a script from the live state of its play; `posted`: out of ten lines, so many end with &. */
export function drawLine(play: Play, draw: Draw, posted: number): string {
  const live = liveState(play);
  if (live.programs.length === 0) return `process ${oneOf(draw, ['app', 'tool', 'game', 'editor'])}`;
  const end = chance(draw, posted, 10) ? ' &' : '';
  let left = between(draw, 0, TOTAL - 1);
  for (const [weight, write] of WRITERS) {
    if (left < weight) return write({ play, draw, live, end });
    left -= weight;
  }
  return 'run';
}

/** The name of a process with memory; now and then one that is gone. */
function program({ draw, live }: Drawing): string {
  return chance(draw, 1, 60) ? 'nobody' : (oneOf(draw, live.programs)?.name ?? 'app');
}

function device({ draw, live }: Drawing): string {
  return chance(draw, 1, 60) ? 'nothing' : (oneOf(draw, live.devices) ?? 'dev0');
}

/** A process and a device; of those that are bound where `isBound`. */
function pair(drawing: Drawing, isBound: boolean): { process: string; device: string } {
  const bound = oneOf(drawing.draw, drawing.live.bound);
  if (isBound && bound !== undefined && chance(drawing.draw, 19, 20)) return bound;
  return { process: program(drawing), device: device(drawing) };
}

/** Nothing, the kernel's half, somewhere in between, and below the stack, which grows. */
const ODD_PLACES = [
  '0x0',
  '0x7f0000ffe000',
  '0xffff000000001000',
  '0x500000000000',
  '0x7fffffff8000',
  '0x7fffffff5000',
] as const;

/** A place in a region of the process, at a multiple of `align` bytes: a few pages, so that many meet there. */
function place({ play, draw }: Drawing, process: string, align: number): string {
  if (chance(draw, 1, 25)) return oneOf(draw, ODD_PLACES);
  const regions = [...(play.regions.get(process)?.keys() ?? [])];
  const region = chance(draw, 2, 3) ? 'heap' : (oneOf(draw, regions) ?? 'heap');
  const page = between(draw, 0, chance(draw, 1, 6) ? 7 : 2);
  return `${region}+0x${(page * 4096 + between(draw, 0, Math.floor(4095 / align)) * align).toString(16)}`;
}

function pageOf(drawing: Drawing, process: string): string {
  return place(drawing, process, 4096);
}

function dma(drawing: Drawing): string {
  const { draw, end, live } = drawing;
  if (live.bound.length === 0 && chance(draw, 9, 10)) return bind(drawing);
  const noPasid = chance(draw, 1, 8) ? ' no-pasid' : '';
  const stray = noPasid === '' && chance(draw, 1, 20) ? ' unbound' : '';
  const { process, device: name } = pair(drawing, noPasid === '' && stray === '');
  const operation = oneOf(draw, ['read', 'write', 'write', 'chase', 'execute']);
  const where =
    operation === 'execute' && chance(draw, 1, 2) ? 'text' : place(drawing, process, operation === 'chase' ? 8 : 4);
  const bytes = oneOf(draw, [4, 64, 64, 4096, 9000]);
  const count = operation === 'chase' && chance(draw, 1, 2) ? ` count ${between(draw, 1, 4)}` : '';
  return `dma ${name} ${process} ${operation} ${where} ${bytes}${count}${noPasid}${stray}${end}`;
}

/**
 * A page request by hand. Some have no PASID: those are the last of their group, since no end of a PASID would make the
 * device send one for them.
 */
function request(drawing: Drawing): string {
  const { draw, end, live } = drawing;
  const begun = oneOf(draw, live.open);
  const { process, device: name } = begun !== undefined && chance(draw, 1, 2) ? begun : pair(drawing, true);
  const group = begun !== undefined && chance(draw, 2, 3) ? begun.prgi : between(draw, 0, 3);
  const noPasid = chance(draw, 1, 12);
  const ending = noPasid ? ' last no-pasid' : chance(draw, 1, 2) ? ' last' : '';
  const operation = oneOf(draw, ['read', 'write']);
  return `request ${name} ${process} ${operation} ${pageOf(drawing, process)} group ${group}${ending}${end}`;
}

function wholeGroup({ draw }: Drawing): string {
  return chance(draw, 1, 2) ? ' whole-group' : '';
}

/** A device that was detached, where there is one, to an old domain or to one of two that may be new. */
function attach(drawing: Drawing): string {
  const { draw, end, live } = drawing;
  const loose = oneOf(draw, live.loose);
  if (loose === undefined && chance(draw, 3, 4)) return bind(drawing);
  const domain = oneOf(draw, ['A', 'shared', 'new1', 'new2']);
  return `attach ${loose ?? device(drawing)} ${domain}${wholeGroup(drawing)}${end}`;
}

function bind(drawing: Drawing): string {
  const { process, device: name } = pair(drawing, chance(drawing.draw, 1, 8));
  const thread = chance(drawing.draw, 1, 8) ? (oneOf(drawing.draw, drawing.live.threads)?.name ?? process) : process;
  const pin = chance(drawing.draw, 1, 8) ? ' pin' : byWhom(drawing);
  return `bind ${thread} ${name}${pin}${drawing.end}`;
}

function unbind(drawing: Drawing): string {
  const { process, device: name } = pair(drawing, true);
  return `unbind ${process} ${name}${byWhom(drawing)}${drawing.end}`;
}

/** The process asks for itself, or now and then another for it. */
function byWhom(drawing: Drawing): string {
  return chance(drawing.draw, 1, 5) ? ` by ${program(drawing)}` : '';
}

function memory(drawing: Drawing): string {
  const { draw, end } = drawing;
  const process = program(drawing);
  if (chance(draw, 1, 3)) return `load ${process} ${place(drawing, process, 4)}${end}`;
  const value = chance(draw, 1, 2) ? `-> ${place(drawing, process, 4)}` : String(between(draw, 1, 1000));
  return `store ${process} ${place(drawing, process, 8)} ${value}${end}`;
}

function unmap(drawing: Drawing): string {
  const process = program(drawing);
  return `munmap ${process} ${pageOf(drawing, process)} ${between(drawing.draw, 1, 4)}${drawing.end}`;
}

function protect(drawing: Drawing): string {
  const { draw, end } = drawing;
  const process = program(drawing);
  const perms = oneOf(draw, ['rw-', 'rw-', 'r--', 'r-x', '---']);
  return `mprotect ${process} ${pageOf(drawing, process)} ${between(draw, 1, 4)} ${perms}${end}`;
}

/** Something that keeps pages where they are, or in memory, or from a child; or the end of that. */
function hold(drawing: Drawing): string {
  const { draw, end } = drawing;
  const process = program(drawing);
  const range = `${process} ${pageOf(drawing, process)} ${between(draw, 1, 3)}`;
  return `${oneOf(draw, [`pin ${range}`, `unpin ${range}`, `mlock ${range}`, `madvise ${range} dontfork`])}${end}`;
}

function takeAway(drawing: Drawing): string {
  const process = program(drawing);
  const verb = chance(drawing.draw, 1, 2) ? 'swap-out' : 'migrate';
  return `${verb} ${process} ${pageOf(drawing, process)} ${between(drawing.draw, 1, 4)}${drawing.end}`;
}

function age(drawing: Drawing): string {
  const process = program(drawing);
  const clean = chance(drawing.draw, 1, 2) ? ' clean' : '';
  return `age ${process} ${pageOf(drawing, process)} ${between(drawing.draw, 1, 4)}${clean}${drawing.end}`;
}

function map(drawing: Drawing): string {
  const { draw, end } = drawing;
  const process = program(drawing);
  const where = chance(draw, 1, 2) ? ` at ${pageOf(drawing, process)}` : '';
  const file = chance(draw, 1, 3) ? ` file /lib/${oneOf(draw, ['a', 'b'])}.so` : '';
  const name = oneOf(draw, ['heap', 'buffer', 'image']);
  return `mmap ${process} ${name} ${between(draw, 1, 8) * 4}K ${oneOf(draw, ['rw-', 'rw-', 'r--'])}${where}${file}${end}`;
}

/** A DMA address of few, so that maps, unmaps and work meet; now and then one that is too large. */
function iova({ draw }: Drawing, align: number): string {
  if (chance(draw, 1, 40)) return '0x1000000000000';
  return `0x${(0x10000 + between(draw, 0, 5) * 4096 + between(draw, 0, Math.floor(4095 / align)) * align).toString(16)}`;
}

function space({ draw, live }: Drawing): string {
  return chance(draw, 1, 60) ? 'nowhere' : (oneOf(draw, live.spaces) ?? 'A');
}

function mapIova(drawing: Drawing): string {
  const { draw, end } = drawing;
  const perms = oneOf(draw, ['rw-', 'rw-', 'r--', '-w-', 'rwx']);
  return `iommu-map ${space(drawing)} ${iova(drawing, 4096)} ${between(draw, 1, 4) * 4}K ${perms}${end}`;
}

function unmapIova(drawing: Drawing): string {
  return `iommu-unmap ${space(drawing)} ${iova(drawing, 4096)} ${between(drawing.draw, 1, 6)}${drawing.end}`;
}

/** But FAILURE, after which a device cannot end the groups that it has begun. */
function onFault({ draw, live }: Drawing): string {
  const reaction = oneOf(draw, ['map', 'map blocking', 'map', 'defer', 'invalid', 'invalid blocking', 'none']);
  return `on-fault ${oneOf(draw, domains.all(live.world))?.name ?? 'A'} ${reaction}`;
}

function iovaDma(drawing: Drawing): string {
  const { draw, end } = drawing;
  const bytes = oneOf(draw, [4, 64, 4096, 9000]);
  const own = chance(draw, 1, 2) ? oneOf(draw, spaces.all(drawing.live.world)) : undefined;
  const name = own === undefined ? device(drawing) : devices.get(drawing.live.world, own.device).name;
  const inside = own === undefined ? '' : ` in ${own.name}`;
  return `dma ${name} iova ${oneOf(draw, ['read', 'write'])} ${iova(drawing, 4)} ${bytes}${inside}${end}`;
}

/** A private PASID is taken or given back, where the design has them; where not it is asked for, but seldom. */
function privatePasid(drawing: Drawing): string {
  const { draw, end, live } = drawing;
  if (decides(live.world, 'private-pasid', 'none') && chance(draw, 19, 20)) return iovaDma(drawing);
  const own = oneOf(draw, spaces.all(live.world));
  if (own !== undefined && chance(draw, 1, 2)) return `free-pasid ${own.name}${end}`;
  const wanted = chance(draw, 1, 4) ? ` pasid ${between(draw, 0, 5)}` : '';
  return `alloc-pasid ${device(drawing)} ring${between(draw, 0, 2)}${wanted}${end}`;
}

function run({ draw }: Drawing): string {
  if (chance(draw, 1, 3)) return 'run';
  return chance(draw, 1, 6) ? `run until ${oneOf(draw, MOMENTS)}` : `run ${between(draw, 1, 60)}`;
}

/** One actor goes on alone, for a while or until it waits for somebody who stands still. */
function only({ draw, live: { world } }: Drawing): string {
  const actor = oneOf(draw, actors.all(world)) ?? { name: 'app' };
  return `run only ${actorName(actor)} ${between(draw, 1, 40)}`;
}

/** Somebody who can move, in one of the ways in which it can; now and then anybody. */
function step({ draw, live: { world } }: Drawing): string {
  const move = oneOf(draw, enabled(world));
  if (move === undefined || chance(draw, 1, 20))
    return `step ${actorName(oneOf(draw, actors.all(world)) ?? { name: 'app' })}`;
  return `step ${actorName(actors.get(world, move.actor))}/${move.choice}`;
}
