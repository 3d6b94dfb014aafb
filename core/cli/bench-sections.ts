import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LEAF_LEVEL, translate, type WalkRules, walk } from '../hardware/arm64/walk.ts';
import { assert, present } from '../lib/assert.ts';
import { boot, DEFAULT_HARDWARE } from '../machine/boot.ts';
import { at, type Machine, seek } from '../machine/machine.ts';
import { machineOf, type Play, startPlay } from '../play/play.ts';
import { playCommand } from '../play/script.ts';
import { mms } from '../process/mm.ts';
import { ensureTables, pteFor, setPte } from '../process/page-table.ts';
import { createProcess } from '../process/task.ts';
import { type Command, parseScript } from '../script/index.ts';
import { enabled, perform } from '../sim/actor.ts';
import { below, seeded } from '../sim/random.ts';
import { branch, type World } from '../world/world.ts';
import { EXPLORE_SECTIONS } from './bench-explore.ts';
import { FAULT_SECTIONS } from './bench-faults.ts';
import { STREAM_SECTIONS } from './bench-stream.ts';

/** Something to measure. */
export interface Section {
  readonly name: string;
  readonly unit: string;
  /** Builds what is measured; each call of what it returns is one measurement, in the section's unit. */
  prepare(): () => number | Promise<number>;
}

/** Operations per second of something that says how many it did. */
function rateOf(work: () => number): number {
  const begin = performance.now();
  const done = work();
  return (done * 1000) / (performance.now() - begin);
}

const rate = (name: string, unit: string, prepare: () => () => number): Section => ({
  name,
  unit,
  prepare: () => {
    const work = prepare();
    return () => rateOf(work);
  },
});

const WALKS = 2_000_000;
const FIRST_PAGE = 0x7f000_0000;
const RIGHTS = { read: 1, write: 1, exec: 0 };
const USER_RULES: WalkRules = {
  privileged: false,
  hardwareAccess: false,
  hardwareDirty: false,
  affd: false,
  outputBits: 48,
};

/** Whether one walk found the page. */
type Walker = (world: World, root: number, page: number) => boolean;
/** The bulk path: the output page and nothing else. */
const leafOnly: Walker = (world, root, page) => translate(world, root, page, 'read', USER_RULES) >= 0;
/** A walk that says what it saw. */
const explained: Walker = (world, root, page) => walk(world, root, page, 'read', USER_RULES).level === LEAF_LEVEL;

/** Four-level walks by hardware/arm64/walk.ts, over so many mapped pages. */
function walks(pages: number, order: 'sequential' | 'random', finds = leafOnly): Section {
  const name = finds === leafOnly ? 'walks' : 'walks explained';
  return rate(`${name}, ${pages} pages, ${order}`, 'walks/s', () => {
    const { world, root } = mapPages(pages);
    const random = seeded(1);
    const asked = Float64Array.from(
      { length: WALKS },
      (_none, index) => FIRST_PAGE + (order === 'random' ? below(random, pages) : index % pages),
    );
    return () => {
      let found = 0;
      for (const page of asked) if (finds(world, root, page)) found++;
      assert(found === WALKS, 'every page asked for is mapped');
      return found;
    };
  });
}

function mapPages(pages: number): { world: World; root: number } {
  const world = boot({ ...DEFAULT_HARDWARE, frames: 2048 });
  const task = createProcess(world, 'bench');
  assert(task.ok, 'a new machine has room for a process');
  const { mm } = task.value;
  const root = mms.get(world, mm).pgd;
  for (let page = 0; page < pages; page++) {
    const made = ensureTables(world, root, FIRST_PAGE + page, mm);
    assert(made.ok, 'there is memory for the page tables');
    // What a walk leads to is not read: any page will do.
    setPte(world, root, FIRST_PAGE + page, pteFor(world, 0x10_0000 + page, RIGHTS, true));
  }
  return { world, root };
}

const STAGE = `machine smmuv3
device gpu0 pci 00:01.0 ats pri pasid 16
process app
mmap app heap 64K rw-
bind app gpu0
`;
/** A fault of the device, and the unmap that undoes it. */
const CYCLE = parseScript(`dma gpu0 app write heap+0x1000 64
run
munmap app heap 16
run
mmap app heap 64K rw-
`).commands;

function stage(watched: boolean): Play {
  const play = startPlay({ watched });
  parseScript(STAGE).commands.forEach((command) => {
    playCommand(play, command);
  });
  return play;
}

/** Plays the cycle until so many events have happened. */
function cycle(play: Play, events: number, commands: readonly Command[] = CYCLE): Machine {
  const machine = machineOf(play);
  while (at(machine) < events) {
    for (const command of commands) {
      const { state, output } = playCommand(play, command);
      assert(state === 'done', `a command of the benchmark is done: ${output.join()}`);
    }
  }
  return machine;
}

const EVENTS = 100_000;
const WATCHED_EVENTS = 5_000;
const BRANCHES = 20_000;

function branches(): () => number {
  const play = stage(false);
  const { world } = cycle(play, 1000);
  playCommand(play, present(CYCLE[0], 'the cycle begins with work for the device'));
  const moves = enabled(world);
  return () => {
    for (let done = 0; done < BRANCHES; done++) {
      const { actor, choice } = present(moves[done % moves.length], 'somebody can move');
      const child = branch(world);
      perform(child, actor, choice);
      child.fingerprint();
    }
    return BRANCHES;
  };
}

function stepsBack(): () => number {
  const machine = cycle(stage(false), EVENTS);
  const last = at(machine);
  return () => {
    seek(machine, last);
    return rateOf(() => {
      seek(machine, 0);
      return last;
    });
  };
}

function bytes(): () => number {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  return () => {
    const play = stage(false);
    cycle(play, 2_000);
    const [before, first] = [used(), at(machineOf(play))];
    const machine = cycle(play, EVENTS + first);
    play.outcomes.length = 0;
    return ((used() - before) * EVENTS) / (at(machine) - first);
  };
}

export const SECTIONS: readonly Section[] = [
  ...STREAM_SECTIONS,
  ...EXPLORE_SECTIONS,
  ...FAULT_SECTIONS,
  ...[64, 4096, 262_144].flatMap((pages) => [walks(pages, 'sequential'), walks(pages, 'random')]),
  walks(4096, 'random', explained),
  rate('events, journal on', 'events/s', () => () => at(cycle(stage(false), EVENTS))),
  rate('events, told and checked', 'events/s', () => () => at(cycle(stage(true), WATCHED_EVENTS))),
  rate('branch + perform + fingerprint', 'branches/s', branches),
  { name: 'steps back', unit: 'events/s', prepare: stepsBack },
  { name: 'memory per 100,000 events', unit: 'bytes', prepare: bytes },
];
