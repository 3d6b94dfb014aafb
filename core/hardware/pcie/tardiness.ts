/** Devices that do not answer an Invalidate Request as soon as they can. PCIe 10.3.1. */
import { hasRunOut } from '../../sim/time-out.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { type Link, linksOf } from './link.ts';

/** late: it may take longer than the IOMMU waits. silent: it hangs, neither forgets nor answers. */
export type Manner = 'late' | 'silent';

interface Tardiness extends Row {
  readonly link: number;
  readonly manner: Manner;
}

/** Links to devices with a manner of their own; all others answer. */
export const tardinesses = table<Tardiness>('tardiness', { link: 'int', manner: 'text' }, (id, r) => ({
  ...{ id, h0: 0, h1: 0, link: r.link, manner: r.manner },
}));

export function mannerOf(world: World, link: number): Manner | undefined {
  return tardinesses.first(world, (row) => row.link === link)?.manner;
}

/** Says how the device below a link answers from now on; `answer`: as soon as it can. */
export function setManner(world: World, link: number, manner: Manner | 'answer'): void {
  const known = tardinesses.first(world, (row) => row.link === link);
  if (known !== undefined) tardinesses.remove(world, known.id);
  if (manner !== 'answer') tardinesses.insert(world, { link, manner });
}

/**
 * Links below an IOMMU whose Invalidate Completions will not be waited for any longer: a minute has passed. It may have
 * for a late device at any moment; for another only when neither it nor the IOMMU, which has to take its messages, does
 * anything more.
 */
export function overdueLinks(world: World, iommu: { readonly id: number; readonly name: string }): Link[] {
  return linksOf(world, iommu.id).filter(({ id, name, itags }) => {
    if (itags === 0) return false;
    return mannerOf(world, id) === 'late' || hasRunOut(world, [name, iommu.name], 'completion');
  });
}

/** Whether somebody who waits for an IOMMU waits for a device that may take as long as it likes. */
export function awaitsLateDevice(world: World, iommu: number): boolean {
  return linksOf(world, iommu).some(({ id, itags }) => itags !== 0 && mannerOf(world, id) === 'late');
}
