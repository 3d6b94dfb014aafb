import { LEDGER_FIRST } from '../../world/page-frame.ts';
import type { Row } from '../../world/row.ts';
import type { World } from '../../world/world.ts';

/** Everything that a world is made of, kept beside it. */
export interface Snapshot {
  readonly rows: readonly (readonly (Row | undefined)[])[];
  readonly words: ReadonlyMap<number, Int32Array>;
  readonly fingerprint: string;
}

export function snapshot(world: World): Snapshot {
  const words = new Map<number, Int32Array>();
  for (const slot of world.writtenSlots()) words.set(slot, world.frame(slot).words.slice());
  const rows = world.schema.tables.map((table) => [...world.rowsOf(table.at)]);
  return { rows, words, fingerprint: world.fingerprint().join(' ') };
}

/**
 * Where a world differs from a snapshot; null if nowhere. Of the same world every row must be the same object and every
 * word the same; of another one rows must be equal, and the ledger, which counts the events of each, is left out.
 */
export function difference(world: World, kept: Snapshot, of: 'the same world' | 'another world'): string | null {
  const found = world.fingerprint().join(' ');
  if (found !== kept.fingerprint) return `the fingerprint is ${found}, not ${kept.fingerprint}`;
  for (const table of world.schema.tables) {
    const now = world.rowsOf(table.at);
    const then = kept.rows[table.at] ?? [];
    for (let id = 0; id < Math.max(now.length, then.length); id++) {
      const [a, b] = [now[id], then[id]];
      const equal = a === b || (of === 'another world' && a !== undefined && b !== undefined && table.equal(a, b));
      if (!equal) return `row ${id} of ${table.name} differs`;
    }
  }
  return wordDifference(world, kept.words, of === 'the same world');
}

function wordDifference(world: World, kept: Snapshot['words'], withLedger: boolean): string | null {
  for (const slot of world.writtenSlots()) {
    if (!withLedger && world.slots.pageOf(slot) >= LEDGER_FIRST) continue;
    const then = kept.get(slot);
    const now = world.frame(slot).words;
    for (let index = 0; index < now.length; index++) {
      if (now[index] !== (then?.[index] ?? 0)) return `word ${index} of page ${world.slots.pageOf(slot)} differs`;
    }
  }
  return null;
}
