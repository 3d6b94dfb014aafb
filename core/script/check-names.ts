import { suggestion } from '../lib/suggestion.ts';
import type { Address, Command, Field } from './command.ts';
import type { Diagnostic } from './diagnostics.ts';
import { LANGUAGE } from './grammar.ts';
import { matchWords } from './match.ts';
import { linesOf } from './parse.ts';
import { partsPrinted, printCommand } from './print.ts';
import * as type from './values.ts';
import { splitLine } from './words.ts';

/** What every program has, beside what it maps. */
const USUAL_REGIONS = ['text', 'stack'];

/** What a script has named so far. */
interface Declared {
  readonly processes: Map<string, Set<string> | 'any region'>;
  readonly devices: Set<string>;
}

/** A name in a command that stands for something declared before. */
interface Use {
  readonly noun: 'process' | 'device' | 'region';
  readonly name: string;
  readonly field: Field;
}

/**
 * The first use of each process, device or region that no command before it declares. Columns are those of the script's
 * text; without it, of the printed command.
 */
export function checkNames(commands: readonly Command[], text = ''): readonly Diagnostic[] {
  const lines = linesOf(text);
  const declared: Declared = { processes: new Map(), devices: new Set() };
  return commands.flatMap((command) => {
    const source = lines[command.line - 1] || printCommand(command);
    const found = usesIn(command).flatMap((use) => check(declared, command, use, source) ?? []);
    declare(declared, command);
    return found;
  });
}

function usesIn(command: Command): readonly Use[] {
  return partsPrinted(command).flatMap(({ param, value }): readonly Use[] => {
    if (param?.type === type.processName) return [{ noun: 'process', name: String(value), field: param.field }];
    if (param?.type === type.deviceName) return [{ noun: 'device', name: String(value), field: param.field }];
    if (param?.type !== type.address) return [];
    const place = value as Address;
    return place.kind === 'region' ? [{ noun: 'region', name: place.region, field: param.field }] : [];
  });
}

/** Reports a name that nobody declared, and takes it as declared from then on: one mistake is told once. */
function check(declared: Declared, command: Command, use: Use, source: string): Diagnostic | null {
  const process = 'process' in command ? (command.process ?? '') : '';
  const names = namesLike(declared, use, process);
  if (names === 'any' || names.includes(use.name)) return null;
  assume(declared, use, process);
  const owner = use.noun === 'region' ? ` in ${process}` : '';
  const message = `no command before this one declares the ${use.noun} "${use.name}"${owner}${suggestion(use.name, names)}`;
  return { line: command.line, ...columnsOf(use, source), message, expected: names };
}

function namesLike({ processes, devices }: Declared, { noun }: Use, process: string): readonly string[] | 'any' {
  if (noun === 'process') return [...processes.keys()];
  if (noun === 'device') return [...devices];
  const regions = processes.get(process);
  return regions === undefined || regions === 'any region' ? 'any' : [...regions];
}

function assume({ processes, devices }: Declared, { noun, name }: Use, process: string): void {
  if (noun === 'process') processes.set(name, 'any region');
  if (noun === 'device') devices.add(name);
  if (noun === 'region') addRegion(processes, process, name);
}

function declare({ processes, devices }: Declared, command: Command): void {
  if (command.verb === 'process')
    processes.set(command.name, command.maps === null ? new Set(USUAL_REGIONS) : 'any region');
  if (command.verb === 'device') devices.add(command.name);
  if (command.verb === 'mmap') addRegion(processes, command.process, command.region);
  if (command.verb === 'thread') processes.set(command.name, processes.get(command.process) ?? 'any region');
  if (command.verb === 'fork') {
    const regions = processes.get(command.process) ?? 'any region';
    processes.set(command.child, regions === 'any region' ? regions : new Set(regions));
  }
}

function addRegion(processes: Declared['processes'], process: string, region: string): void {
  const regions = processes.get(process);
  if (regions !== undefined && regions !== 'any region') regions.add(region);
}

function columnsOf({ field }: Use, source: string): Pick<Diagnostic, 'column' | 'endColumn'> {
  const { taken } = matchWords(LANGUAGE, splitLine(source).words);
  const found = taken.find(({ phrase }) => phrase.kind === 'param' && phrase.field === field);
  return { column: found?.word.column ?? 1, endColumn: found?.word.endColumn ?? source.length + 1 };
}
