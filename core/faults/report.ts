import { devices } from '../devices/device.ts';
import { backendOf } from '../iommu/group.ts';
import { freePages } from '../process/frame.ts';
import { call, done, fail, hook, type Next, procedure, RESULT, step } from '../sim/procedure.ts';
import { reach, send, tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { askHandler, handlerOf, responseFor, STATUS, statusName } from './domain-handler.ts';
import {
  discardPartials,
  dropsPartials,
  type Fault,
  faults,
  iopfGroups,
  keepTaken,
  matchesResponses,
  partialsOf,
  RESPONSE,
  responseName,
  takenAt,
} from './fault.ts';
import { queueOf } from './queue.ts';

/** How a driver answers a group: `code` of RESPONSE. Wired per back end in machine/. */
export const pageResponse = hook('fault_response', ['device', 'pasid', 'prgi', 'response']);

const REPORTED = ['device', 'pasid', 'page', 'access', 'prgi', 'last'] as const;
type Reported = { readonly [K in (typeof REPORTED)[number]]: number };
/** The last request of a group is in hand from the report on, never in the list of partials: nobody can discard it there. */
const LAST = ['device', 'pasid', 'page', 'access', 'prgi'] as const;
type Last = Omit<Reported, 'last'>;

/** handle_iommu_fault(), RFCv2 07/36: runs in the interrupt thread and may not sleep. `access` is READ 1, WRITE 2, EXEC 4, PRIV 8. */
export const reportFault = procedure(
  'handle_iommu_fault',
  'faults',
  {
    report: REPORTED,
    status: [...REPORTED, 'status'],
    group: LAST,
    answered: ['prgi'],
  },
  (go) => ({
    report: step(
      'takes over the fault at {page}: {kept}',
      {
        atomic: 'iommu_partial_faults_lock',
        cite: 'RFCv2 07/36',
        choices: (world) => (freePages(world) === 0 ? 2 : 1),
      },
      (world, reported, choice) => {
        if (choice === 1) return withoutMemory(world, reported);
        if (!goesToHandler(world, reported)) return keep(world, reported);
        tell(world, { kept: 'the handler of the domain is asked first' });
        // Pending before the handler hears of it: it may have it answered before it returns (iommu_report_device_fault()).
        if (reported.last === 1) keepTaken(world, reported);
        return call(askHandler.begin(reported), go.status({ ...reported, status: RESULT }));
      },
    ),
    status: step(
      'hears {answer} from the handler of the domain: {outcome}',
      { cite: 'RFCv2 07/36 iommu_fault_finish()' },
      (world, { status, ...reported }) => {
        const { device, pasid, prgi, last } = reported;
        const isOwn = status !== STATUS.none;
        tell(world, { answer: statusName(status), outcome: isOwn ? 'no answer now' : 'it goes on' });
        if (isOwn && (last === 0 || status === STATUS.ignore)) return done();
        const taken = last === 1 ? takenAt(world, device, prgi) : undefined;
        if (taken !== undefined) iopfGroups.remove(world, taken.id);
        if (!isOwn) return keep(world, reported);
        const isOwed = taken !== undefined || !matchesResponses(world);
        if (!isOwed || devices.find(world, device) === undefined) return done();
        tell(world, { outcome: 'it answers the group' });
        const answer = { device, pasid, prgi, response: responseFor(status) };
        return call(pageResponse.begin(answer, backendOf(world, device)), go.answered({ prgi }));
      },
    ),
    group: step(
      'gathers {count} of group {prgi} and queues them for the fault worker',
      { atomic: 'workqueue lock', cite: 'RFCv2 07/36 queue_work()', transaction: true },
      (world, request) => {
        const { device, pasid, prgi } = request;
        const members = [...partialsOf(world, device, prgi), noteFault(world, request)];
        const { id: queue, color } = queueOf(world, device);
        const place = iopfGroups.all(world).filter((row) => row.state === 'queued' && row.queue === queue).length;
        const fresh = { state: 'queued', response: RESPONSE.success, pending: 1, place, color } as const;
        const iopf = iopfGroups.insert(world, { device, pasid, prgi, queue, ...fresh });
        for (const member of members) {
          faults.edit(world, member.id, (row) => {
            row.iopf = iopf.id;
          });
        }
        tell(world, { count: members.length === 1 ? 'the one request' : `${members.length} requests` });
        send(world, 'wakeup', 'smmu-driver', 'faults', `queue_work: group ${prgi}`, { pasid });
        reach(world, 'fault.reported');
        return done();
      },
    ),
    answered: step('has had group {prgi} answered', { cite: 'RFCv2 07/36' }, (world) => {
      reach(world, 'fault.answered');
      return done();
    }),
  }),
);

/** Its domain has a handler for the interrupt thread; a group that has begun in the list of partials is finished there. */
function goesToHandler(world: World, { device, prgi }: Reported): boolean {
  return handlerOf(world, device)?.blocking === 0 && partialsOf(world, device, prgi).length === 0;
}

/** Keeps a request until the last of its group is there; that one queues them all. */
function keep(world: World, { last, ...request }: Reported): Next {
  tell(world, { kept: last === 1 ? 'the last of its group' : 'kept as a partial until the last one comes' });
  if (last === 1) return reportFault.at.group(request);
  noteFault(world, request);
  return done();
}

function noteFault(world: World, { device, pasid, page, access, prgi }: Last): Fault {
  return faults.insert(world, {
    device,
    pasid,
    prgi,
    page,
    read: access & 1,
    write: (access >> 1) & 1,
    exec: (access >> 2) & 1,
    priv: (access >> 3) & 1,
    iopf: -1,
    place: partialsOf(world, device, prgi).length,
  });
}

/**
 * iommu_fault_response(), RFCv2 07/36: the answer of a handler that had taken a fault over. A status that says nothing
 * of the fault is made INVALID. Returns -EINVAL where responses are matched and none is pending.
 */
export const faultResponse = procedure(
  'iommu_fault_response',
  'faults',
  { respond: ['device', 'pasid', 'prgi', 'status'], answered: ['prgi'] },
  (go) => ({
    respond: step(
      'answers group {prgi} for the driver: {answer}',
      { cite: 'RFCv2 07/36 iommu_fault_response()', chapter: 'Respond' },
      (world, { device, pasid, prgi, status }) => {
        const response = responseFor(status);
        const taken = takenAt(world, device, prgi);
        const isThere = devices.find(world, device) !== undefined;
        reach(world, 'fault.handled');
        if (taken === undefined && matchesResponses(world)) {
          tell(world, { answer: 'no request waits for that, EINVAL' });
          return fail('EINVAL');
        }
        tell(world, { answer: isThere ? responseName(response) : 'the device is gone' });
        if (taken !== undefined) iopfGroups.remove(world, taken.id);
        if (!isThere) return done();
        const answer = pageResponse.begin({ device, pasid, prgi, response }, backendOf(world, device));
        return call(answer, go.answered({ prgi }));
      },
    ),
    answered: step('has had group {prgi} answered', { cite: 'RFCv2 07/36' }, (world) => {
      reach(world, 'fault.answered');
      return done();
    }),
  }),
);

/** kmalloc() fails, as it may where no page is free: a partial is lost, a last request takes its group along: INVALID. */
function withoutMemory(world: World, { device, pasid, prgi, last }: Reported): Next {
  tell(world, { kept: last === 1 ? 'no memory is left, so its group has failed' : 'no memory is left, so it is lost' });
  if (last === 0) return done();
  if (dropsPartials(world)) discardPartials(world, partialsOf(world, device, prgi));
  return pageResponse.begin({ device, pasid, prgi, response: RESPONSE.invalid }, backendOf(world, device));
}
