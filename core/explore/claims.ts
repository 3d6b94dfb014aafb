import { assert } from '../lib/assert.ts';
import { type Broken, brokenClaims, exceptionOf, INVARIANTS } from '../machine/invariants/index.ts';
import type { Invariant, Verdict } from '../machine/invariants/invariant.ts';
import { actors } from '../sim/actor.ts';
import { Ints } from '../world/ints.ts';
import { rowOfKey, type World } from '../world/world.ts';
import { bringWorld } from './columns.ts';
import type { Effect } from './effects.ts';
import { endListening, keep, listenTo, newQuestion, type Question, recall, UNKNOWN } from './memo.ts';
import { actorSlots, canSomebodyMove, type Turns, turnOf } from './turns.ts';

/** An invariant, or the part of one that is about what each actor is doing. */
interface Claim {
  readonly invariant: Invariant;
  /** Among all claims. */
  place: number;
  readonly index: number;
  readonly ofActors: boolean;
  /** Of the invariant itself, or of an actor by the number of its turn. */
  readonly question: Question;
  readonly byTurn: (Question | undefined)[];
  /** It has looked at actors besides the one that it is about. */
  others: boolean;
}

/** The invariants of a search, and which of them may change with which tables and frames. */
export interface Claims {
  readonly turns: Turns;
  readonly all: readonly Claim[];
  /** Those that hold wherever somebody can move. */
  readonly ofStandstills: readonly Claim[];
  /** By group of columns: claims that have looked at it in some state. */
  readonly byGroup: Claim[][];
  /** The same in the order in which it was learnt, two integers each: a claim by its place, and the group, or OTHERS. */
  readonly looks: Ints;
  /** By effect: the claims that it concerns, until one of them looks at something new. */
  readonly byEffect: Map<Changed, readonly Claim[]>;
  readonly texts: string[];
}

/** Asks every invariant in the first state: from there on only what looked at something that has changed. */
export function createClaims(turns: Turns): Claims {
  const { world } = turns.memo.columns;
  const applying = INVARIANTS.map((invariant, index) => ({ invariant, index })).filter(
    ({ invariant }) => exceptionOf(world, invariant) === undefined,
  );
  const all = applying.flatMap(({ invariant, index }) =>
    [false, true]
      .filter((ofActors) => !ofActors || invariant.parts !== undefined)
      .map((ofActors): Claim => {
        return { invariant, place: -1, index, ofActors, question: newQuestion(), byTurn: [], others: false };
      }),
  );
  const ofStandstills = all.filter(({ invariant }) => invariant.ofStandstills === true);
  const others = all.filter(({ invariant }) => invariant.ofStandstills !== true);
  const claims: Claims = {
    turns,
    all: others,
    ofStandstills,
    byGroup: [],
    looks: new Ints(),
    byEffect: new Map(),
    texts: [''],
  };
  for (const [place, claim] of others.entries()) claim.place = place;
  for (const claim of others) {
    if (claim.ofActors) lookAtActors(claims, claim, null);
    else lookAtRest(claims, claim);
  }
  return claims;
}

/** What of an effect counts here: the columns that it changes. */
type Changed = Pick<Effect, 'columns' | 'groups'>;

type Flaws = { claim: Claim; detail: string }[];

const NOTHING: readonly Broken[] = [];

/** What is broken in the state that is looked at, which an effect has led to from a state in which nothing was. */
export function brokenBy(claims: Claims, effect: Changed): readonly Broken[] {
  const { turns } = claims;
  const { columns } = turns.memo;
  if (turns.asking === 'always') {
    bringWorld(columns);
    return brokenClaims(columns.world);
  }
  let flaws = canSomebodyMove(turns) ? null : standing(claims);
  for (const claim of concernedBy(claims, effect)) {
    const detail = claim.ofActors ? lookAtActors(claims, claim, effect) : lookAtRest(claims, claim);
    if (detail === '') continue;
    flaws ??= [];
    flaws.push({ claim, detail });
  }
  return flaws === null ? NOTHING : inOrder(flaws);
}

/** The claims that have looked at something of what an effect changes. */
function concernedBy({ byGroup, byEffect }: Claims, effect: Changed): readonly Claim[] {
  const known = byEffect.get(effect);
  if (known !== undefined) return known;
  const concerned = [...new Set(effect.groups.flatMap((group) => byGroup[group] ?? []))];
  byEffect.set(effect, concerned);
  return concerned;
}

/** Where nobody can move, what is wrong with that. */
function standing(claims: Claims): Flaws | null {
  bringWorld(claims.turns.memo.columns);
  const flaws: Flaws = [];
  for (const claim of claims.ofStandstills) {
    const verdict = claim.invariant.check(claims.turns.memo.columns.world);
    if (typeof verdict === 'string') flaws.push({ claim, detail: verdict });
  }
  return flaws.length === 0 ? null : flaws;
}

function inOrder(flaws: Flaws): Broken[] {
  const sorted = flaws.toSorted((one, other) => one.claim.index - other.claim.index);
  const first = sorted.filter(({ claim }, at) => sorted[at - 1]?.claim.index !== claim.index);
  return first.map(({ claim: { invariant }, detail }) => ({ id: invariant.id, claim: invariant.claim, detail }));
}

function lookAtRest(claims: Claims, claim: Claim): string {
  const known = recalled(claims, claim.question);
  if (known !== null) return known;
  const { check, parts } = claim.invariant;
  return answer(claims, claim, claim.question, parts?.rest ?? check, -1);
}

/** What was answered where all that was looked at was the same, null where the machine has to be asked. */
function recalled({ turns, texts }: Claims, question: Question): string | null {
  if (turns.asking === 'doubting') return null;
  const known = recall(turns.memo, question);
  return known === UNKNOWN ? null : (texts[known] as string);
}

/** Only the actors that the effect moved, unless it changed something else that the claim looks at. */
function lookAtActors(claims: Claims, claim: Claim, effect: Changed | null): string {
  const { columns } = claims.turns.memo;
  const onlyMoved =
    effect !== null && !claim.others && !effect.groups.some((group) => isConcerned(claims, claim, group));
  if (!onlyMoved) {
    for (let id = 0; id < actorSlots(columns); id++) {
      const detail = lookAtActor(claims, claim, id);
      if (detail !== '') return detail;
    }
    return '';
  }
  for (const column of effect.columns) {
    if (columns.groups[column] !== actors.at) continue;
    const detail = lookAtActor(claims, claim, rowOfKey(columns.keys[column] as number).id);
    if (detail !== '') return detail;
  }
  return '';
}

const isConcerned = ({ byGroup }: Claims, claim: Claim, group: number): boolean =>
  group !== actors.at && (byGroup[group]?.includes(claim) ?? false);

function lookAtActor(claims: Claims, claim: Claim, id: number): string {
  const { parts } = claim.invariant;
  const turn = turnOf(claims.turns, id);
  if (turn === null || parts === undefined) return '';
  let question = claim.byTurn[turn.number];
  if (question === undefined) {
    question = newQuestion();
    claim.byTurn[turn.number] = question;
  }
  const known = recalled(claims, question);
  return known ?? answer(claims, claim, question, (world) => parts.flawOf(world, turn.actor) ?? 0, id);
}

/** The answer to a question, '' for nothing wrong; `own` is the actor that it is about. */
function answer(
  claims: Claims,
  claim: Claim,
  question: Question,
  check: (world: World) => Verdict,
  own: number,
): string {
  const { turns, texts } = claims;
  const { memo } = turns;
  const known = turns.asking === 'doubting' ? recall(memo, question) : UNKNOWN;
  const { columns } = memo;
  bringWorld(columns);
  listenTo(memo);
  const verdict = check(columns.world);
  const groups = endListening(memo);
  if (own >= 0) {
    if (groups.has(actors.at)) learnLook(claims, claim.place, OTHERS);
    groups.add(actors.at);
  }
  for (const group of groups) learnLook(claims, claim.place, group);
  const number = numberOf(texts, verdict);
  if (known === UNKNOWN) keep(memo, question, number);
  else assert(number === known, `${claim.invariant.id} says what is remembered of it`);
  return typeof verdict === 'string' ? verdict : '';
}

function numberOf(texts: string[], verdict: Verdict): number {
  if (typeof verdict === 'number') return 0;
  const known = texts.indexOf(verdict);
  return known < 0 ? texts.push(verdict) - 1 : known;
}

/** Stands for a group: the claim about one actor has looked at others. */
export const OTHERS = -1;

/** A claim has looked at a group in some state: from here on it is asked again where an effect changes that. */
export function learnLook({ all, byGroup, byEffect, looks }: Claims, place: number, group: number): void {
  const claim = all[place] as Claim;
  if (group === OTHERS ? claim.others : byGroup[group]?.includes(claim)) return;
  looks.push(place);
  looks.push(group);
  byEffect.clear();
  if (group === OTHERS) claim.others = true;
  else byGroup[group] = [...(byGroup[group] ?? []), claim];
}
