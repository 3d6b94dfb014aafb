import { createEngine } from '../core/worker/engine.ts';
import type { Moment } from '../core/worker/protocol.ts';

/** A moment of a scenario at which the page is looked at. */
export interface Stop {
  readonly scenario: string;
  readonly at: number;
}

/** What is drawn at a moment: each kind of thing with 1, each list and each text with its length. */
interface Drawn extends Stop {
  readonly measures: ReadonlyMap<string, number>;
}

/** Words that name a kind of thing or what became of it: each is drawn in its own way. */
const NAMES_A_KIND = /\.(state|kind|end|walker|backing|perms)$/;
/** What tells how much is drawn in all. */
const ALL = 'all';

/**
 * Moments that show all that some scenarios draw: of each scenario the fullest chapter, and for each kind of thing, list
 * and text one of those at which there is most of it anywhere. So a new scenario is among them with what it has of its own.
 */
async function tellingStops(scenarios: readonly string[]): Promise<Stop[]> {
  const drawn = (await Promise.all(scenarios.map(chaptersOf))).flat();
  const most = new Map<string, number>();
  for (const { measures } of drawn) for (const [what, size] of measures) note(most, what, size);
  const left = new Set(most.keys());
  const chosen: Drawn[] = [];
  const choose = (moment: Drawn) => {
    chosen.push(moment);
    for (const what of newsOf(moment, most, left)) left.delete(what);
  };
  for (const scenario of scenarios) {
    choose(
      first(
        drawn.filter((moment) => moment.scenario === scenario),
        ({ measures }) => measures.get(ALL) ?? 0,
      ),
    );
  }
  while (left.size > 0) choose(first(drawn, (moment) => newsOf(moment, most, left).length));
  return chosen.map(({ scenario, at }) => ({ scenario, at }));
}

/** What there is nowhere more of than at this moment, of what no chosen one shows yet. */
function newsOf({ measures }: Drawn, most: ReadonlyMap<string, number>, left: ReadonlySet<string>): string[] {
  return [...measures].flatMap(([what, size]) => (left.has(what) && size === most.get(what) ? [what] : []));
}

/** The moment of which there is most. */
function first(moments: readonly Drawn[], sizeOf: (moment: Drawn) => number): Drawn {
  return moments.reduce((best, moment) => (sizeOf(moment) > sizeOf(best) ? moment : best));
}

/** Every moment at which a person who goes through a scenario by chapters stops. */
async function chaptersOf(scenario: string): Promise<Drawn[]> {
  const engine = createEngine();
  const opened = await engine.open({ scenario });
  if (!opened.ok) throw new Error(`${scenario} does not open`);
  const moments: Drawn[] = [];
  for (let [at, next] = [-1, 0]; next !== at; next = await engine.target(at, 1, 'chapter')) {
    at = next;
    moments.push({ scenario, at, measures: measuresOf(await engine.peek(at)) });
  }
  return moments;
}

function measuresOf({ view, now, ghosts }: Moment): ReadonlyMap<string, number> {
  const measures = new Map([[ALL, JSON.stringify(view).length]]);
  measure({ view, now, ghosts }, '', measures);
  return measures;
}

function measure(part: unknown, path: string, measures: Map<string, number>): void {
  if (part === true) note(measures, path, 1);
  if (typeof part === 'string' && NAMES_A_KIND.test(path)) note(measures, `${path} ${part}`, 1);
  else if (typeof part === 'string') note(measures, path, part.length);
  if (Array.isArray(part)) note(measures, path, part.length);
  if (typeof part !== 'object' || part === null) return;
  for (const [name, each] of Object.entries(part))
    measure(each, Array.isArray(part) ? path : `${path}.${name}`, measures);
}

function note(measures: Map<string, number>, what: string, size: number): void {
  measures.set(what, Math.max(size, measures.get(what) ?? 0));
}

process.stdout.write(JSON.stringify(await tellingStops(process.argv.slice(2))));
