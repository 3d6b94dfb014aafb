import { look } from '../export/inspect.ts';
import { type Cells, columnInWords, tableOf } from '../export/row-fields.ts';
import { sentenceOf } from '../export/story.ts';
import { at, type Machine } from '../machine/machine.ts';
import { now } from '../sim/clock.ts';
import { inWords } from '../sim/telling.ts';
import { readWord } from '../world/memory.ts';
import { ringLength } from '../world/ring.ts';
import type { Table } from '../world/table.ts';
import type { EventName, Expression, Operator } from './expression.ts';

/** A value as the inspector writes it, and as a number where it is one. */
export interface Value {
  readonly words: string;
  readonly number: number | null;
}

/** What is not there. */
export const NONE: Value = { words: 'none', number: null };

const textValue = (words: string): Value => ({ words, number: null });
const numberValue = (number: number): Value => ({ words: String(number), number });
const truth = (holds: boolean): Value => ({ words: holds ? 'yes' : 'no', number: holds ? 1 : 0 });

export function isTrue({ words, number }: Value): boolean {
  return number === null ? words !== NONE.words && words !== '' : number !== 0;
}

/** The value of an expression at the moment that the machine stands at. `row` is the one that `where` looks at. */
export function evaluate(machine: Machine, expression: Expression, row: Row | null = null): Value {
  switch (expression.kind) {
    case 'number':
      return numberValue(expression.value);
    case 'text':
      return textValue(expression.value);
    case 'event':
      return eventValue(machine, expression.name);
    case 'field':
      return fieldValue(machine, expression.key, expression.field);
    case 'cell':
      return row === null ? NONE : cellValue(machine, row.table, row.cells, expression.field);
    case 'count':
      return numberValue(countOf(machine, expression.table, expression.where));
    case 'length':
      return lengthOf(machine, expression.queue);
    case 'not':
      return truth(!isTrue(evaluate(machine, expression.of, row)));
    case 'both':
      return both(machine, expression, row);
  }
}

interface Row {
  readonly table: string;
  readonly cells: Cells;
}

function both(machine: Machine, { operator, left, right }: Both, row: Row | null): Value {
  const one = evaluate(machine, left, row);
  if (operator === 'and' && !isTrue(one)) return truth(false);
  if (operator === 'or' && isTrue(one)) return truth(true);
  const other = evaluate(machine, right, row);
  if (operator === 'and' || operator === 'or') return truth(isTrue(other));
  if (operator === '+' || operator === '-') {
    if (one.number === null || other.number === null) return NONE;
    return numberValue(operator === '+' ? one.number + other.number : one.number - other.number);
  }
  return truth(compare(operator, one, other));
}

type Both = Extract<Expression, { kind: 'both' }>;

/** Two numbers are compared as numbers, all else as it is written. */
function compare(operator: Exclude<Operator, 'and' | 'or' | '+' | '-'>, one: Value, other: Value): boolean {
  if (operator === '~') return one.words.toLowerCase().includes(other.words.toLowerCase());
  const numbers = one.number !== null && other.number !== null;
  const same = numbers ? one.number === other.number : one.words === other.words;
  if (operator === '=') return same;
  if (operator === '!=') return !same;
  if (one.number === null || other.number === null) return false;
  if (operator === '<') return one.number < other.number;
  if (operator === '<=') return one.number <= other.number;
  return operator === '>' ? one.number > other.number : one.number >= other.number;
}

/** What the event that led to this moment says of itself. */
function eventValue(machine: Machine, name: EventName): Value {
  if (name === 'event') return numberValue(at(machine));
  if (name === 'time') return numberValue(now(machine.world));
  const entry = machine.trace[at(machine) - 1];
  if (entry === undefined) return NONE;
  switch (name) {
    case 'step':
      return textValue(entry.step);
    case 'who':
      return textValue(entry.who);
    case 'sentence':
      return textValue(sentenceOf(entry));
    case 'message':
      return textValue(entry.messages.map(({ text }) => text).join('; '));
    case 'chapter':
      return entry.chapter === null ? NONE : textValue(entry.chapter);
    case 'fault':
      return truth(entry.fault);
  }
}

/** A field of a thing, read as the inspector reads it; rows may go by their names. */
function fieldValue(machine: Machine, key: string, field: string): Value {
  const [kind = '', id = ''] = key.split('/');
  const table = tableOf(machine.world, kind);
  if (table !== undefined) {
    const row = rowOf(machine, table, id);
    return row === undefined ? NONE : cellValue(machine, kind, row, field);
  }
  const found = look(machine, key);
  const bits = found?.records.flatMap((record) => record.bits).find(({ name }) => name === field);
  if (bits !== undefined) {
    const number = Number(`0x${bits.hex.replace(/^0x/, '')}`);
    return { words: bits.value || `0x${number.toString(16)}`, number };
  }
  const told = found?.fields.find(({ name }) => name === field);
  return told === undefined ? NONE : { words: told.value, number: numberIn(told.value) };
}

function rowOf(machine: Machine, table: Table<Cells>, id: string): Cells | undefined {
  if (/^\d+$/.test(id)) return table.find(machine.world, Number(id));
  return table.first(machine.world, (row) => row['name'] === id || inWords(machine.world, table.name, row.id) === id);
}

function cellValue(machine: Machine, table: string, cells: Cells, field: string): Value {
  const raw = cells[field];
  const { value } = columnInWords(machine.world, table, field, raw);
  return { words: value, number: numberIn(value) ?? (typeof raw === 'number' ? raw : null) };
}

function numberIn(words: string): number | null {
  return /^(0x[\da-f]+|-?\d+)$/.test(words) ? Number(words) : null;
}

function countOf(machine: Machine, name: string, where: Expression | null): number {
  const rows = tableOf(machine.world, name)?.all(machine.world) ?? [];
  return where === null
    ? rows.length
    : rows.filter((cells) => isTrue(evaluate(machine, where, { table: name, cells }))).length;
}

/** What a queue goes by in an expression: smmu0/priq. */
export function queueName({ name }: { readonly name: string }): string {
  return name.replaceAll(' ', '/');
}

/** Records between consumer and producer of a queue. */
function lengthOf({ world }: Machine, name: string): Value {
  const ring = world.rings.find((each) => queueName(each) === name);
  if (ring === undefined) return NONE;
  const prod = readWord(world, ring.prodPage, ring.prodOffset);
  const cons = readWord(world, ring.consPage, ring.consOffset);
  return numberValue(ringLength(ring, prod, cons));
}
