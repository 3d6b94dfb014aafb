import { finish0, finish1, mix0, mix1 } from '../lib/hash.ts';
import type { Play } from '../play/play.ts';
import { playCommand } from '../play/script.ts';
import { tasks } from '../process/task.ts';
import type { Command, Verb } from '../script/index.ts';
import { type Actor, actors } from '../sim/actor.ts';
import type { World } from '../world/world.ts';

/** What one thread is still to be told by the script, in this order. Which thread goes first is what the search asks. */
export interface Program {
  /** The thread: a process, a thread of one, `driver`, `script` or a kernel thread. */
  readonly name: string;
  readonly commands: readonly Order[];
}

export interface Order {
  readonly command: Command;
  /** It needs what another program made: so many commands of that one must have come to their end. */
  readonly after: { readonly program: number; readonly count: number } | null;
}

/** Lines that say who moves, or only speak to the reader: the search has no use for them. */
const DROPPED: ReadonlySet<Verb> = new Set(['run', 'step', 'schedule', 'expect', 'chapter', 'note', 'help']);
/** Lines that build the machine: they stand before everything that can be explored. */
export const BUILDING: ReadonlySet<Verb> = new Set(['machine', 'smmu', 'policy', 'bug', 'device']);

/** Sorts what is left of a script by who is told; the line that cannot be explored, if there is one. */
export function programsOf(commands: readonly Command[], all: readonly Command[]): Program[] | Command {
  const building = commands.find(({ verb }) => BUILDING.has(verb));
  if (building !== undefined) return building;
  const owners = new Map<string, string>();
  for (const command of all)
    if (command.verb === 'vfio' && command.act === 'open') owners.set(command.container, command.process);
  const names: string[] = [];
  const lists: Order[][] = [];
  const made = new Map<string, Order['after']>();
  for (const command of commands) {
    if (DROPPED.has(command.verb)) continue;
    const name = callerOf(command, owners);
    if (!names.includes(name)) {
      names.push(name);
      lists.push([]);
    }
    const program = names.indexOf(name);
    const list = lists[program] as Order[];
    list.push({ command, after: list.length === 0 ? (made.get(name) ?? null) : null });
    if (command.verb === 'fork') made.set(command.child, { program, count: list.length });
  }
  return names.map((name, index) => ({ name, commands: lists[index] as Order[] }));
}

/** The thread that a command is given to. */
function callerOf(command: Command, owners: ReadonlyMap<string, string>): string {
  switch (command.verb) {
    case 'process':
    case 'thread':
      return command.name;
    case 'bind':
    case 'unbind':
      return command.by ?? command.process;
    case 'vfio':
      return command.act === 'open' ? command.process : (owners.get(command.container) ?? 'script');
    case 'swap-out':
      return 'kswapd';
    case 'migrate':
      return 'kcompactd';
    case 'enable-pri':
    case 'iommu-map':
    case 'iommu-unmap':
    case 'alloc-pasid':
    case 'free-pasid':
      return 'driver';
    default:
      return 'process' in command ? command.process : 'by' in command ? 'driver' : 'script';
  }
}

/** How far each program has come, and where the regions are that they named: what the script adds to a state. */
export interface Part {
  readonly counts: readonly number[];
  readonly regions: Play['regions'];
  readonly h0: number;
  readonly h1: number;
}

/** Parts met so far, each once: few, as a script has few lines. */
export interface Parts {
  readonly list: Part[];
  readonly numbers: Map<string, number>;
}

export function createParts(): Parts {
  return { list: [], numbers: new Map() };
}

/** The number of the part with these counts and regions. */
export function partFor(parts: Parts, counts: readonly number[], regions: Play['regions']): number {
  const text = `${counts.join(' ')};${regionsText(regions)}`;
  const known = parts.numbers.get(text);
  if (known !== undefined) return known;
  let h0 = 0x5f3759df;
  let h1 = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    h0 = mix0(h0, text.charCodeAt(i));
    h1 = mix1(h1, text.charCodeAt(i));
  }
  const number = parts.list.push({ counts, regions: copyOf(regions), h0: finish0(h0), h1: finish1(h1) }) - 1;
  parts.numbers.set(text, number);
  return number;
}

function regionsText(regions: Play['regions']): string {
  const lines = [...regions].map(([process, known]) => {
    const places = [...known].map(([name, page]) => `${name}=${page}`).sort();
    return `${process}:${places.join()}`;
  });
  return lines.sort().join(';');
}

/** A copy in which threads still share the regions of their process. */
function copyOf(regions: Play['regions']): Play['regions'] {
  const copies = new Map([...regions.values()].map((known) => [known, new Map(known)]));
  return new Map([...regions].map(([process, known]) => [process, copies.get(known) as Map<string, number>]));
}

/** The thread that a program speaks to: the living one of its name; none before it is made. */
export function threadOf(world: World, { name }: Program): Actor | undefined {
  const task = tasks.first(world, (row) => row.name === name && row.state !== 'dead');
  return task === undefined ? actors.first(world, (row) => row.name === name) : actors.find(world, task.actor);
}

/** Whether it is still busy with what it was told before. */
const isBusy = (world: World, program: Program): boolean => (threadOf(world, program)?.frame ?? null) !== null;

/** What a program tells its thread next, null if it has nothing to tell or has to wait. */
export function nextOrder(
  world: World,
  programs: readonly Program[],
  counts: readonly number[],
  index: number,
): Order | null {
  const program = programs[index] as Program;
  const order = program.commands[counts[index] as number];
  if (order === undefined || isBusy(world, program)) return null;
  const { after } = order;
  if (after === null) return order;
  const other = programs[after.program] as Program;
  const done = counts[after.program] as number;
  const isOver = done > after.count || (done === after.count && !isBusy(world, other));
  return isOver ? order : null;
}

/** Gives an order; null if it was taken, else the errno with which it was refused, and nothing has changed. */
export function give(play: Play, part: Part, { command }: Order): string | null {
  play.regions.clear();
  for (const [process, known] of copyOf(part.regions)) play.regions.set(process, known);
  const { state, errno } = playCommand(play, postedForm(command));
  play.outcomes.length = 0;
  play.marks.length = 0;
  play.lastErrno = null;
  return state === 'refused' ? (errno ?? 'EINVAL') : null;
}

/** The parts with one more order given by a program. */
export function partAfter(parts: Parts, { counts }: Part, program: number, regions: Play['regions']): number {
  const given = counts.map((count, at) => (at === program ? count + 1 : count));
  return partFor(parts, given, regions);
}

/** Commands that are one event: they cannot be posted. */
const AT_ONCE: ReadonlySet<Verb> = new Set(['fail-alloc', 'on-fault', 'on-invalidate', 'process', 'thread']);

/** The command as it is given in a search: nobody waits for it. */
export function postedForm(command: Command): Command {
  return AT_ONCE.has(command.verb) ? command : { ...command, background: true };
}
