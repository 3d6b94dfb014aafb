import { present } from '../lib/assert.ts';
import type { World } from '../world/world.ts';

/** Locals are numbers: a procedure that needs a text, such as the name of a new area, is given its number. */
export function numberOfName(world: World, text: string): number {
  const known = world.names.indexOf(text);
  return known >= 0 ? known : world.names.push(text) - 1;
}

export function nameOfNumber(world: World, number: number): string {
  return present(world.names[number], 'a name has a number before it is read');
}
