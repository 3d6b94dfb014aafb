/** What every program has before it begins: its text and a stack. */
import type { World } from '../world/world.ts';
import { openFile } from './file.ts';
import { newVma, vmas } from './vma.ts';

/** Addresses of a small program, as Linux lays it out without randomisation: pages. */
export const TEXT = { start: 0x400, end: 0x403 };
export const STACK = { start: 0x7fff_ffffb, end: 0x7fff_fffff };

/** The file of the program of a name. */
export function programOf(world: World, name: string): number {
  return openFile(world, `/usr/bin/${name}`, TEXT.end - TEXT.start).id;
}

/** Maps a program into an empty mm. Kernel: load_elf_binary. */
export function loadProgram(world: World, mm: number, file: number): void {
  vmas.insert(world, newVma({ ...TEXT, mm, kind: 'file', file, write: 0, exec: 1, name: 'text' }));
  vmas.insert(world, newVma({ ...STACK, mm, kind: 'stack', name: 'stack' }));
}
