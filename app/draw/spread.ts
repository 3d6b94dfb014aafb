export interface Wish {
  /** Where its middle would like to be. */
  readonly center: number;
  readonly width: number;
}

/**
 * Left edges for things on a line from 0 to `length`: in their order, at least `gap` apart, each as near to its wish as
 * its neighbours let it. Things that do not all fit start at 0.
 */
export function spread(wishes: readonly Wish[], gap: number, length: number): readonly number[] {
  const clusters: { start: number; width: number; members: number[] }[] = [];
  for (const { center, width } of wishes) {
    let cluster = { start: center - width / 2, width, members: [width] };
    for (
      let before = clusters.at(-1);
      before !== undefined && overlaps(before, cluster, gap);
      before = clusters.at(-1)
    ) {
      clusters.pop();
      cluster = join(before, cluster, gap);
    }
    clusters.push(cluster);
  }
  const edges = clusters.flatMap(({ start, members }) => edgesOf(start, members, gap));
  return within(edges, wishes, gap, length);
}

type Cluster = { start: number; width: number; members: number[] };

function overlaps(before: Cluster, after: Cluster, gap: number): boolean {
  return before.start + before.width + gap > after.start;
}

/** Two clusters as one, placed where their members' wishes have their mean. */
function join(before: Cluster, after: Cluster, gap: number): Cluster {
  const width = before.width + gap + after.width;
  const [a, b] = [before.members.length, after.members.length];
  const wishOfAfter = after.start - before.width - gap;
  const start = (before.start * a + wishOfAfter * b) / (a + b);
  return { start, width, members: [...before.members, ...after.members] };
}

function edgesOf(start: number, widths: readonly number[], gap: number): number[] {
  let edge = start;
  return widths.map((width) => {
    const own = edge;
    edge += width + gap;
    return own;
  });
}

/** Pushes what sticks out on the right back in, then what sticks out on the left. */
function within(edges: readonly number[], wishes: readonly Wish[], gap: number, length: number): number[] {
  const placed = [...edges];
  let limit = length;
  for (let index = placed.length - 1; index >= 0; index--) {
    const width = wishes[index]?.width ?? 0;
    placed[index] = Math.min(placed[index] ?? 0, limit - width);
    limit = (placed[index] ?? 0) - gap;
  }
  let least = 0;
  for (let index = 0; index < placed.length; index++) {
    placed[index] = Math.max(placed[index] ?? 0, least);
    least = (placed[index] ?? 0) + (wishes[index]?.width ?? 0) + gap;
  }
  return placed;
}
