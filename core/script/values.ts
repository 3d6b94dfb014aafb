import { ERRNO } from '../lib/errno.ts';
import { hex, hex64 } from '../lib/format.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { Address, Move, Perms } from './command.ts';
import type { Known } from './known.ts';
import { isBare, quote } from './words.ts';

/** How a highlighter colours a word. */
export type TokenKind =
  | 'verb'
  | 'keyword'
  | 'name'
  | 'number'
  | 'address'
  | 'string'
  | 'operator'
  | 'comment'
  | 'error'
  | 'plain';

/** A kind of parameter: which words look like it, what they mean, how the meaning is written. */
export interface ValueType<T> {
  /** As `help` writes it, for instance PROC. */
  readonly label: string;
  /** As a diagnostic writes it, for instance "a process". */
  readonly noun: string;
  readonly token: TokenKind;
  readonly quotes: 'never' | 'always' | 'maybe';
  readonly shape: RegExp;
  /** The value of a word of the right shape, or the whole sentence that refuses it. */
  read(text: string): Result<T, string>;
  print(value: T): string;
  /** What completion offers, given the process named earlier in the line. */
  names(known: Known, process: string | null): readonly string[];
}

const NAME = '[a-z][a-z0-9_.-]*';
export const DIGITS = '(?:0[xX][0-9a-fA-F]+|[0-9]+)';
const BYTES_OF = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 } as const;
const PAGE_SIZE = 4096;
export const U32_MAX = 2 ** 32 - 1;

/** A shape that a whole word has. */
export const whole = (pattern: string) => new RegExp(`^${pattern}$`, 'u');
const none = () => [];

/** A name of one kind of thing, completed from the live ones. */
export function named(
  label: string,
  noun: string,
  names: (known: Known) => readonly string[] = none,
): ValueType<string> {
  return { label, noun, token: 'name', quotes: 'never', shape: whole(NAME), read: ok, print: String, names };
}

interface Range {
  readonly min: number;
  readonly max?: number;
  readonly powerOfTwo?: boolean;
}

/** A whole number, decimal or hexadecimal, within a range. */
export function numeric(label: string, noun: string, range: Range): ValueType<number> {
  const read = (text: string) => inRange(noun, Number(text), range);
  return { label, noun, token: 'number', quotes: 'never', shape: whole(DIGITS), read, print: String, names: none };
}

/** A value within a range, or the sentence that refuses it. */
export function inRange(noun: string, value: number, range: Range): Result<number, string> {
  const { min, max = Number.MAX_SAFE_INTEGER, powerOfTwo = false } = range;
  if (value < min) return err(`expected ${noun} of at least ${min}, found ${value}`);
  if (value > max) return err(`expected ${noun} of at most ${max}, found ${value}`);
  if (!powerOfTwo) return ok(value);
  const below = 2 ** Math.floor(Math.log2(value));
  return below === value ? ok(value) : err(`expected ${noun}, found ${value}; ${below} and ${below * 2} are`);
}

/** Bytes written as a number with an optional K, M or G, a multiple of the page size. */
function pageMultiple(label: string, noun: string, min: number): ValueType<number> {
  return {
    ...numeric(label, noun, { min }),
    shape: whole(`${DIGITS}[KMG]?`),
    read: (text) => {
      const value = bytesOf(text);
      if (value % PAGE_SIZE !== 0) return err(`expected ${noun}, a multiple of 4K, found ${text}`);
      return inRange(noun, value, { min });
    },
    print: sizeText,
    names: () => (min === 0 ? [] : ['4K', '64K', '2M']),
  };
}

function bytesOf(text: string): number {
  const [, number = '', unit = ''] = /^(.*?)([KMG]?)$/u.exec(text) ?? [];
  return Number(number) * (unit === '' ? 1 : BYTES_OF[unit as keyof typeof BYTES_OF]);
}

function sizeText(bytes: number): string {
  if (bytes === 0) return '0';
  for (const unit of ['G', 'M', 'K'] as const) {
    if (bytes % BYTES_OF[unit] === 0) return `${bytes / BYTES_OF[unit]}${unit}`;
  }
  return String(bytes);
}

function readAddress(text: string): Result<Address, string> {
  if (/^0x/iu.test(text)) return readLiteral(text);
  const [region = '', written = '0'] = text.split('+');
  const offset = inRange('an offset', bytesOf(written), { min: 0 });
  return offset.ok ? ok({ kind: 'region', region, offset: offset.value }) : offset;
}

function readLiteral(text: string): Result<Address, string> {
  const digits = text.slice(2).replace(/^0+/u, '');
  if (digits.length > 16) return err(`expected an address of at most 64 bits, found ${text}`);
  const padded = digits.padStart(16, '0');
  return ok({ kind: 'literal', hi: Number(`0x${padded.slice(0, 8)}`), lo: Number(`0x${padded.slice(8)}`) });
}

function addressText(address: Address): string {
  if (address.kind === 'literal') return hex64(address.hi, address.lo);
  return address.offset === 0 ? address.region : `${address.region}+0x${hex(address.offset)}`;
}

function regionsOf(known: Known, process: string | null): readonly string[] {
  return process !== null && Object.hasOwn(known.regions, process) ? (known.regions[process] ?? []) : [];
}

function readBdf(text: string): Result<number, string> {
  const [bus = 0, device = 0, fn = 0] = text.split(/[:.]/u).map((digits) => Number.parseInt(digits, 16));
  if (device > 0x1f) return err(`expected a PCI device number of at most 1f, found ${hex(device, 2)}`);
  return ok((bus << 8) | (device << 3) | fn);
}

function bdfText(bdf: number): string {
  return `${hex(bdf >>> 8, 2)}:${hex((bdf >>> 3) & 0x1f, 2)}.${bdf & 7}`;
}

function readPerms(text: string): Result<Perms, string> {
  const bit = <L extends 'r' | 'w' | 'x'>(letter: L) => (text.includes(letter) ? letter : '-');
  const perms: Perms = `${bit('r')}${bit('w')}${bit('x')}`;
  return ok(perms);
}

function readMove(text: string): Result<Move, string> {
  const [actor = '', choice] = text.split('/');
  if (choice === undefined) return ok({ actor, choice: null });
  const number = inRange('a choice', Number(choice), { min: 0 });
  return number.ok ? ok({ actor, choice: number.value }) : number;
}

export const processName = named('PROC', 'a process', (known) => known.processes);
export const newProcess = named('PROC', 'a name for the process');
export const newChild = named('CHILD', 'a name for the child process');
export const newThread = named('THREAD', 'a name for the thread');
export const deviceName = named('DEVICE', 'a device', (known) => known.devices);
export const newDevice = named('NAME', 'a name for the device');
export const newRegion = named('NAME', 'a name for the region');
const TITLE = '[A-Za-z][A-Za-z0-9_.-]*';
/** Domains that no script names are called A, B and so on. */
export const containerName = named('CONTAINER', 'a VFIO container', (known) => known.containers);
export const newContainer = named('CONTAINER', 'a name for the container');
export const userName = named('USER', 'the name of a user');
export const domainName: ValueType<string> = {
  ...named('DOMAIN', 'a domain', (known) => known.domains),
  shape: whole(TITLE),
};
export const spaceName: ValueType<string> = {
  ...named('SPACE', 'a domain, or the name of a private PASID', ({ domains, spaces }) => [...domains, ...spaces]),
  shape: whole(TITLE),
};
export const privateName = named('PRIVATE', 'the name of a private PASID', (known) => known.spaces);
export const newSpace = named('NAME', 'a name for the private PASID');
export const backendName = named('BACKEND', 'a back end', (known) => known.backends);
export const bugName = named('BUG', 'a bug of the museum', (known) => known.bugs);
const SETTING = `${NAME}=${NAME}`;
/** A design, and decisions that it answers differently: rfcv2,repeat-bind=refused. */
export const policyName: ValueType<string> = {
  ...named('POLICY', 'a policy', (known) => known.policies),
  shape: whole(`${NAME}(?:,${SETTING})*`),
};
/** Designs, or answers, any of which will do: v2-2018,mainline or pasid-table=device; a plus joins what must hold together. */
export const condition: ValueType<string> = {
  ...named('POLICIES', 'policies, or an answer such as bonds=per-device', ({ policies, answers }) => [
    ...policies,
    ...answers,
  ]),
  shape: whole(`(?:${SETTING}|${NAME})(?:[,+](?:${SETTING}|${NAME}))*`),
};
export const invariantName = named('INVARIANT', 'an invariant', (known) => known.invariants);
export const momentName = named('MOMENT', 'a moment such as fault.handled', (known) => known.moments);
export const actorName = named('ACTOR', 'an actor such as gpu0', (known) => known.actors);
export const stepName = named('STEP', 'a step such as iommu_process_bind_device.attach', (known) => known.steps);

/** An SMMU by its number, from 0. */
export const smmuNumber = numeric('N', 'the number of an SMMU', { min: 0, max: 3 });
/** Silicon has 8 or 16; fewer make ASIDs run out on a screen. */
export const asidWidth = numeric('BITS', 'an ASID width in bits', { min: 3, max: 16 });
export const asidNumber = numeric('N', 'an ASID', { min: 1, max: 2 ** 16 - 1 });
export const smmuCount = numeric('N', 'a number of SMMUs', { min: 1, max: 4 });
/** SMMU_IDR1.SIDSIZE and SSIDSIZE (SMMUv3 6.3.2). */
export const streamBits = numeric('BITS', 'a StreamID width in bits', { min: 4, max: 16 });
export const substreamBits = numeric('BITS', 'a PASID width in bits', { min: 0, max: 20 });
export const frameCount = numeric('N', 'a number of page frames', { min: 1, max: 2 ** 40 });
/** SMMU_IDR1 gives each queue at most 2^19 entries (SMMUv3 6.3.2). */
export const queueSize = numeric('N', 'a power of two', { min: 1, max: 2 ** 19, powerOfTwo: true });
export const pasidWidth = numeric('WIDTH', 'a PASID width in bits', { min: 1, max: 20 });
export const creditCount = numeric('N', 'a number of outstanding page requests', { min: 1, max: U32_MAX });
/** IDR5.STALL_MAX has 16 bits (SMMUv3 6.3.6); 0 stands for an SMMU that stalls nothing. */
export const stallCount = numeric('N', 'a number of stalled transactions', { min: 0, max: 65_535 });
export const groupNumber = numeric('N', 'a group number', { min: 0 });
/** PCIe 10.4.1: a Page Request Group Index has 9 bits. */
export const groupIndex = numeric('N', 'a page request group index', { min: 0, max: 511 });
export const pageCount = numeric('PAGES', 'a number of pages', { min: 1, max: 2 ** 52 });
export const byteCount = numeric('BYTES', 'a number of bytes', { min: 1, max: U32_MAX });
export const times = numeric('COUNT', 'a count', { min: 1 });
export const tally = numeric('NUMBER', 'a number', { min: 0 });
export const pasidNumber = numeric('NUMBER', 'a PASID', { min: 0, max: 2 ** 20 - 1 });
export const cellNumber: ValueType<number> = {
  ...numeric('VALUE', 'a 32-bit number', { min: 0, max: U32_MAX }),
  print: (value) => `0x${hex(value)}`,
};
export const mappingSize = pageMultiple('SIZE', 'a size such as 64K', PAGE_SIZE);
export const fileOffset = pageMultiple('SIZE', 'a file offset', 0);

export const address: ValueType<Address> = {
  label: 'ADDRESS',
  noun: 'an address such as heap+0x1000',
  token: 'address',
  quotes: 'never',
  shape: whole(`(?:0[xX][0-9a-fA-F]+|${NAME}(?:\\+${DIGITS}[KMG]?)?)`),
  read: readAddress,
  print: addressText,
  names: regionsOf,
};
/** A DMA address: what a device says without a PASID, or with one whose page tables are no process's. */
export const dmaAddress: ValueType<Address> = {
  ...address,
  label: 'IOVA',
  noun: 'a DMA address such as 0x10000',
  shape: whole('0[xX][0-9a-fA-F]+'),
  names: none,
};
export const perms: ValueType<Perms> = {
  label: 'PERMS',
  noun: 'permissions such as rw-',
  token: 'keyword',
  quotes: 'never',
  shape: whole('(?=.)(?:[r-][w-][x-]|r?w?x?)'),
  read: readPerms,
  print: String,
  names: () => ['rw-', 'r--', 'r-x', 'rwx', '---'],
};
export const bdf: ValueType<number> = {
  label: 'BDF',
  noun: 'a PCI address such as 00:01.0',
  token: 'address',
  quotes: 'never',
  shape: whole('[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7]'),
  read: readBdf,
  print: bdfText,
  names: none,
};
export const move: ValueType<Move> = {
  label: 'ACTOR',
  noun: 'an actor such as gpu0 or gpu0/1',
  token: 'name',
  quotes: 'never',
  shape: whole(`${NAME}(?:/[0-9]+)?`),
  read: readMove,
  print: ({ actor, choice }) => (choice === null ? actor : `${actor}/${choice}`),
  names: (known) => known.actors,
};
export const errno: ValueType<string> = {
  ...named('ERRNO', 'an error name such as ENODEV', () => Object.keys(ERRNO)),
  shape: whole('E[A-Z]+'),
};
export const filePath: ValueType<string> = {
  label: 'FILE',
  noun: 'a file name',
  token: 'string',
  quotes: 'maybe',
  shape: /./su,
  read: ok,
  print: (text) => (isBare(text) ? text : quote(text)),
  names: (known) => known.files.map((name) => (isBare(name) ? name : quote(name))),
};
export const quotedText: ValueType<string> = {
  label: '"TEXT"',
  noun: 'a text in double quotes',
  token: 'string',
  quotes: 'always',
  shape: /./su,
  read: ok,
  print: quote,
  names: none,
};
