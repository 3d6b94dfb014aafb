/** Device directory: from a device_id to the device context. RISC-V IOMMU 2.1, 2.3.1. */
import type { World } from '../../world/world.ts';
import { fillLine, findLine, pinLine } from '../config-cache.ts';
import { getField } from '../layout.ts';
import { type Place, readFrom } from './bus.ts';
import { isMisconfigured } from './device-context.ts';
import { DC_BASE, DC_EXTENDED, DDTE_NONLEAF, DDTP_MODE } from './device-directory.layout.ts';
import { ddtCache, mayCache } from './iommu.ts';
import { CAUSE } from './queues.layout.ts';
import { REGISTER } from './registers.layout.ts';
import { isCapable, registerField } from './registers.ts';
import { hasAny, reservedBits } from './reserved.ts';

const RESERVED_DDTE = reservedBits(DDTE_NONLEAF);

/** Bit of a link's address that says that the host bridge names PCIe segments: DSV. Below it, segment and RequesterID. */
export const SEGMENT_GIVEN = 2 ** 24;

/** The device_id that transactions of a link carry: RequesterID, and above it the segment. RISC-V IOMMU 2.1. */
export function deviceIdOf(sid: number): number {
  return sid % SEGMENT_GIVEN;
}

/** Where a look-up in a directory goes on. */
export type Lookup =
  | { readonly to: 'line'; readonly line: number }
  | { readonly to: 'level'; readonly table: number; readonly level: number }
  | { readonly to: 'fault'; readonly cause: number };

/** Levels of the device directory, by ddtp.iommu_mode; 0 where there is none. */
const LEVELS: Readonly<Record<number, number>> = {
  [DDTP_MODE['1LVL']]: 1,
  [DDTP_MODE['2LVL']]: 2,
  [DDTP_MODE['3LVL']]: 3,
};

export function directoryLevels(world: World, iommu: number): number {
  return LEVELS[registerField(world, iommu, REGISTER.ddtp, 'iommu_mode')] ?? 0;
}

/** DDI: which entry of a level a device_id goes through. Extended contexts are longer, so level 0 has fewer of them. */
function indexAt(device: number, level: number, isExtended: boolean): number {
  const leafBits = isExtended ? 6 : 7;
  if (level === 0) return device & (2 ** leafBits - 1);
  return level === 1 ? (device >>> leafBits) & 511 : device >>> (leafBits + 9);
}

/** A device_id has more bits than the levels resolve. RISC-V IOMMU 2.3, step 5. */
export function isTooWide(world: World, iommu: number, device: number): boolean {
  const isExtended = isCapable(world, iommu, 'MSI_FLAT');
  for (let level = directoryLevels(world, iommu); level < 3; level++) {
    if (indexAt(device, level, isExtended) !== 0) return true;
  }
  return false;
}

/** Looks for a device context in the cache, else says where in memory to begin. */
export function findDevice(world: World, iommu: number, device: number): Lookup {
  const cache = ddtCache(world, iommu);
  const line = findLine(world, cache, device, 0);
  if (line >= 0) {
    pinLine(world, cache, line);
    return { to: 'line', line };
  }
  const table = registerField(world, iommu, REGISTER.ddtp, 'PPN');
  return { to: 'level', table, level: directoryLevels(world, iommu) - 1 };
}

/** Reads an entry that points to the next level. RISC-V IOMMU 2.3.1, steps 2 to 7. */
export function readDdte(world: World, iommu: number, device: number, table: number, level: number): Lookup {
  const words = new Uint32Array(DDTE_NONLEAF.size / 4);
  const offset = indexAt(device, level, isCapable(world, iommu, 'MSI_FLAT')) * DDTE_NONLEAF.size;
  const status = readFrom(world, iommu, { page: table, offset }, words);
  if (status === 'refused') return fault(CAUSE.DDT_ACCESS);
  if (status === 'poisoned') return fault(CAUSE.DDT_CORRUPT);
  if (getField(words, DDTE_NONLEAF.fields.V) === 0) return fault(CAUSE.DDT_NOT_VALID);
  if (hasAny(words, RESERVED_DDTE)) return fault(CAUSE.DDT_MISCONFIGURED);
  return { to: 'level', table: getField(words, DDTE_NONLEAF.fields.PPN), level: level - 1 };
}

function fault(cause: number): Lookup {
  return { to: 'fault', cause };
}

/** Where a device context lies in its table. */
function placeOfDc(world: World, iommu: number, device: number, table: number): Place {
  const isExtended = isCapable(world, iommu, 'MSI_FLAT');
  return { page: table, offset: indexAt(device, 0, isExtended) * (isExtended ? DC_EXTENDED : DC_BASE).size };
}

/** Reads the device context into its cache; one with a fault is not kept. RISC-V IOMMU 2.3.1, steps 8 to 12. */
export function readDc(world: World, iommu: number, device: number, table: number): Lookup {
  const { size, fields } = isCapable(world, iommu, 'MSI_FLAT') ? DC_EXTENDED : DC_BASE;
  const words = new Uint32Array(size / 4);
  const place = placeOfDc(world, iommu, device, table);
  const status = readFrom(world, iommu, place, words);
  if (status === 'refused') return fault(CAUSE.DDT_ACCESS);
  if (status === 'poisoned') return fault(CAUSE.DDT_CORRUPT);
  if (getField(words, fields['tc.V']) === 0) return fault(CAUSE.DDT_NOT_VALID);
  if (isMisconfigured(world, iommu, words)) return fault(CAUSE.DDT_MISCONFIGURED);
  const tag = { sid: device, ssid: 0 };
  const line = fillLine(world, ddtCache(world, iommu), tag, place, mayCache(world, iommu), words.length);
  return { to: 'line', line };
}
