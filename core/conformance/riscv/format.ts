/** Files of differential cases: one JSON object a line, in the form that testdata/SCHEMA.md describes. */
import { err, ok, type Result } from '../../lib/result.ts';

/** A number wider than 32 bits, as 0x and hex digits without leading zeros. */
type Hex = string;

/** Any object of the file that was not looked into yet. */
export type Json = Readonly<Record<string, unknown>>;

export interface QueueSetup {
  readonly base: Hex;
  readonly log2: number;
  readonly on: number;
  readonly ie: number;
  readonly head: number;
}

export type Step = Readonly<
  {
    readonly out: Json;
    /** What the reference model would answer if a known defect of it were mended. */
    readonly alt?: Json;
    /** Name of that defect. */
    readonly q?: string;
  } & Inputs
>;

type Inputs =
  | ({ readonly op: 'req'; readonly iova: Hex } & Record<
      'at' | 'did' | 'pv' | 'pid' | 'nw' | 'ex' | 'pr' | 'cxl' | 'rw',
      number
    >)
  | ({ readonly op: 'pr'; readonly payload: Hex } & Record<'rid' | 'dsv' | 'dseg' | 'pv' | 'pid' | 'pr' | 'ex', number>)
  | { readonly op: 'cmd'; readonly n: string; readonly lo: Hex; readonly hi: Hex }
  | ({ readonly op: 'inv' } & Record<'itv' | 'cc' | 'rid' | 'dsv' | 'dseg', number>)
  | { readonly op: 'mem'; readonly w: readonly (readonly [Hex, Hex])[] }
  | { readonly op: 'reg'; readonly off: number; readonly v: number };

export interface Case {
  readonly id: number;
  readonly cls: string;
  readonly caps: Hex;
  readonly fctl: number;
  readonly ddtp: Hex;
  readonly fq: QueueSetup;
  readonly pq: QueueSetup;
  readonly cq: Pick<QueueSetup, 'base' | 'log2' | 'on'>;
  readonly msi?: { readonly icvec: number; readonly addr: Hex; readonly data: number };
  readonly mem: readonly (readonly [Hex, Hex])[];
  readonly att?: readonly (readonly [Hex, 'x' | 'w' | 'p'])[];
  readonly steps: readonly Step[];
  readonly end: Json;
  readonly endAlt?: Json;
}

type Kind = 'int' | 'hex' | 'text' | 'object' | 'pairs' | 'list' | 'queue';

const CASE: Readonly<Record<string, Kind>> = {
  ...{ id: 'int', cls: 'text', caps: 'hex', fctl: 'int', ddtp: 'hex', fq: 'queue', pq: 'queue', cq: 'queue' },
  ...{ mem: 'pairs', steps: 'list', end: 'object' },
};
const ints = (...names: string[]): Record<string, Kind> => Object.fromEntries(names.map((name) => [name, 'int']));
const STEPS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  req: { ...ints('at', 'did', 'pv', 'pid', 'nw', 'ex', 'pr', 'cxl', 'rw'), iova: 'hex' },
  pr: { ...ints('rid', 'dsv', 'dseg', 'pv', 'pid', 'pr', 'ex'), payload: 'hex' },
  cmd: { n: 'text', lo: 'hex', hi: 'hex' },
  inv: ints('itv', 'cc', 'rid', 'dsv', 'dseg'),
  mem: { w: 'pairs' },
  reg: ints('off', 'v'),
};

const HEX = /^0x(0|[1-9a-f][0-9a-f]{0,15})$/;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isHex = (value: unknown): boolean => typeof value === 'string' && HEX.test(value);
const isInt = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;

const CHECKS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  int: isInt,
  hex: isHex,
  text: (value) => typeof value === 'string',
  object: isObject,
  list: Array.isArray,
  pairs: (value) => Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.every(isHex)),
  queue: (value) => isObject(value) && isHex(value['base']) && isInt(value['log2']) && isInt(value['on']),
};
const WORDS: Readonly<Record<Kind, string>> = {
  int: 'a number below 2^32',
  hex: 'a hex string such as "0x1f"',
  text: 'a text',
  object: 'an object',
  list: 'a list',
  pairs: 'a list of [address, value] in hex',
  queue: 'an object with base, log2 and on',
};

/** Reads one line; the error says what is wrong with it. */
export function readCase(line: string): Result<Case, string> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return err(line.startsWith('{') ? 'it is cut, or no JSON' : 'it is no JSON object');
  }
  if (!isObject(value)) return err('it is no JSON object');
  const wrong = wrongIn(value, CASE) ?? wrongStep(value['steps'] as readonly unknown[]);
  return wrong === null ? ok(value as unknown as Case) : err(`it is of another schema: ${wrong}`);
}

function wrongIn(object: Json, kinds: Readonly<Record<string, Kind>>): string | null {
  for (const [name, kind] of Object.entries(kinds)) {
    if (object[name] === undefined) return `"${name}" is missing`;
    if (!CHECKS[kind](object[name])) return `"${name}" is not ${WORDS[kind]}`;
  }
  return null;
}

function wrongStep(steps: readonly unknown[]): string | null {
  for (const [index, step] of steps.entries()) {
    const where = `step ${index + 1}`;
    if (!isObject(step)) return `${where} is no object`;
    const kinds = STEPS[String(step['op'])];
    if (kinds === undefined) return `${where} has the unknown op ${JSON.stringify(step['op'])}`;
    const wrong = wrongIn(step, { ...kinds, out: 'object' });
    if (wrong !== null) return `${where} (${step['op']}): ${wrong}`;
  }
  return null;
}

/** The two 32-bit halves of a hex string. */
export function halvesOf(hex: Hex): { readonly lo: number; readonly hi: number } {
  const digits = hex.slice(2).padStart(16, '0');
  return { hi: Number.parseInt(digits.slice(0, 8), 16), lo: Number.parseInt(digits.slice(8), 16) };
}

/** Page and byte offset of an address in hex. */
export function placeOf(hex: Hex): { readonly page: number; readonly offset: number } {
  const { lo, hi } = halvesOf(hex);
  return { page: hi * 2 ** 20 + (lo >>> 12), offset: lo & 0xfff };
}
