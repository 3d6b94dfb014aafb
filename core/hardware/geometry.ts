/** The geometry of translation caches that a script has chosen: a row for each cache that is not as usual. */
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import type { Geometry } from './replacement.ts';
import type { TlbShape } from './tlb.ts';

interface ChosenGeometry extends Geometry, Row {
  /** First SRAM page of the cache. */
  readonly page: number;
}

export const geometries = table<ChosenGeometry>(
  'cache-geometry',
  { page: 'int', sets: 'int', ways: 'int', replacement: 'text', seed: 'int' },
  (id, r) => ({ id, h0: 0, h1: 0, page: r.page, sets: r.sets, ways: r.ways, replacement: r.replacement, seed: r.seed }),
);

/** The cache whose storage begins at an SRAM page; `sets` and `ways` are the usual ones. */
export function cacheAt(world: World, page: number, sets: number, ways: number): TlbShape {
  const chosen = geometries.first(world, (row) => row.page === page);
  return chosen ?? { page, sets, ways };
}
