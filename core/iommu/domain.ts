import { writesAs } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** A set of groups that share one IOVA space and one PASID table (RFCv2: "one PASID table per domain"). */
export interface Domain extends Row {
  readonly name: string;
  /** Which driver serves it; it picks the provider of every hook in ops.ts. */
  readonly backend: string;
  /** Range of PASIDs that its table can hold, both included; 0 is the entry for traffic without PASID. */
  readonly minPasid: number;
  readonly maxPasid: number;
}

export const domains = table<Domain>(
  'domain',
  { name: 'name', backend: 'text', minPasid: 'int', maxPasid: 'int' },
  (id, r) => ({ id, h0: 0, h1: 0, name: r.name, backend: r.backend, minPasid: r.minPasid, maxPasid: r.maxPasid }),
);

/** A, B, C and so on: the first that no domain is called. */
export function freeDomainName(world: World): string {
  const taken = domains.all(world).map((row) => row.name);
  let at = 0;
  while (taken.includes(letters(at))) at++;
  return letters(at);
}

const letters = (at: number): string =>
  String.fromCharCode('A'.charCodeAt(0) + (at % 26)).repeat(1 + Math.floor(at / 26));

writesAs('domain', (world, id) => `domain ${domains.get(world, id).name}`);
