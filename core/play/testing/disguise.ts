import { LEDGER_FIRST } from '../../world/page-frame.ts';
import type { Row } from '../../world/row.ts';
import type { Table } from '../../world/table.ts';
import { branch, type World } from '../../world/world.ts';

/** A copy of a world that differs in everything that the fingerprint leaves out: names, clock, and who listens. */
export function disguised(world: World): World {
  const copy = branch(world);
  for (const table of copy.schema.tables) for (const row of table.all(copy)) rename(copy, table, row);
  for (const slot of [...copy.writtenSlots()]) {
    if (copy.slots.pageOf(slot) < LEDGER_FIRST) continue;
    copy.frame(slot).words.forEach((word, index) => {
      copy.writeSlot(slot, index, word ^ (0x5bd1e995 * (index + 1)));
    });
  }
  copy.listener = () => {};
  return copy;
}

function rename(world: World, table: Table<Row>, row: Row): void {
  const names = table.describe().filter(({ kind }) => kind === 'name');
  if (names.length === 0) return;
  table.edit(world, row.id, (draft) => {
    const cells = draft as unknown as Record<string, unknown>;
    for (const { key } of names) cells[key] = `not ${cells[key]}, ${row.id}`;
  });
}
