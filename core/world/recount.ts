import { FRAME_WORDS } from './page-frame.ts';
import { ringShare } from './ring.ts';
import type { Fingerprint, World } from './world.ts';

/** The fingerprint computed from nothing: must equal the one that was kept up to date. */
export function recount(world: World): Fingerprint {
  let a = 0;
  let b = 0;
  world.schema.tables.forEach((table) => {
    for (const row of table.all(world)) {
      const fresh = table.fresh(row);
      a = (a + fresh.h0) | 0;
      b ^= fresh.h1;
    }
  });
  for (const slot of world.writtenSlots()) {
    const words = world.frame(slot).words;
    for (let i = 0; i < FRAME_WORDS; i++) {
      if (world.slots.shareOf(slot, i) !== 'hashed') continue;
      a = (a + world.slots.word0(slot, i, words[i] as number)) | 0;
      b ^= world.slots.word1(slot, i, words[i] as number);
    }
  }
  for (const ring of world.rings) {
    const [ring0, ring1] = ringShare(world, ring);
    a = (a + ring0) | 0;
    b ^= ring1;
  }
  return [a, b];
}
