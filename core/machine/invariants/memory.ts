import { hex } from '../../lib/format.ts';
import { frames } from '../../process/frame.ts';
import { pins } from '../../process/pins.ts';
import { diskPage, swapSlots } from '../../process/swap.ts';
import { wordsOf } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { every, type Invariant, type Verdict } from './invariant.ts';

export const MEMORY_INVARIANTS: readonly Invariant[] = [
  {
    id: 'swap-clean',
    stands: ['I14c'],
    claim: 'A page of the swap cache that counts as clean holds what lies on the disk: no write of a device is lost.',
    cases: 'clean pages of the swap cache',
    check: lostWrite,
  },
  {
    id: 'pinned-frames',
    stands: ['I14'],
    claim: 'A page that is pinned keeps its frame, with a reference for each pin, whatever becomes of its mapping.',
    cases: 'pins',
    check: lostPin,
  },
];

function lostWrite(world: World): Verdict {
  const clean = swapSlots.all(world).filter((slot) => slot.clean === 1 && slot.pfn >= 0);
  return every(clean, ({ id, pfn }) => {
    const disk = wordsOf(world, diskPage(id));
    const word = wordsOf(world, pfn).findIndex((value, index) => value !== disk[index]);
    return word < 0 ? null : `frame 0x${hex(pfn)} differs from slot ${id + 1} of the disk at offset 0x${hex(word * 4)}`;
  });
}

function lostPin(world: World): Verdict {
  return every(pins.slots(world), ({ pfn }) => {
    const frame = frames.find(world, pfn - world.slots.ramFirst);
    if (frame === undefined) return `frame 0x${hex(pfn)} is pinned and free`;
    const held = pins.all(world).filter((pin) => pin.pfn === pfn).length;
    return frame.use !== 'kernel' && frame.refs < held
      ? `frame 0x${hex(pfn)} has ${held} pins and ${frame.refs} references`
      : null;
  });
}
