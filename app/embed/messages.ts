import { GRANULARITIES, SPEEDS } from '../store/state.ts';
import { words } from '../words.ts';

/** Version of the interface; a message of any other version is refused. */
export const PROTOCOL = 1;

/** What a host can have told: the moment shown, the events passed on the way there, another run. */
export const TOPICS = ['moment', 'events', 'run'] as const;
export type Topic = (typeof TOPICS)[number];

/** A host's name for its message, given back in the answer. */
export type Id = string | number | null;

/** What a host can ask for, checked. */
export type Order =
  | { readonly do: 'hello' | 'pause' }
  | ({ readonly do: 'load' } & Loaded)
  | { readonly do: 'seek'; readonly at: number }
  | { readonly do: 'step'; readonly direction: 1 | -1; readonly by?: (typeof GRANULARITIES)[number] }
  | { readonly do: 'play'; readonly by?: (typeof GRANULARITIES)[number]; readonly speed?: (typeof SPEEDS)[number] }
  | { readonly do: 'subscribe' | 'unsubscribe'; readonly to: readonly Topic[] };

interface Loaded {
  readonly scenario?: string;
  readonly script?: string;
  readonly policy?: string;
  readonly bug?: string;
  readonly at?: number;
}

export interface Refusal {
  /** What kind of mistake it is: for programs. */
  readonly code: 'malformed' | 'version' | 'unknown' | 'too-large' | 'refused' | 'origin' | 'too-many' | 'stopped';
  /** What is wrong and where: for people. */
  readonly message: string;
}

/** A message as it was understood: what to do, or why nothing is done. */
export type Read = { readonly id: Id } & ({ readonly order: Order } | { readonly refusal: Refusal });

const LONGEST_NAME = 200;
const LONGEST_SCRIPT = 200_000;
const LAST_EVENT = 999_999_999;
const MOST_TOPICS = 10;

/** Says what is wrong with a value, null for nothing. */
type Check = (value: unknown) => Refusal | null;

const malformed = (message: string): Refusal => ({ code: 'malformed', message });
const told = (holds: boolean, message: string): Refusal | null => (holds ? null : malformed(message));

const text =
  (longest: number): Check =>
  (value) => {
    if (typeof value !== 'string') return malformed(words.embed.noText);
    return value.length <= longest ? null : { code: 'too-large', message: words.embed.tooLong(longest) };
  };
const event: Check = (value) =>
  told(Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LAST_EVENT, words.embed.noEvent);
const oneOf =
  (known: readonly unknown[]): Check =>
  (value) =>
    told(known.includes(value), words.embed.notOneOf(known.join(', ')));
const topics: Check = (value) =>
  told(
    Array.isArray(value) && value.length <= MOST_TOPICS && value.every((one) => TOPICS.includes(one)),
    words.embed.notSomeOf(TOPICS.join(', ')),
  );

const NAME = text(LONGEST_NAME);
const BY = oneOf(GRANULARITIES);

interface Shape {
  readonly needed?: Readonly<Record<string, Check>>;
  readonly may?: Readonly<Record<string, Check>>;
}

/** The fields that each order has. */
const SHAPES: Readonly<Record<Order['do'], Shape>> = {
  hello: {},
  load: { may: { scenario: NAME, script: text(LONGEST_SCRIPT), policy: NAME, bug: NAME, at: event } },
  seek: { needed: { at: event } },
  step: { needed: { direction: oneOf([1, -1]) }, may: { by: BY } },
  play: { may: { by: BY, speed: oneOf(SPEEDS) } },
  pause: {},
  subscribe: { needed: { to: topics } },
  unsubscribe: { needed: { to: topics } },
};

/** Reads a message of a host; nothing of one that is not understood whole is done. */
export function readMessage(data: unknown): Read {
  if (!isRecord(data)) return { id: null, refusal: malformed(words.embed.noObject) };
  const { svm, id: given = null, do: verb, ...rest } = data;
  if (!isId(given)) return { id: null, refusal: malformed(words.embed.badId) };
  const refuse = (refusal: Refusal): Read => ({ id: given, refusal });
  if (typeof svm !== 'number') return refuse(malformed(words.embed.noVersion(PROTOCOL)));
  if (svm !== PROTOCOL) return refuse({ code: 'version', message: words.embed.otherVersion(svm, PROTOCOL) });
  if (typeof verb !== 'string' || !isVerb(verb)) {
    return refuse({ code: 'unknown', message: words.embed.unknown(shown(verb), Object.keys(SHAPES).join(', ')) });
  }
  const fields = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const refusal = mistakeIn(verb, fields);
  // The table of shapes is what makes it an order.
  return refusal === null ? { id: given, order: { do: verb, ...fields } as Order } : refuse(refusal);
}

function mistakeIn(verb: Order['do'], fields: Readonly<Record<string, unknown>>): Refusal | null {
  const { needed = {}, may = {} } = SHAPES[verb];
  const missing = Object.keys(needed).find((name) => !Object.hasOwn(fields, name));
  if (missing !== undefined) return malformed(words.embed.missing(verb, missing));
  const known: Record<string, Check> = { ...needed, ...may };
  for (const [name, value] of Object.entries(fields)) {
    const check = Object.hasOwn(known, name) ? known[name] : undefined;
    if (check === undefined) return malformed(words.embed.noField(verb, shown(name)));
    const wrong = check(value);
    if (wrong !== null) return { ...wrong, message: words.embed.inField(name, wrong.message) };
  }
  const sources = ['scenario', 'script'].filter((name) => Object.hasOwn(fields, name));
  return verb === 'load' ? told(sources.length === 1, words.embed.oneSource) : null;
}

/** A message that the page itself has sent, and that a host sends back; it is not answered, or both would go on for ever. */
export function isEcho(data: unknown): boolean {
  return isRecord(data) && ('re' in data || 'tell' in data);
}

function isRecord(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

function isId(value: unknown): value is Id {
  return value === null || Number.isFinite(value) || (typeof value === 'string' && value.length <= LONGEST_NAME);
}

function isVerb(text: string): text is Order['do'] {
  return Object.hasOwn(SHAPES, text);
}

/** A value as it may stand in a message: short, whatever it is. */
function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 40)}"` : typeof value;
}
