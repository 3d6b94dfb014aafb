import type { LeafView } from '../engine/contract.ts';
import { spread } from './spread.ts';
import type { Strip } from './strips.ts';
import { monoWidth } from './text.ts';

/** How much of a frame is told: all of it, its number alone, or that it is there. */
export type LeafForm = 'card' | 'chip' | 'dot';

const GAP = 4;
const DOT_GAP = 2;
const TIGHT_GAP = 0.75;
const DOT = 6;
const PADDING = 12;
const CHIP_PADDING = 6;
const NOTHING_WIDTH = 72;

interface LeafWish {
  readonly leaf: LeafView | null;
  readonly from: number;
  readonly walked: boolean;
}

export interface PlacedLeaf {
  readonly key: string;
  readonly leaf: LeafView;
  /** Where its thread comes from. */
  readonly from: number;
  readonly x: number;
  readonly width: number;
  readonly form: LeafForm;
  readonly walked: boolean;
}

/** The frames in the order of their slots, with the box "no frame" at `lost` among them. */
export function leafWishes(
  leaves: readonly LeafView[],
  strips: readonly Strip[],
  walked: LeafView | null,
  lost: number | null,
): readonly LeafWish[] {
  const middles = new Map(strips.flatMap(({ ticks }) => ticks.map(({ key, middle }) => [key, middle])));
  const wishes: LeafWish[] = leaves.flatMap((leaf) => {
    const from = middles.get(leaf.from);
    return from === undefined ? [] : [{ leaf, from, walked: leaf === walked }];
  });
  if (lost !== null) wishes.push({ leaf: null, from: lost, walked: true });
  return wishes.sort((one, other) => one.from - other.from);
}

/** Places frames as fully as the width allows: what the walk is about is always told. */
export function placeLeaves(wishes: readonly LeafWish[], width: number) {
  const form = (['card', 'chip', 'dot'] as const).find((one) => excess(wishes, one, width) <= 0) ?? 'dot';
  const tight = excess(wishes, form, width) > 0;
  const gap = tight ? TIGHT_GAP : form === 'dot' ? DOT_GAP : GAP;
  const dot = tight ? dotWidth(wishes, gap, width) : DOT;
  const widths = wishes.map((wish) => (isSmall(wish, form) ? dot : widthOf(wish, form)));
  const edges = spread(
    wishes.map(({ from }, index) => ({ center: from, width: widths[index] ?? 0 })),
    gap,
    width,
  );
  const leaves: PlacedLeaf[] = [];
  let nothing: { x: number; width: number } | null = null;
  for (const [index, { leaf, from, walked }] of wishes.entries()) {
    const [x = 0, own = 0] = [edges[index], widths[index]];
    if (leaf === null) nothing = { x, width: own };
    else leaves.push({ key: leaf.key, leaf, from, x, width: own, form: walked ? 'card' : form, walked });
  }
  return { leaves, nothing };
}

/** By how much the frames are wider together than the room; negative where room is left. */
function excess(wishes: readonly LeafWish[], form: LeafForm, width: number): number {
  const gaps = (form === 'dot' ? DOT_GAP : GAP) * (wishes.length - 1);
  return wishes.reduce((sum, wish) => sum + widthOf(wish, form), gaps) - width;
}

/** However many frames there are, all of them are there: they get thin. */
function dotWidth(wishes: readonly LeafWish[], gap: number, width: number): number {
  const dots = wishes.filter((wish) => isSmall(wish, 'dot')).length;
  const others = wishes.reduce((sum, wish) => sum + (isSmall(wish, 'dot') ? 0 : widthOf(wish, 'dot')), 0);
  return Math.min(DOT, Math.max(0, width - others - gap * (wishes.length - 1)) / Math.max(1, dots));
}

function isSmall({ leaf, walked }: LeafWish, form: LeafForm): boolean {
  return form === 'dot' && leaf !== null && !walked;
}

function widthOf({ leaf, walked }: LeafWish, form: LeafForm): number {
  if (leaf === null) return NOTHING_WIDTH;
  if (walked || form === 'card') return Math.max(monoWidth(`pfn ${leaf.pfn}`), monoWidth(leafRights(leaf))) + PADDING;
  return form === 'chip' ? monoWidth(leaf.pfn) + CHIP_PADDING : DOT;
}

/** What a leaf allows and its flags, for instance rw- AF. */
export function leafRights({ perms, flags }: LeafView): string {
  return `${perms} ${flags}`.trim();
}
