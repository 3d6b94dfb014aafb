import type { Play } from '../play.ts';
import { between, chance, type Draw, oneOf } from './draw.ts';
import type { Live } from './live.ts';

/** What a line is drawn from. */
export interface Drawing {
  readonly play: Play;
  readonly draw: Draw;
  readonly live: Live;
  /** What ends a line that may be posted. */
  readonly end: string;
}

export type Writer = (drawing: Drawing) => string;

/** The name of a process with memory; now and then one that is gone. */
export function program({ draw, live }: Drawing): string {
  return chance(draw, 1, 60) ? 'nobody' : (oneOf(draw, live.programs)?.name ?? 'app');
}

export function device({ draw, live }: Drawing): string {
  return chance(draw, 1, 60) ? 'nothing' : (oneOf(draw, live.devices) ?? 'dev0');
}

/** A process and a device; of those that are bound where `isBound`. */
export function pair(drawing: Drawing, isBound: boolean): { process: string; device: string } {
  const bound = oneOf(drawing.draw, drawing.live.bound);
  if (isBound && bound !== undefined && chance(drawing.draw, 19, 20)) return bound;
  return { process: program(drawing), device: device(drawing) };
}

/** Nothing, the kernel's half, somewhere in between, below the stack, which grows, and the last page of all. */
const ODD_PLACES = [
  '0x0',
  '0x7f0000ffe000',
  '0xffff000000001000',
  '0x500000000000',
  '0x7fffffff8000',
  '0x7fffffff5000',
  '0xfffffffff000',
  '0xfffffffff000',
] as const;

/** A place in a region of the process, at a multiple of `align` bytes: a few pages, so that many meet there. */
export function place({ play, draw }: Drawing, process: string, align: number): string {
  if (chance(draw, 1, 15)) return oneOf(draw, ODD_PLACES);
  const regions = [...(play.regions.get(process)?.keys() ?? [])];
  const region = chance(draw, 2, 3) ? 'heap' : (oneOf(draw, regions) ?? 'heap');
  const page = between(draw, 0, chance(draw, 1, 6) ? 7 : 2);
  return `${region}+0x${(page * 4096 + between(draw, 0, Math.floor(4095 / align)) * align).toString(16)}`;
}

export function pageOf(drawing: Drawing, process: string): string {
  return place(drawing, process, 4096);
}
