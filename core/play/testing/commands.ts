import { siliconOf } from '../../iommu/silicon.ts';
import { actors, enabled } from '../../sim/actor.ts';
import { MOMENTS } from '../moves.ts';
import type { Play } from '../play.ts';
import { actorName } from '../resolve.ts';
import {
  attach,
  bind,
  dma,
  enablePri,
  iovaDma,
  mapIova,
  onFault,
  privatePasid,
  request,
  unbind,
  unmapIova,
  vfio,
  wholeGroup,
} from './device-lines.ts';
import { between, chance, type Draw, oneOf } from './draw.ts';
import { type Drawing, device, pageOf, place, program, type Writer } from './drawing.ts';
import { liveState } from './live.ts';
import { drawDevice } from './stage.ts';

/** Lines by how often they are drawn. A line about something that is not there is drawn too, but seldom. */
const WRITERS: readonly (readonly [number, Writer])[] = [
  [16, dma],
  [8, bind],
  [5, request],
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
  [5, privatePasid],
  [4, hold],
  [5, vfio],
  [1, ({ draw }) => `fail-alloc ${between(draw, 0, 2)}`],
  [3, (drawing) => `fork ${program(drawing)} child${between(drawing.draw, 1, 3)}${drawing.end}`],
  [2, (drawing) => `exit ${program(drawing)}${drawing.end}`],
  [1, (drawing) => `exec ${program(drawing)}${drawing.end}`],
  [2, (drawing) => `detach ${device(drawing)}${wholeGroup(drawing)}${drawing.end}`],
  [1, (drawing) => `unplug ${device(drawing)}${drawing.end}`],
  [4, enablePri],
  [3, attach],
  [1, (drawing) => `thread ${program(drawing)} worker${between(drawing.draw, 1, 3)}`],
  [1, start],
  [
    1,
    ({ draw, live }) =>
      drawDevice(draw, Math.min(live.devices.length, 5), siliconOf(live.world).iommus.all(live.world).length),
  ],
  [10, run],
  [4, step],
  [2, only],
];

const TOTAL = WRITERS.reduce((sum, [weight]) => sum + weight, 0);

/** Draws the next line of a script from the live state of its play; `posted`: out of ten lines, so many end with &. */
export function drawLine(play: Play, draw: Draw, posted: number): string {
  const live = liveState(play);
  const drawing = { play, draw, live, end: chance(draw, posted, 10) ? ' &' : '' };
  if (live.programs.length === 0) return start(drawing);
  let left = between(draw, 0, TOTAL - 1);
  for (const [weight, write] of WRITERS) {
    if (left < weight) return write(drawing);
    left -= weight;
  }
  return 'run';
}

/** A process, of the usual user or of another. */
function start({ draw }: Drawing): string {
  return `process ${oneOf(draw, ['app', 'tool', 'game', 'editor'])}${chance(draw, 1, 3) ? ' user guest' : ''}`;
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
