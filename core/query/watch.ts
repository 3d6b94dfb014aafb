import { ok, type Result } from '../lib/result.ts';
import { at, eventsOf, type Machine, seek } from '../machine/machine.ts';
import { evaluate, isTrue, queueName, type Value } from './evaluate.ts';
import { type Expression, isOfEvent, type Problem, type Vocabulary } from './expression.ts';
import { parseExpression } from './parse.ts';

/** An expression over every event of a run. */
export interface Series {
  /** Events after which the value was another one, ascending from 0, and the value from then on. */
  readonly events: readonly number[];
  readonly values: readonly Value[];
  /**
   * Events at which a stop on it stops, ascending. One about the state stops where it becomes true; one about the
   * event itself stops at each event that fits.
   */
  readonly stops: readonly number[];
  /** Number of events of the run. */
  readonly last: number;
}

/** What can be named in expressions over this machine. */
export function vocabularyOf({ world }: Machine): Vocabulary {
  return {
    tables: new Map(world.schema.tables.map((table) => [table.name, table.describe().map(({ key }) => key)])),
    queues: world.rings.map(queueName),
  };
}

/** Evaluates an expression after every event of the run; the machine stands afterwards where it stood. */
export function seriesOf(machine: Machine, text: string): Result<Series, Problem> {
  const parsed = parseExpression(text, vocabularyOf(machine));
  if (!parsed.ok) return parsed;
  const moment = at(machine);
  const { world } = machine;
  // Whoever asks what was written since the last event must not miss it for our going to and fro.
  const written = { tables: world.writtenTables, frames: world.writtenFrames };
  const series = scan(machine, parsed.value);
  seek(machine, moment);
  world.writtenTables |= written.tables;
  world.writtenFrames |= written.frames;
  return ok(series);
}

function scan(machine: Machine, expression: Expression): Series {
  const { world } = machine;
  const last = eventsOf(machine);
  const ofEvent = isOfEvent(expression);
  const events: number[] = [];
  const values: Value[] = [];
  const stops: number[] = [];
  seek(machine, 0);
  let reads = { tables: ~0, frames: ~0 };
  let held = true;
  world.writtenTables = ~0;
  for (let event = 0; event <= last; event++) {
    if (event > 0) world.forward();
    // It reads rows and words and nothing else: where none of them was written it says what it said.
    if (!ofEvent && (world.writtenTables & reads.tables) === 0 && (world.writtenFrames & reads.frames) === 0) continue;
    world.readTables = 0;
    world.readFrames = 0;
    const value = evaluate(machine, expression);
    reads = { tables: world.readTables, frames: world.readFrames };
    world.writtenTables = 0;
    world.writtenFrames = 0;
    if (values.at(-1)?.words !== value.words) {
      events.push(event);
      values.push(value);
    }
    const holds = isTrue(value);
    if (holds && event > 0 && (ofEvent || !held)) stops.push(event);
    held = holds;
  }
  return { events, values, stops, last };
}

/** The value after an event. */
export function valueAt({ events, values }: Series, event: number): Value {
  return values[indexAt(events, event)] as Value;
}

/** Index of the last of some ascending events that is not after this one; -1 for none. */
export function indexAt(events: readonly number[], event: number): number {
  let low = -1;
  let high = events.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((events[middle] as number) <= event) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The nearest stop after or before an event, null for none. */
export function stopFrom({ stops }: Series, event: number, direction: 1 | -1): number | null {
  const before = indexAt(stops, direction === 1 ? event : event - 1);
  return stops[direction === 1 ? before + 1 : before] ?? null;
}
