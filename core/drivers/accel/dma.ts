import { devices } from '../../devices/device.ts';
import { hasPlace, OPERATIONS, submit } from '../../devices/job.ts';
import { pasidUseOf } from '../../devices/pasid-use.ts';
import { iommuMap, iommuUnmap, unmapped } from '../../iommu/map.ts';
import { NO_SPACE, spaceInWords, spaces } from '../../iommu/space.ts';
import { ERRNO, isError } from '../../lib/errno.ts';
import { hex } from '../../lib/format.ts';
import type { Result } from '../../lib/result.ts';
import { allocateFrame, putFrame } from '../../process/frame.ts';
import { call, done, fail, type Next, procedure, RESULT, step } from '../../sim/procedure.ts';
import { reach, send, tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';

/** The example driver's own memory: pages that a device reaches by DMA addresses, without a process. */

/**
 * Takes pages of memory and maps them one by one, as dma_alloc_attrs() does; all or none. Returns 0 or the errno of the
 * first page that could not be mapped. `page` is the next one, `done` how many are mapped before it.
 */
export const mapDma = procedure(
  'accel_map_dma',
  'device-driver',
  {
    take: ['domain', 'space', 'page', 'left', 'done', 'access'],
    check: ['domain', 'space', 'page', 'left', 'done', 'access', 'pfn', 'result'],
    undone: ['errno'],
  },
  (go) => ({
    take: step(
      'takes a page of memory for {page} of {where}: {outcome}',
      { cite: 'drivers/iommu/dma-iommu.c' },
      (world, locals) => {
        const { domain, space, page, access } = locals;
        tell(world, { where: spaceInWords(world, domain, space), outcome: 'there is none' });
        const frame = takeFrame(world, domain, space);
        if (!frame.ok) return undo(locals, ERRNO.ENOMEM);
        const pfn = frame.value;
        tell(world, { outcome: `0x${hex(pfn)}` });
        return call(
          iommuMap.at.map({ domain, space, page, pfn, access }),
          go.check({ ...locals, pfn, result: RESULT }),
        );
      },
    ),
    check: step('sees that {page} {is}', { cite: 'drivers/iommu/dma-iommu.c' }, (world, { pfn, result, ...locals }) => {
      tell(world, { is: isError(result) ? 'could not be mapped' : 'is mapped' });
      if (isError(result)) {
        putFrame(world, pfn);
        return undo(locals, result);
      }
      if (locals.left === 1) return done();
      return go.take({ ...locals, page: locals.page + 1, left: locals.left - 1, done: locals.done + 1 });
    }),
    undone: step(
      'gives the pages back that it had mapped',
      { cite: 'drivers/iommu/dma-iommu.c' },
      (world, { errno }) => {
        freeUnmapped(world);
        return fail(errno);
      },
    ),
  }),
);

/** Takes back what was mapped before the page that could not be. */
function undo(
  { domain, space, page, done: mapped }: { domain: number; space: number; page: number; done: number },
  errno: number,
): Next {
  if (mapped === 0) return fail(errno);
  return call(iommuUnmap.at.unmap({ domain, space, page: page - mapped, pages: mapped }), mapDma.at.undone({ errno }));
}

/** A page of memory for DMA. */
export function takeFrame(world: World, domain: number, space: number): Result<number, 'ENOMEM'> {
  return space === NO_SPACE ? allocateFrame(world, 'dma', domain) : allocateFrame(world, 'private', space);
}

/** Frees the memory that this actor has unmapped, after the flush; gives the number of pages. */
function freeUnmapped(world: World): number {
  const own = unmapped.all(world).filter((row) => row.actor === world.acting);
  for (const { id, pfn } of own) {
    unmapped.remove(world, id);
    putFrame(world, pfn);
  }
  return own.length;
}

/** Unmaps pages and frees their memory, in this order. Returns how many were mapped. */
export const unmapDma = procedure(
  'accel_unmap_dma',
  'device-driver',
  { unmap: ['domain', 'space', 'page', 'pages'], free: [] },
  (go) => ({
    unmap: step(
      'gives up {page} of {where} and what follows: {pages} pages',
      { cite: 'drivers/iommu/dma-iommu.c' },
      (world, locals) => {
        tell(world, { where: spaceInWords(world, locals.domain, locals.space) });
        return call(iommuUnmap.at.unmap(locals), go.free({}));
      },
    ),
    free: step('frees the memory behind them: {count}', { cite: 'drivers/iommu/dma-iommu.c' }, (world) => {
      const count = freeUnmapped(world);
      tell(world, { count: count === 1 ? 'one page' : `${count} pages` });
      return done(count);
    }),
  }),
);

/** Writes a work descriptor that names a DMA address. EINVAL where the device does not use the private PASID. */
export const submitDma = procedure(
  'accel_submit_dma',
  'device-driver',
  { submit: ['device', 'operation', 'space', 'page', 'offset', 'bytes', 'data'] },
  () => ({
    submit: step(
      'submits {job} to {device} with {pasid}',
      {
        when: (world, { device }) => hasPlace(world, device),
        wait: 'sleep',
        awaits: 'a free work descriptor',
        atomic: 'one 64-byte store to the portal',
        cite: 'docs/notional-machine.md, work descriptors',
        cost: 'link',
        chapter: 'Submit',
        transaction: true,
      },
      (world, { device, operation, space, ...work }) => {
        const pasid = pasidForWork(world, device, space);
        tell(world, { job: 'nothing', pasid: pasid ?? -1 });
        if (pasid === null) return fail('EINVAL');
        const kind = OPERATIONS[operation] ?? 'read';
        const row = submit(world, device, { ...work, pasid, mm: -1, operation: kind, hops: 0 });
        tell(world, { job: row.id, pasid });
        const text = `submit: ${kind} ${work.bytes} B`;
        send(world, 'message', 'device-driver', devices.get(world, device).name, text, { pasid });
        reach(world, 'dma.submitted');
        return done(row.id);
      },
    ),
  }),
);

/** The PASID that work on DMA addresses carries: that of the space, -1 for none; null if the device does not use it. */
function pasidForWork(world: World, device: number, space: number): number | null {
  if (space === NO_SPACE) return -1;
  const pasid = spaces.find(world, space)?.pasid ?? -1;
  return pasidUseOf(world, device, pasid)?.state === 'running' ? pasid : null;
}
