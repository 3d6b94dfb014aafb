import { eventsOf } from '../machine/machine.ts';
import { machineOf, startPlay } from '../play/play.ts';
import { playCommand } from '../play/script.ts';
import { parseScript } from '../script/index.ts';
import { below, type Random, seeded } from '../sim/random.ts';

/** What stands before the rounds: two programs that share two devices, one of which asks for pages and one of which stalls. */
const STAGE = `machine smmuv3
device gpu0 pci 00:01.0 ats pri pasid 16
device dma1 platform stall pasid 8
process app
process tool
mmap app heap 64K rw-
mmap tool heap 64K rw-
`;

const PROGRAMS = ['app', 'tool'];
const DEVICES = ['gpu0', 'dma1'];
const PAGES = 16;
const PAGE = 4096;
/** Pages that one piece of work is about: the longer, the more events a line of the script gives. */
const STRETCH = 8;
/** Events at most: a script has 2,000 lines, and a round of ten of them some 900. */
export const MOST_EVENTS = 150_000;
/** Rounds between one chapter and the next. */
const ROUNDS_IN_CHAPTER = 25;

/**
 * A script whose run has at least so many events, the same for the same seed: round after round two devices work on the
 * memory of two programs, which bind, touch, unmap and unbind it in turn. It plays what it writes, to know how far it is.
 */
export function generateScript({ events, seed }: { readonly events: number; readonly seed: number }): string {
  const random = seeded(seed);
  const lines = [`# Generated: at least ${events} events, seed ${seed}.`, ...STAGE.trimEnd().split('\n')];
  const play = startPlay({ watched: false });
  const give = (texts: readonly string[]): void => {
    for (const command of parseScript(texts.join('\n')).commands) playCommand(play, command);
    lines.push(...texts);
  };
  give(lines.splice(1));
  for (let round = 0; eventsOf(machineOf(play)) < events; round++) {
    if (round % ROUNDS_IN_CHAPTER === 0) give([`chapter "Rounds from ${round + 1} on"`]);
    give(roundOf(random));
  }
  return `${lines.join('\n')}\n`;
}

/** One round: a program binds to a device, which works on stretches of its memory; then all of it is undone. */
function roundOf(random: Random): string[] {
  const [program, device] = [PROGRAMS[below(random, 2)] as string, DEVICES[below(random, 2)] as string];
  const work = (access: string): string => {
    const first = below(random, PAGES - STRETCH + 1);
    return `dma ${device} ${program} ${access} heap+0x${(first * PAGE).toString(16)} ${STRETCH * PAGE}`;
  };
  return [
    `bind ${program} ${device}`,
    work('write'),
    work('read'),
    work('write'),
    'run',
    `munmap ${program} heap ${PAGES}`,
    'run',
    `mmap ${program} heap 64K rw-`,
    `unbind ${program} ${device}`,
    'run',
  ];
}
