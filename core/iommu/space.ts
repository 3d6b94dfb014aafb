import { writesAs } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { domains } from './domain.ts';

/**
 * A private PASID: one whose page tables are no process's but filled by map and unmap. An io_mm without mm in the branch
 * of 2018, a paging domain attached to the PASID in mainline; here one device has it.
 */
export interface Space extends Row {
  readonly name: string;
  readonly device: number;
  /** The domain of that device. */
  readonly domain: number;
  /** -1 until it has one. */
  readonly pasid: number;
  /** attaching and leaving: its entry in the PASID table is being written or taken out. */
  readonly state: 'attaching' | 'live' | 'leaving';
}

export const spaces = table<Space>(
  'space',
  { name: 'name', device: 'int', domain: 'int', pasid: 'int', state: 'text' },
  (id, r) => ({ id, h0: 0, h1: 0, name: r.name, device: r.device, domain: r.domain, pasid: r.pasid, state: r.state }),
);

/** Stands for the page tables of entry 0: the DMA addresses of a domain as a whole. */
export const NO_SPACE = -1;

export function spaceWithPasid(world: World, pasid: number): Space | undefined {
  return spaces.first(world, (row) => row.pasid === pasid && pasid > 0);
}

/** Private PASIDs of a device. */
export function spacesOf(world: World, device: number): Space[] {
  return spaces.all(world).filter((row) => row.device === device);
}

/** Whose DMA addresses are meant, in words. */
export function spaceInWords(world: World, domain: number, space: number): string {
  if (space === NO_SPACE) return `domain ${domains.get(world, domain).name}`;
  return spaces.find(world, space)?.name ?? 'a private PASID that is gone';
}

writesAs('space', (world, id) => spaces.find(world, id)?.name ?? 'no private PASID');
