import { type Command, parseScript, printCommand } from '../script/index.ts';
import { actors } from '../sim/actor.ts';
import { renamedMove } from './ground.ts';
import type { Program } from './programs.ts';
import type { Start } from './start.ts';

/**
 * Threads that a script tells the same, but for names that can be exchanged: of processes, devices, regions and whatever else it
 * names. Exchanges are numbered, 0 leaves all as it is; together they are a group.
 */
export interface Alike {
  /** The names that stand for one another, set by set. */
  readonly names: readonly (readonly string[])[];
  /** By exchange: the same move of whoever has the other name. */
  readonly moves: readonly ((move: number) => number)[];
  /** By two exchanges: the one that does the second and then the first. */
  readonly both: readonly (readonly number[])[];
}

/** By name: the one that takes its place; a name that stays is its own. */
type Exchange = ReadonlyMap<string, string>;

/** More exchanges than those of four who are alike cost more than they save. */
const MOST_EXCHANGES = 24;

/**
 * Who is alike at the beginning of a run, null if nobody is. Later nobody is taken for another: what was done there was done in
 * one order, and where that shows, as in a cache that replaces its oldest entry, two who were told the same differ.
 */
export function alikeIn(start: Start): Alike | null {
  if (start.event > 0) return null;
  const script = scriptOf(start);
  const pairs = start.programs.flatMap((one, at) => start.programs.slice(at + 1).map((other) => [one, other] as const));
  const found = pairs.flatMap(([one, other]) => exchangeOf(script, one, other) ?? []);
  const group = groupOf(found, [...script.names]);
  const moves = group.flatMap((exchange) => movesBy(start, exchange) ?? []);
  if (group.length === 1 || moves.length < group.length) return null;
  const numbers = new Map(group.map((exchange, number) => [keyOf(exchange), number]));
  const both = group.map((first) => group.map((second) => numbers.get(keyOf(product(first, second))) as number));
  return { names: setsOf(group), moves, both };
}

/** What leads to the first state, as commands, the programs by name, and all names that can be exchanged. */
interface Script {
  readonly stage: readonly Command[];
  readonly programs: ReadonlyMap<string, Program>;
  readonly names: ReadonlySet<string>;
}

/** Fields of commands that hold a name of something that a script may have two of. */
const NAMED = ['process', 'name', 'child', 'container', 'device', 'region', 'domain', 'space'] as const;

function scriptOf({ lines, programs }: Start): Script {
  const stage = parseScript(lines.join('\n')).commands;
  const all = [...stage, ...programs.flatMap(({ commands }) => commands.map(({ command }) => command))];
  const names = all.flatMap((command) => {
    const fields = command as unknown as Readonly<Record<string, unknown>>;
    return NAMED.flatMap((field) => (typeof fields[field] === 'string' ? [fields[field]] : [])).concat(busOf(command));
  });
  return {
    stage,
    programs: new Map(programs.map((program) => [program.name, program])),
    names: new Set([...names, ...programs.map(({ name }) => name)]),
  };
}

/** Where a device sits is its name on the bus. */
const busOf = (command: Command): string[] =>
  command.verb === 'device' ? wordsOf(command).filter((word) => BUS_ADDRESS.test(word)) : [];

const BUS_ADDRESS = /^[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;
const WORDS = /[\w.:-]+|[^\w.:-]+/g;

const wordsOf = (command: Command): string[] => printCommand(command).match(WORDS) ?? [];

/** The exchange that makes each of two programs the other one and leaves the script as it is; null if there is none. */
function exchangeOf(script: Script, one: Program, other: Program): Exchange | null {
  if (one.commands.length !== other.commands.length) return null;
  const exchange = new Map<string, string>();
  const agree = (from: string, to: string): boolean => {
    if (from === to && !script.names.has(from)) return true;
    if (!script.names.has(from) || !script.names.has(to)) return false;
    if ((exchange.get(from) ?? to) !== to || (exchange.get(to) ?? from) !== from) return false;
    exchange.set(from, to).set(to, from);
    return true;
  };
  const agreeIn = (left: readonly string[], right: readonly string[]): boolean =>
    left.length === right.length && left.every((word, at) => agree(word, right[at] as string));
  const linesAgree = one.commands.every(({ command }, at) => {
    const there = other.commands[at]?.command;
    return there !== undefined && agreeIn(wordsOf(command), wordsOf(there));
  });
  if (!agree(one.name, other.name) || !linesAgree) return null;
  const devices = script.stage.filter(({ verb }) => verb === 'device');
  const deviceOf = (name: string): Command | undefined =>
    devices.find((command) => 'name' in command && command.name === name);
  const busesAgree = [...exchange].every(([from, to]) => {
    const [here, there] = [deviceOf(from), deviceOf(to)];
    return here === undefined || there === undefined || agreeIn(wordsOf(here), wordsOf(there));
  });
  return busesAgree && leavesAsItIs(script, exchange) ? exchange : null;
}

/** What leads to the first state, in any order, and what each thread is told. */
function leavesAsItIs({ stage, programs }: Script, exchange: Exchange): boolean {
  const renamed = (command: Command): string => textBy(exchange, wordsOf(command));
  const lines = stage.map(printCommand).sort();
  const others = stage.map(renamed).sort();
  const isSameProgram = ({ name, commands }: Program): boolean => {
    const there = programs.get(exchange.get(name) ?? name);
    return (
      there?.commands.length === commands.length &&
      commands.every(({ command, after }, at) => {
        const order = there.commands[at];
        return (
          order !== undefined &&
          after === null &&
          order.after === null &&
          renamed(command) === printCommand(order.command)
        );
      })
    );
  };
  return lines.every((line, at) => line === others[at]) && [...programs.values()].every(isSameProgram);
}

const textBy = (exchange: Exchange, words: readonly string[]): string =>
  words.map((word) => exchange.get(word) ?? word).join('');

/** All exchanges that some others come to, one after another; one that would make too many is left out. */
function groupOf(found: readonly Exchange[], names: readonly string[]): Exchange[] {
  const nothing: Exchange = new Map();
  let group = [nothing];
  let generators: Exchange[] = [];
  for (const exchange of found) {
    const larger = closureOf([...generators, exchange], names);
    if (larger === null) continue;
    generators = [...generators, exchange];
    group = larger;
  }
  return group;
}

function closureOf(generators: readonly Exchange[], names: readonly string[]): Exchange[] | null {
  const group: Exchange[] = [new Map(names.map((name) => [name, name]))];
  const known = new Set(group.map(keyOf));
  for (let at = 0; at < group.length; at++) {
    for (const generator of generators) {
      const next = product(generator, group[at] as Exchange);
      if (known.has(keyOf(next))) continue;
      if (group.length === MOST_EXCHANGES) return null;
      known.add(keyOf(next));
      group.push(next);
    }
  }
  return group;
}

/** The second exchange and then the first. */
const product = (first: Exchange, second: Exchange): Exchange =>
  new Map([...second].map(([name, to]) => [name, first.get(to) ?? to]));

const keyOf = (exchange: Exchange): string => [...exchange].map(([name, to]) => `${name}=${to}`).join();

/** The names that some exchange puts in the place of another one, each with all that take its place. */
function setsOf(group: readonly Exchange[]): string[][] {
  const sets = new Map<string, string[]>();
  const names = [...(group[0]?.keys() ?? [])];
  for (const name of names) {
    const images = new Set(group.map((exchange) => exchange.get(name)));
    const set = names.filter((each) => images.has(each));
    if (set.length > 1 && !BUS_ADDRESS.test(name)) sets.set(set.join(), set);
  }
  return [...sets.values()];
}

/** What becomes of a move; null if somebody who could move at first has no counterpart. */
function movesBy({ machine, programs }: Start, exchange: Exchange): ((move: number) => number) | null {
  const all = actors.all(machine.world);
  const counterparts = new Map<number, number>();
  for (const { id, name, lane } of all) {
    const [there, path] = [textBy(exchange, name.split(/( )/)), exchange.get(lane) ?? lane];
    const other = all.find((actor) => actor.name === there && actor.lane === path);
    if (other === undefined) return null;
    counterparts.set(id, other.id);
  }
  const program = programs.map(({ name }) => programs.findIndex((each) => each.name === (exchange.get(name) ?? name)));
  return (move) =>
    renamedMove(
      move,
      (actor) => counterparts.get(actor) ?? actor,
      (index) => program[index] as number,
    );
}
