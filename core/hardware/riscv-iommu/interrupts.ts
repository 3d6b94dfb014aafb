/** Interrupts: a pending bit for each source, and a message or a wire when it is set. RISC-V IOMMU 5.18, 5.27, 5.28. */
import { send, tell } from '../../sim/telling.ts';
import { readWord, writeWord } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { raise } from '../irq.ts';
import { getField } from '../layout.ts';
import { storeTo } from './bus.ts';
import { riscvIommus, scratchPage } from './iommu.ts';
import { MSI_CFG, MSI_CFG_TABLE, REGISTER } from './registers.layout.ts';
import { registerField, setBit } from './registers.ts';

/** The column of the kernel's IOMMU driver in a sequence chart. */
export const DRIVER = 'smmu-driver';

/** Page of the interrupt file that message interrupts are written to: the number of a line raises it. */
export const INTERRUPT_FILE = 0x28000;

/** Byte offset in the scratch page of the word that has a bit for each vector whose message is held back. */
const HELD_VECTORS = 256;

const SOURCES = {
  command: { pending: 'cip', vector: 'civ', irq: 'commandIrq', words: 'command queue interrupt' },
  fault: { pending: 'fip', vector: 'fiv', irq: 'faultIrq', words: 'fault queue interrupt' },
  page: { pending: 'pip', vector: 'piv', irq: 'pageIrq', words: 'page-request queue interrupt' },
} as const;
export type Source = keyof typeof SOURCES;

/** What came of an interrupt: a message may meet memory that refuses it. */
export type Delivery = 'delivered' | 'pending' | { readonly refused: { readonly lo: number; readonly hi: number } };

/** Sets the pending bit of a source, unless it is set; then sends its message or raises its wire. RISC-V IOMMU 5.18. */
export function interrupt(world: World, iommu: number, source: Source): Delivery {
  const { pending, vector, irq, words } = SOURCES[source];
  if (registerField(world, iommu, REGISTER.ipsr, pending) === 1) return 'pending';
  setBit(world, iommu, REGISTER.ipsr, pending, true);
  const row = riscvIommus.get(world, iommu);
  if (registerField(world, iommu, REGISTER.fctl, 'WSI') === 1) {
    raise(world, row[irq]);
    send(world, 'wakeup', row.name, DRIVER, words);
    return 'delivered';
  }
  return sendMessage(world, iommu, registerField(world, iommu, REGISTER.icvec, vector), words);
}

/** The message of a vector, or a note that it is wanted while its vector is masked. */
function sendMessage(world: World, iommu: number, vector: number, text: string): Delivery {
  const entry = new Uint32Array(MSI_CFG.size / 4);
  const { page, name } = riscvIommus.get(world, iommu);
  for (let i = 0; i < entry.length; i++)
    entry[i] = readWord(world, page, MSI_CFG_TABLE + vector * MSI_CFG.size + i * 4);
  if (getField(entry, MSI_CFG.fields.M) === 1) {
    const held = readWord(world, scratchPage(world, iommu), HELD_VECTORS);
    writeWord(world, scratchPage(world, iommu), HELD_VECTORS, held | (1 << vector));
    return 'pending';
  }
  const [lo = 0, hi = 0, data = 0] = entry;
  const place = { page: hi * 2 ** 20 + (lo >>> 12), offset: lo & 0xffc };
  if (place.page === INTERRUPT_FILE) raise(world, data);
  else if (!storeTo(world, iommu, place, [data])) return { refused: { lo, hi } };
  tell(world, { msi: data });
  send(world, 'wakeup', name, DRIVER, text);
  return 'delivered';
}

/** The mask of a vector was cleared: a message that was held back goes out now. RISC-V IOMMU 5.28. */
export function releaseVector(world: World, iommu: number, vector: number): Delivery {
  const held = readWord(world, scratchPage(world, iommu), HELD_VECTORS);
  if ((held & (1 << vector)) === 0) return 'pending';
  writeWord(world, scratchPage(world, iommu), HELD_VECTORS, held & ~(1 << vector));
  return sendMessage(world, iommu, vector, `interrupt ${vector}, held back until now`);
}
