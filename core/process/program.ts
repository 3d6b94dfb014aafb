/** What every program has before it begins: its text and a stack. */
import type { World } from '../world/world.ts';
import { openFile } from './file.ts';
import { newVma, userPages, vmas } from './vma.ts';

/** Addresses of a small program, as Linux lays it out without randomisation: pages. */
export const TEXT = { start: 0x400, end: 0x403 };
const STACK = { start: 0x7fff_ffffb, end: 0x7fff_fffff };

/** Where its stack begins: there, or below the end of what users have. Kernel: STACK_TOP. */
export function stackOf(world: World): { start: number; end: number } {
  const down = Math.max(0, STACK.end + 1 - userPages(world));
  return { start: STACK.start - down, end: STACK.end - down };
}

/** The file of the program of a name. */
export function programOf(world: World, name: string): number {
  return openFile(world, `/usr/bin/${name}`, TEXT.end - TEXT.start).id;
}

/** Maps a program into an empty mm. Kernel: load_elf_binary. */
export function loadProgram(world: World, mm: number, file: number): void {
  vmas.insert(world, newVma({ ...TEXT, mm, kind: 'file', file, write: 0, exec: 1, name: 'text' }));
  vmas.insert(world, newVma({ ...stackOf(world), mm, kind: 'stack', name: 'stack' }));
}
