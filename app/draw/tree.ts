import type { LeafView, TreeView, WalkView } from '../engine/contract.ts';
import { leafWishes, type PlacedLeaf, placeLeaves } from './leaves.ts';
import { clamp, STRIP_HEIGHT, type Strip, slotMiddle, stripsOf } from './strips.ts';
import { funnel, longThread, type Point, thread } from './threads.ts';

const LEVELS = [0, 1, 2, 3] as const;
export const LEAF_HEIGHT = 40;
const END_HEIGHT = 22;
const LAST_LEVEL = 3;
const PITCH_LEAST = 44;
const PITCH_MOST = 110;
/** What leaves take of a pitch: the thread falls a little less far to them. */
const LEAF_FALL = 0.8;
const END_WIDTH = 72;
/** From a strip down to the line that labels of indices stand on, and the width of one. */
const LABEL_DROP = 14;
const LABEL_ROOM = 44;

export interface DrawnLevel {
  readonly level: number;
  readonly y: number;
  /** No table there: nothing but a dashed outline. */
  readonly empty: boolean;
  readonly strips: readonly Strip[];
}

export interface DrawnWalk {
  readonly walker: WalkView['walker'];
  readonly end: WalkView['end'];
  /** The part that found an entry, and the part after it that found none. */
  readonly path: string;
  readonly lost: string;
  readonly labels: readonly {
    readonly level: number;
    readonly index: number;
    readonly at: Point;
    readonly side: -1 | 1;
  }[];
  /** The empty slot in which it ended. */
  readonly slot: { readonly x: number; readonly y: number } | null;
  /** The box that says that nothing is there. */
  readonly nothing: { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null;
}

export interface DrawnTree {
  readonly width: number;
  readonly height: number;
  readonly levels: readonly DrawnLevel[];
  readonly funnels: readonly { readonly key: string; readonly path: string }[];
  readonly threads: readonly { readonly entry: string; readonly path: string }[];
  readonly leaves: readonly PlacedLeaf[];
  readonly leafY: number;
  readonly walk: DrawnWalk | null;
}

/** What is drawn of a tree. */
type TreeShape = Pick<TreeView, 'levels' | 'leaves' | 'walk'>;

/** Where everything of a tree stands in a box of this width; of the height it uses what it can. */
export function layoutTree(tree: TreeShape, box: { readonly width: number; readonly height: number }): DrawnTree {
  const pitch = clamp((box.height - LEAF_HEIGHT - STRIP_HEIGHT) / (LAST_LEVEL + LEAF_FALL), PITCH_LEAST, PITCH_MOST);
  const levels = LEVELS.map((level): DrawnLevel => {
    const known = tree.levels.find((one) => one.level === level);
    const strips = known === undefined ? [] : stripsOf(known, level * pitch, box.width);
    return { level, y: level * pitch, empty: strips.length === 0, strips };
  });
  const leafY = (LAST_LEVEL + LEAF_FALL) * pitch + STRIP_HEIGHT;
  const steps = tree.walk === null ? [] : stepsOf(tree.walk, levels);
  const placed = placeLeaves(
    leafWishes(tree.leaves, levels[LAST_LEVEL]?.strips ?? [], walkedLeaf(tree), lostAtLast(tree, steps)),
    box.width,
  );
  const walk = tree.walk === null ? null : drawWalk(tree.walk, steps, placed, { leafY, pitch, width: box.width });
  return {
    width: box.width,
    height: leafY + LEAF_HEIGHT,
    levels,
    funnels: funnelsOf(levels),
    threads: placed.leaves.map((leaf) => ({
      entry: leaf.leaf.from,
      path: thread([leaf.from, (levels[LAST_LEVEL]?.y ?? 0) + STRIP_HEIGHT], [leaf.x + leaf.width / 2, leafY]),
    })),
    leaves: placed.leaves,
    leafY,
    walk,
  };
}

/** Entries open into the tables of the next level; both are in the order of addresses, so funnels never cross. */
function funnelsOf(levels: readonly DrawnLevel[]): { key: string; path: string }[] {
  return levels.flatMap(({ strips, y }, index) => {
    const below = levels[index + 1];
    if (below === undefined) return [];
    return strips.flatMap(({ ticks }) =>
      ticks.flatMap(({ key, to, middle }) => {
        const child = below.strips.find(({ pfn }) => pfn === to);
        if (child === undefined) return [];
        return [{ key, path: funnel([middle, y + STRIP_HEIGHT], child.x, child.x + child.width, below.y) }];
      }),
    );
  });
}

interface Step {
  readonly level: number;
  readonly index: number;
  readonly x: number;
  readonly y: number;
  /** Whether an entry is there. */
  readonly used: boolean;
}

function stepsOf(walk: WalkView, levels: readonly DrawnLevel[]): Step[] {
  return walk.path.flatMap(({ level, table, index }): Step[] => {
    const strip = levels[level]?.strips.find(({ key, pfn }) => key === table || pfn === table);
    if (strip === undefined) return [];
    const used = strip.ticks.some((tick) => tick.index === index);
    return [{ level, index, x: slotMiddle(strip, index), y: strip.y, used }];
  });
}

function walkedLeaf({ walk, leaves, levels }: TreeShape): LeafView | null {
  const last = walk?.path.at(-1);
  if (last === undefined || last.level !== LAST_LEVEL || walk?.end === 'missing') return null;
  const table = levels.at(-1)?.tables.find(({ key, pfn }) => key === last.table || pfn === last.table);
  const entry = table?.entries.find(({ index }) => index === last.index);
  return leaves.find(({ from }) => from === entry?.key) ?? null;
}

/** Where a box "no frame" would like to stand among the leaves; null if the walk did not end there. */
function lostAtLast({ walk }: TreeShape, steps: readonly Step[]): number | null {
  const last = steps.at(-1);
  return walk?.end === 'missing' && last?.level === LAST_LEVEL ? last.x : null;
}

interface Room {
  readonly leafY: number;
  readonly pitch: number;
  readonly width: number;
}

type Placed = ReturnType<typeof placeLeaves>;

function drawWalk(walk: WalkView, steps: readonly Step[], placed: Placed, room: Room): DrawnWalk {
  const last = steps.at(-1);
  const lost = walk.end === 'missing' && last !== undefined && !last.used;
  const leaf = placed.leaves.find(({ walked }) => walked);
  const points = steps.flatMap(({ x, y }): Point[] => [
    [x, y],
    [x, y + STRIP_HEIGHT],
  ]);
  if (leaf !== undefined && walk.end !== 'none') points.push([leaf.x + leaf.width / 2, room.leafY]);
  const nothing = lost ? nothingBox(last, placed, room) : null;
  const labels = steps.map(({ level, index, x, y }, number) => {
    const next =
      steps[number + 1]?.x ?? (nothing === null ? leaf && leaf.x + leaf.width / 2 : nothing.x + nothing.width / 2);
    return { level, index, at: [x, y + STRIP_HEIGHT + LABEL_DROP] as const, side: sideFor(x, next ?? x, room.width) };
  });
  return {
    walker: walk.walker,
    end: walk.end,
    path: longThread(lost ? points.slice(0, -1) : points),
    lost:
      nothing === null || last === undefined
        ? ''
        : thread([last.x, last.y + STRIP_HEIGHT], [nothing.x + nothing.width / 2, nothing.y]),
    labels,
    slot: lost ? { x: last.x, y: last.y } : null,
    nothing,
  };
}

/** The label of an index stands on the side that its thread does not take; there is no room right of the strips. */
function sideFor(x: number, next: number, width: number): -1 | 1 {
  if (x > width - LABEL_ROOM) return -1;
  return next > x ? -1 : 1;
}

function nothingBox(last: Step, placed: Placed, { leafY, width }: Room): NonNullable<DrawnWalk['nothing']> {
  if (placed.nothing !== null) return { ...placed.nothing, y: leafY, height: LEAF_HEIGHT };
  const x = clamp(last.x - END_WIDTH / 2, 0, width - END_WIDTH);
  return { x, y: last.y + STRIP_HEIGHT + 20, width: END_WIDTH, height: END_HEIGHT };
}
