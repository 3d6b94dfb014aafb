import { err, ok, type Result } from '../lib/result.ts';
import { suggestion } from '../lib/suggestion.ts';
import {
  COMPARISONS,
  EVENT_NAMES,
  type Expression,
  type Operator,
  type Problem,
  RECORD_KINDS,
  type Vocabulary,
} from './expression.ts';

/** Longest expression that is read, in characters: also what bounds how deep it can be nested. */
const LONGEST = 400;

interface Token {
  readonly kind: 'number' | 'word' | 'quoted' | 'sign' | 'end';
  readonly text: string;
  readonly column: number;
}

/** An expression that is being read. */
interface Reading {
  readonly tokens: readonly Token[];
  readonly known: Vocabulary;
  at: number;
  /** The first thing that was wrong. */
  problem: Problem | null;
  /** The table whose rows are looked at, inside of `where`. */
  table: string | null;
}

/** Reads an expression; the error says what is wrong and where. */
export function parseExpression(text: string, known: Vocabulary): Result<Expression, Problem> {
  if (text.length > LONGEST) return err({ message: `an expression has at most ${LONGEST} characters`, column: 1 });
  const reading: Reading = { tokens: tokensOf(text), known, at: 0, problem: null, table: null };
  const value = chainOf(reading, ['or'], (inner) => chainOf(inner, ['and'], negation));
  const rest = peek(reading);
  if (rest.kind !== 'end') wrong(reading, rest, `"${rest.text}" is not expected here`);
  return reading.problem === null ? ok(value) : err(reading.problem);
}

const TOKEN =
  /(?<number>0x[\da-f]+|\d+(?![\w/-]))|(?<word>[\da-z_][\w-]*(?:\/[\w-]+)*)|"(?<quoted>[^"]*)"|(?<sign>!=|<=|>=|\S)/giy;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ; ) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) return [...tokens, { kind: 'end', text: 'the end', column: at + 1 }];
    const kind = (['number', 'word', 'quoted', 'sign'] as const).find((each) => groups[each] !== undefined) ?? 'end';
    tokens.push({ kind, text: groups[kind] ?? '', column: at + 1 });
    at = TOKEN.lastIndex;
  }
}

const NOTHING: Expression = { kind: 'number', value: 0 };

/** Notes what is wrong, unless something was before it, and reads no further. */
function wrong(reading: Reading, { column }: Token, message: string): Expression {
  reading.problem ??= { message, column };
  reading.at = reading.tokens.length - 1;
  return NOTHING;
}

function peek({ tokens, at }: Reading, ahead = 0): Token {
  return tokens[Math.min(at + ahead, tokens.length - 1)] as Token;
}

function take(reading: Reading): Token {
  const token = peek(reading);
  if (token.kind !== 'end') reading.at += 1;
  return token;
}

/** Takes the next token if it is this word or sign. */
function takes(reading: Reading, text: string): boolean {
  const { kind, text: found } = peek(reading);
  if ((kind !== 'word' && kind !== 'sign') || found !== text) return false;
  reading.at += 1;
  return true;
}

function want(reading: Reading, text: string, why: string): void {
  const token = peek(reading);
  if (!takes(reading, text)) wrong(reading, token, `"${text}" is missing here: ${why}`);
}

type Reader = (reading: Reading) => Expression;

/** Operands with operators of one strength between them, from the left. */
function chainOf(reading: Reading, operators: readonly Operator[], operand: Reader): Expression {
  let left = operand(reading);
  for (;;) {
    const operator = operators.find((each) => takes(reading, each));
    if (operator === undefined) return left;
    left = { kind: 'both', operator, left, right: operand(reading) };
  }
}

function negation(reading: Reading): Expression {
  if (takes(reading, 'not')) return { kind: 'not', of: negation(reading) };
  const left = sum(reading);
  const operator = COMPARISONS.find((each) => takes(reading, each));
  if (operator === undefined) return left;
  return { kind: 'both', operator, left, right: loneWord(reading) ?? sum(reading) };
}

const sum: Reader = (reading) => chainOf(reading, ['+', '-'], term);

/** A word at the right of a comparison that names nothing is a text: state = waiting. */
function loneWord(reading: Reading): Expression | null {
  const { kind, text } = peek(reading);
  const next = peek(reading, 1).text;
  const names = reading.table === null ? EVENT_NAMES : (reading.known.tables.get(reading.table) ?? []);
  if (kind !== 'word' || next === '.' || next === '(' || (names as readonly string[]).includes(text)) return null;
  take(reading);
  return { kind: 'text', value: text };
}

function term(reading: Reading): Expression {
  const token = take(reading);
  if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
  if (token.kind === 'quoted') return { kind: 'text', value: token.text };
  if (token.kind === 'word') return named(reading, token);
  if (token.text !== '(') return wrong(reading, token, `a value is missing here, before ${token.text}`);
  const inner = chainOf(reading, ['or'], (each) => chainOf(each, ['and'], negation));
  want(reading, ')', 'a parenthesis is open');
  return inner;
}

function named(reading: Reading, token: Token): Expression {
  const { text } = token;
  if (text === 'count' && takes(reading, '(')) return count(reading);
  if (text === 'length' && takes(reading, '(')) return queueLength(reading);
  if (takes(reading, '.')) return field(reading, token);
  if (reading.table !== null) return cell(reading, token);
  const name = EVENT_NAMES.find((each) => each === text);
  if (name !== undefined) return { kind: 'event', name };
  const told = `there is no ${text}; there is ${EVENT_NAMES.join(', ')}, count(...), length(...) and THING.FIELD`;
  return wrong(reading, token, told);
}

function cell(reading: Reading, token: Token): Expression {
  const table = reading.table ?? '';
  const fields = reading.known.tables.get(table) ?? [];
  if (!fields.includes(token.text)) return wrong(reading, token, noField(table, token.text, fields));
  return { kind: 'cell', field: token.text };
}

function noField(thing: string, name: string, fields: readonly string[]): string {
  return `${thing} has no field ${name}${suggestion(name, fields)}; it has ${fields.join(', ')}`;
}

function field(reading: Reading, { text: key, column }: Token): Expression {
  const token = take(reading);
  if (token.kind === 'end' || token.kind === 'sign')
    return wrong(reading, token, 'the name of a field is missing here');
  const [kind = '', id] = key.split('/');
  const kinds = [...reading.known.tables.keys(), ...RECORD_KINDS];
  const place = { ...token, column };
  if (!kinds.includes(kind))
    return wrong(reading, place, `there is nothing of the kind ${kind}${suggestion(kind, kinds)}`);
  if (id === undefined) return wrong(reading, place, `which ${kind} is meant? For instance ${kind}/0`);
  const fields = reading.known.tables.get(kind);
  if (fields !== undefined && !fields.includes(token.text))
    return wrong(reading, token, noField(kind, token.text, fields));
  return { kind: 'field', key, field: token.text, column: token.column };
}

function count(reading: Reading): Expression {
  const token = take(reading);
  const tables = [...reading.known.tables.keys()];
  if (!reading.known.tables.has(token.text)) {
    return wrong(reading, token, `there is no table ${token.text}${suggestion(token.text, tables)}`);
  }
  if (reading.table !== null)
    return wrong(reading, token, 'rows are counted for themselves, not for each row of another');
  let where: Expression | null = null;
  if (takes(reading, 'where')) {
    reading.table = token.text;
    where = chainOf(reading, ['or'], (each) => chainOf(each, ['and'], negation));
    reading.table = null;
  }
  want(reading, ')', 'it ends what is counted');
  return { kind: 'count', table: token.text, where };
}

function queueLength(reading: Reading): Expression {
  const token = take(reading);
  const { queues } = reading.known;
  if (!queues.includes(token.text)) {
    return wrong(reading, token, `there is no queue ${token.text}; there is ${queues.join(', ')}`);
  }
  want(reading, ')', 'it ends what is measured');
  return { kind: 'length', queue: token.text };
}
