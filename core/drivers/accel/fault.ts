import {
  type DomainHandler,
  domainHandlers,
  handlerOf,
  REACTIONS,
  type Reaction,
  STATUS,
  statusName,
} from '../../faults/domain-handler.ts';
import { faultResponse } from '../../faults/report.ts';
import { domainOf } from '../../iommu/group.ts';
import { ACCESS, iommuMap } from '../../iommu/map.ts';
import { siliconOf } from '../../iommu/silicon.ts';
import { NO_SPACE } from '../../iommu/space.ts';
import { present } from '../../lib/assert.ts';
import { ERRNO, isError } from '../../lib/errno.ts';
import { putFrame } from '../../process/frame.ts';
import { isWritable, readPte } from '../../process/page-table.ts';
import { actors, spawn } from '../../sim/actor.ts';
import { call, done, procedure, RESULT, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';

import { takeFrame } from './dma.ts';

/** Page faults of DMA addresses: the example driver gives the missing page, at once or later, or refuses. RFCv2 09/36. */

/** A fault that the driver has taken over: it owes the device the answer. */
export interface Deferred extends Row {
  readonly device: number;
  readonly page: number;
  readonly access: number;
  readonly prgi: number;
  /** 1: the last of its group, after which the group is answered. */
  readonly last: number;
  /** Order of arrival. */
  readonly place: number;
}

export const deferredFaults = table<Deferred>(
  'deferred-fault',
  { device: 'int', page: 'int', access: 'int', prgi: 'int', last: 'int', place: 'int' },
  (id, r) => ({
    ...{ id, h0: 0, h1: 0, device: r.device, page: r.page, access: r.access },
    ...{ prgi: r.prgi, last: r.last, place: r.place },
  }),
);

const MAPPED = ACCESS.read | ACCESS.write;

/** Maps the page that a fault misses. Returns a STATUS: handled, or invalid where that does not help the device. */
const mapMissing = procedure(
  'accel_map_missing',
  'device-driver',
  { take: ['device', 'page', 'access'], check: ['device', 'page', 'access', 'pfn', 'result'] },
  (go) => ({
    take: step(
      'takes a page of memory for {page}: {found}',
      { cite: 'RFCv2 09/36' },
      (world, { device, page, access }) => {
        const domain = domainOf(world, device);
        const frame = domain < 0 ? null : takeFrame(world, domain, NO_SPACE);
        tell(world, { found: frame?.ok === true ? 'it has one' : 'there is none to be had' });
        if (frame?.ok !== true) return done(STATUS.invalid);
        const pfn = frame.value;
        const map = iommuMap.at.map({ domain, space: NO_SPACE, page, pfn, access: MAPPED });
        return call(map, go.check({ device, page, access, pfn, result: RESULT }));
      },
    ),
    check: step('says of {page}: {status}', { cite: 'RFCv2 09/36' }, (world, { device, page, access, pfn, result }) => {
      if (isError(result)) putFrame(world, pfn);
      const helps = result === -ERRNO.EEXIST ? mayAccess(world, device, page, access) : !isError(result);
      const status = helps ? STATUS.handled : STATUS.invalid;
      tell(world, { status: statusName(status) });
      return done(status);
    }),
  }),
);

/** Whether what is mapped already is enough: another fault may have come first. */
function mayAccess(world: World, device: number, page: number, access: number): boolean {
  const domain = domainOf(world, device);
  if (domain < 0) return false;
  return (
    (access & ACCESS.write) === 0 ||
    isWritable(readPte(world, siliconOf(world).ioTables(world, domain, NO_SPACE).pgd, page))
  );
}

const REFUSALS: Readonly<Partial<Record<Reaction, number>>> = { invalid: STATUS.invalid, failure: STATUS.failure };

/** The driver's fault handler. Returns a STATUS; faults with a PASID are not its own. */
export const faultHandler = procedure(
  'accel_fault_handler',
  'device-driver',
  { handle: ['device', 'pasid', 'page', 'access', 'prgi', 'last'] },
  () => ({
    handle: step(
      'is told that {device} misses {page}: {reaction}',
      { cite: 'RFCv2 06/36, 09/36', chapter: 'Resolve' },
      (world, { device, pasid, page, access, prgi, last }) => {
        const reaction = pasid < 0 ? handlerOf(world, device)?.reaction : undefined;
        tell(world, { reaction: reaction === undefined ? 'a fault that is not its own' : IN_WORDS[reaction] });
        if (reaction === undefined) return done(STATUS.none);
        if (reaction === 'map') return mapMissing.at.take({ device, page, access });
        if (reaction !== 'defer') return done(REFUSALS[reaction]);
        const place = deferredFaults.all(world).length;
        deferredFaults.insert(world, { device, page, access, prgi, last, place });
        return done(STATUS.ignore);
      },
    ),
  }),
);

const IN_WORDS: Readonly<Record<Reaction, string>> = {
  map: 'it gives it the page',
  defer: 'it takes the fault over and answers later',
  invalid: 'it refuses',
  failure: 'it refuses, and is to be asked no more',
};

const oldest = (world: World): Deferred | undefined => deferredFaults.first(world, (row) => row.place === 0);

/** What the driver took over, one after another; an endless loop of its own actor. */
const deferredWork = procedure(
  'accel_deferred_work',
  'device-driver',
  { wait: [], answer: ['device', 'prgi', 'last', 'status'] },
  (go) => ({
    wait: step(
      'turns to the fault at {page} that it took over',
      {
        when: (world) => oldest(world) !== undefined,
        wait: 'sleep',
        awaits: 'a deferred fault',
        cost: 'wakeup',
        cite: 'RFCv2 09/36',
      },
      (world) => {
        const { id, device, page, access, prgi, last } = present(oldest(world), 'a fault that was deferred waits');
        tell(world, { page });
        deferredFaults.remove(world, id);
        for (const row of deferredFaults.all(world)) {
          deferredFaults.edit(world, row.id, (draft) => {
            draft.place -= 1;
          });
        }
        return call(mapMissing.at.take({ device, page, access }), go.answer({ device, prgi, last, status: RESULT }));
      },
    ),
    answer: step(
      'has done what it could: {status}',
      { cite: 'RFCv2 07/36' },
      (world, { device, prgi, last, status }) => {
        tell(world, { status: last === 1 ? statusName(status) : 'more of the group is to come' });
        if (last === 0) return go.wait({});
        return call(faultResponse.at.respond({ device, pasid: -1, prgi, status }), go.wait({}));
      },
    ),
  }),
);

const WORKER = 'driver worker';

/** iommu_set_ext_fault_handler(): sets, changes or takes away the handler of a domain. */
export const setFaultHandler = procedure(
  'iommu_set_ext_fault_handler',
  'iommu',
  { set: ['domain', 'reaction', 'blocking'] },
  () => ({
    set: step(
      'keeps the fault handler of {domain}: {what}',
      { atomic: 'one store', cite: 'RFCv2 06/36, 09/36' },
      (world, { domain, reaction, blocking }) => {
        const name = REACTIONS[reaction];
        const where = blocking === 1 ? 'called in the workqueue' : 'called in the interrupt thread';
        tell(world, { what: name === undefined ? 'none' : where });
        const known = domainHandlers.first(world, (row) => row.domain === domain);
        if (known !== undefined) domainHandlers.remove(world, known.id);
        if (name !== undefined) keepHandler(world, { domain, reaction: name, blocking });
        return done();
      },
    ),
  }),
);

function keepHandler(world: World, handler: Pick<DomainHandler, 'domain' | 'reaction' | 'blocking'>): void {
  domainHandlers.insert(world, handler);
  const isThere = actors.first(world, ({ name }) => name === WORKER) !== undefined;
  if (handler.reaction === 'defer' && !isThere) spawn(world, WORKER, 'device-driver', deferredWork.at.wait({}));
}
