import { printBookmarks, readBookmarks } from './bookmark-text.ts';
import type { RunInfo, Source } from './engine/contract.ts';
import type { Bookmark } from './store/bookmarks.ts';
import { words } from './words.ts';

const FIRST_SCENARIO = 'first-touch';
/** A link must not be able to fill the tab's memory. */
const LONGEST_SCRIPT = 1_000_000;

export interface ReadLink {
  readonly source: Source;
  /** What could not be understood in the link; the source is what is left of it. */
  readonly problems: readonly string[];
  /** Key of the thing that the link selects, null for none. */
  readonly selected: string | null;
  readonly bookmarks: readonly Bookmark[];
}

/** What a link asks for. A part that is malformed is left out and named. */
export async function readLink(url: URL): Promise<ReadLink> {
  const problems: string[] = [];
  const given = url.searchParams;
  const at = numberIn(given.get('at'), problems);
  const carried = new URLSearchParams(url.hash.slice(1));
  const script = await scriptIn(carried.get('script'), problems);
  const [policy, bug, backend] = [given.get('policy'), given.get('bug'), given.get('backend')];
  const [fingerprint, version] = [given.get('fp'), given.get('v')];
  const origin = script === null ? { scenario: given.get('scenario') ?? FIRST_SCENARIO } : { script };
  const source: Source = {
    ...origin,
    ...(policy === null ? {} : { policy }),
    ...(bug === null ? {} : { bug }),
    ...(backend === null ? {} : { backend }),
    ...(at === null ? {} : { at }),
    ...(fingerprint === null ? {} : { fingerprint }),
    ...(version === null ? {} : { version }),
  };
  // What is wrong beside the moment takes nothing from what the link promises of it.
  const beside: string[] = [];
  const selected = selectionIn(given.get('sel'), beside);
  const bookmarks = await bookmarksIn(carried.get('marks'), beside);
  return {
    source: problems.length === 0 ? source : withoutPromise(source),
    problems: [...problems, ...beside],
    selected,
    bookmarks,
  };
}

/** The run a page opens with when nothing else can be opened. */
export const FIRST: Source = { scenario: FIRST_SCENARIO };

/** A link that was not understood whole promises nothing about the moment. */
function withoutPromise({ fingerprint: _, ...rest }: Source): Source {
  return rest;
}

function numberIn(text: string | null, problems: string[]): number | null {
  if (text === null) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  problems.push(words.link.badEvent(text));
  return null;
}

function selectionIn(text: string | null, problems: string[]): string | null {
  if (text === null || /^[\w./:-]{1,200}$/.test(text)) return text;
  problems.push(words.link.badSelection(text));
  return null;
}

async function bookmarksIn(text: string | null, problems: string[]): Promise<readonly Bookmark[]> {
  if (text === null) return [];
  const printed = await unpack(text);
  const bookmarks = printed === null ? null : readBookmarks(printed);
  if (bookmarks === null) problems.push(words.link.badBookmarks);
  return bookmarks ?? [];
}

async function scriptIn(text: string | null, problems: string[]): Promise<string | null> {
  if (text === null) return null;
  const script = await unpack(text);
  if (script === null) problems.push(words.link.badScript);
  return script;
}

/** A text as a link carries it. */
export async function pack(text: string): Promise<string> {
  return toBase64Url(await deflate(text));
}

/** A text that a link carries, null if it is damaged. */
export async function unpack(text: string): Promise<string | null> {
  try {
    return await inflate(fromBase64Url(text));
  } catch {
    return null;
  }
}

/** What a link says besides where the page lives. */
export interface Place {
  readonly run: Pick<RunInfo, 'scenario' | 'script' | 'policy' | 'bug' | 'backend' | 'version'>;
  readonly at: number;
  /** What the link promises of the moment; null for no promise. */
  readonly fingerprint: string | null;
  /** Key of the thing that is selected. */
  readonly selected?: string | null;
  readonly bookmarks?: readonly Bookmark[];
}

/** The link to a moment: it names a scenario, or carries the script if the run is no scenario's own. */
export async function linkTo(
  { run, at, fingerprint, selected = null, bookmarks = [] }: Place,
  base: URL,
): Promise<URL> {
  const url = new URL(base.pathname, base.origin);
  const motion = base.searchParams.get('motion');
  if (run.scenario !== null) url.searchParams.set('scenario', run.scenario);
  if (run.policy !== null) url.searchParams.set('policy', run.policy);
  if (run.bug !== null) url.searchParams.set('bug', run.bug);
  if (run.backend !== null) url.searchParams.set('backend', run.backend);
  url.searchParams.set('at', String(at));
  if (fingerprint !== null) url.searchParams.set('fp', fingerprint);
  url.searchParams.set('v', run.version);
  if (motion !== null) url.searchParams.set('motion', motion);
  if (selected !== null) url.searchParams.set('sel', selected);
  const carried = new URLSearchParams();
  if (run.scenario === null) carried.set('script', await packScript(run.script));
  if (bookmarks.length > 0) carried.set('marks', await pack(printBookmarks(bookmarks)));
  url.hash = carried.toString();
  return url;
}

/** The script that was packed last: the address follows each moment of one run. */
let lastPacked: { readonly script: string; readonly packed: Promise<string> } | null = null;

function packScript(script: string): Promise<string> {
  if (lastPacked?.script !== script) lastPacked = { script, packed: pack(script) };
  return lastPacked.packed;
}

async function deflate(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += decoder.decode(part.value, { stream: true });
    if (text.length > LONGEST_SCRIPT) throw new RangeError(words.link.tooLong);
  }
  return text + decoder.decode();
}

function toBase64Url(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}
