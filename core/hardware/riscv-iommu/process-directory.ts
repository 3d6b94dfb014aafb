/** Process directory: from a process_id of a device to the process context. RISC-V IOMMU 2.2, 2.3.2. */
import { assert } from '../../lib/assert.ts';
import type { World } from '../../world/world.ts';
import { fillLine, findLine, lineField, pinLine } from '../config-cache.ts';
import { getField } from '../layout.ts';
import { type Place, readFrom } from './bus.ts';
import { dcField, isFirstStage } from './device-context.ts';
import { PDTP_MODE } from './device-directory.layout.ts';
import type { Lookup } from './device-directory.ts';
import { mayCache, pdtCache } from './iommu.ts';
import { PC, PDTE_NONLEAF } from './process-directory.layout.ts';
import { CAUSE } from './queues.layout.ts';
import { hasAny, reservedBits } from './reserved.ts';

const RESERVED_PDTE = reservedBits(PDTE_NONLEAF);
const RESERVED_PC = reservedBits(PC);

/** Levels of the directory and bits of a process_id that they resolve, by pdtp.MODE. */
const SHAPES: Readonly<Record<number, { readonly levels: number; readonly bits: number }>> = {
  [PDTP_MODE.PD8]: { levels: 1, bits: 8 },
  [PDTP_MODE.PD17]: { levels: 2, bits: 17 },
  [PDTP_MODE.PD20]: { levels: 3, bits: 20 },
};

/** Whose context is looked for. */
export interface ProcessTag {
  readonly device: number;
  readonly process: number;
}

/** A process_id that the directory of a device cannot resolve. RISC-V IOMMU 2.3, step 7. */
export function isProcessTooWide(mode: number, process: number): boolean {
  const shape = SHAPES[mode];
  return shape !== undefined && process >= 2 ** shape.bits;
}

export function pcField(world: World, iommu: number, line: number, name: keyof typeof PC.fields): number {
  return lineField(world, pdtCache(world, iommu), line, PC.fields[name]);
}

/** Looks for a process context in the cache, else says where in memory to begin. */
export function findProcess(world: World, iommu: number, dc: number, { device, process }: ProcessTag): Lookup {
  const cache = pdtCache(world, iommu);
  const line = findLine(world, cache, device, process);
  if (line >= 0) {
    pinLine(world, cache, line);
    return { to: 'line', line };
  }
  const shape = SHAPES[dcField(world, iommu, dc, 'fsc.MODE')];
  assert(shape !== undefined, 'a process context is looked for where there is a directory');
  return { to: 'level', table: dcField(world, iommu, dc, 'fsc.PPN'), level: shape.levels - 1 };
}

/** PDI: which entry of a level a process_id goes through. */
function indexAt(process: number, level: number): number {
  if (level === 0) return process & 255;
  return level === 1 ? (process >>> 8) & 511 : process >>> 17;
}

/** Reads an entry that points to the next level. RISC-V IOMMU 2.3.2, steps 2 to 8, with PDI[i] at each level. */
export function readPdte(world: World, iommu: number, { process }: ProcessTag, table: number, level: number): Lookup {
  const words = new Uint32Array(PDTE_NONLEAF.size / 4);
  const place = { page: table, offset: indexAt(process, level) * PDTE_NONLEAF.size };
  const status = readFrom(world, iommu, place, words);
  if (status === 'refused') return fault(CAUSE.PDT_ACCESS);
  if (status === 'poisoned') return fault(CAUSE.PDT_CORRUPT);
  if (getField(words, PDTE_NONLEAF.fields.V) === 0) return fault(CAUSE.PDT_NOT_VALID);
  if (hasAny(words, RESERVED_PDTE)) return fault(CAUSE.PDT_MISCONFIGURED);
  return { to: 'level', table: getField(words, PDTE_NONLEAF.fields.PPN), level: level - 1 };
}

function fault(cause: number): Lookup {
  return { to: 'fault', cause };
}

/** Reads the process context into its cache; one with a fault is not kept. RISC-V IOMMU 2.3.2, steps 9 to 13. */
export function readPc(world: World, iommu: number, tag: ProcessTag, table: number): Lookup {
  const words = new Uint32Array(PC.size / 4);
  const place: Place = { page: table, offset: indexAt(tag.process, 0) * PC.size };
  const status = readFrom(world, iommu, place, words);
  if (status === 'refused') return fault(CAUSE.PDT_ACCESS);
  if (status === 'poisoned') return fault(CAUSE.PDT_CORRUPT);
  if (getField(words, PC.fields['ta.V']) === 0) return fault(CAUSE.PDT_NOT_VALID);
  const isUsable = !hasAny(words, RESERVED_PC) && isFirstStage(world, iommu, getField(words, PC.fields['fsc.MODE']));
  if (!isUsable) return fault(CAUSE.PDT_MISCONFIGURED);
  const cache = pdtCache(world, iommu);
  const key = { sid: tag.device, ssid: tag.process };
  return { to: 'line', line: fillLine(world, cache, key, place, mayCache(world, iommu), words.length) };
}
