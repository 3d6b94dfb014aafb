/**
 * What the walks of a stream have found, by address space and page: a tree with a node for each page table on the way,
 * and in it, for each entry that a walk went through, one word. A later walk goes the same way level by level, and has at
 * its end all that the entries said. Nobody else writes to page tables while a device streams, and only what a
 * walk found without marking anything is kept, so that nothing in the tree grows old.
 */
import { type BulkLeaf, flagsOf } from './bulk-tlb.ts';

/** Pages that a tree of four levels holds and that stay small integers; those above are walked with care. */
export const TRAIL_PAGES = 2 ** 31 - 1;
const NODE_WORDS = 512;
const FIRST_NODES = 64;
const LEVELS = 4;
/** Bits of an entry that say its class; its output page lies above them. */
export const CLASS_BITS = 10;
/** Words of a class: flags of an entry of a TLB, the low word of the leaf without its output, the high word. */
export const CLASS_WORDS = 4;

/** What the accesses of a stream have in common. */
interface TrailRules {
  /** By space: the entries that hardware reads on a whole walk. */
  readonly levels: readonly number[];
  /** Where the output page begins in the low word of a leaf. */
  readonly shift: number;
  /** Bits that an entry of a TLB must have in its first word, and its leaf in the low word, to be used as it is. */
  readonly flags: number;
  readonly lo: number;
}

export interface BulkTrail extends Omit<TrailRules, 'levels'> {
  /** Node 0 is all zero, for an entry of zero leads nowhere; in a node of level 0 the output page and its class. */
  entries: Int32Array;
  /** Words in use. */
  used: number;
  /** By space: where its first node begins, and its levels. */
  readonly roots: Int32Array;
  readonly reads: Int32Array;
  /** All that leaves say beside their output; class 0 is none. */
  readonly classes: Int32Array;
  known: number;
}

/** Nothing is known yet. */
export function emptyTrail({ levels, shift, flags, lo }: TrailRules): BulkTrail {
  return {
    ...{ shift, flags, lo },
    entries: new Int32Array((levels.length + FIRST_NODES) * NODE_WORDS),
    used: (levels.length + 1) * NODE_WORDS,
    roots: Int32Array.from(levels, (_levels, space) => (space + 1) * NODE_WORDS),
    reads: Int32Array.from(levels),
    ...{ classes: new Int32Array(CLASS_WORDS << CLASS_BITS), known: 0 },
  };
}

/** The entry at the end of a page's way, 0 where none is known: its output above `shift` bits of its class. */
export function trailAt(entries: Int32Array, root: number, page: number): number {
  const third = entries[root + (page >>> 27)] as number;
  const second = entries[third + ((page >>> 18) & 511)] as number;
  const first = entries[second + ((page >>> 9) & 511)] as number;
  return entries[first + (page & 511)] as number;
}

/** Keeps what a walk found; a superpage, and an output that does not fit an entry, are walked with care each time. */
export function learn(trail: BulkTrail, space: number, page: number, leaf: BulkLeaf): void {
  const { shift } = trail;
  if (leaf.span !== 0 || page >= TRAIL_PAGES || leaf.output >= 2 ** (32 - CLASS_BITS)) return;
  const flags = flagsOf(leaf, 0);
  if (((~flags & trail.flags) | (~leaf.lo & trail.lo)) !== 0) return;
  const kind = classOf(trail, flags, leaf.lo & ~(-1 << shift), leaf.hi);
  if (kind === 0) return;
  let node = trail.roots[space] as number;
  for (let level = LEVELS - 1; level > 0; level--) {
    const at = node + ((page >>> (level * 9)) & 511);
    node = trail.entries[at] as number;
    if (node === 0) {
      node = newNode(trail);
      trail.entries[at] = node;
    }
  }
  trail.entries[node + (page & 511)] = (leaf.output << CLASS_BITS) | kind;
}

function newNode(trail: BulkTrail): number {
  const node = trail.used;
  if (node === trail.entries.length) {
    const larger = new Int32Array(node * 2);
    larger.set(trail.entries);
    trail.entries = larger;
  }
  trail.used = node + NODE_WORDS;
  return node;
}

/** The number of a class, a new one where there is room; 0 where there is none. */
function classOf(trail: BulkTrail, flags: number, lo: number, hi: number): number {
  const { classes, known } = trail;
  for (let kind = 1; kind <= known; kind++) {
    const at = kind * CLASS_WORDS;
    if (classes[at] === flags && classes[at + 1] === lo && classes[at + 2] === hi) return kind;
  }
  const kind = known + 1;
  if (kind >>> CLASS_BITS !== 0) return 0;
  trail.known = kind;
  classes.set([flags, lo, hi], kind * CLASS_WORDS);
  return kind;
}
