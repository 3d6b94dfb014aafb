import { decides, hasBug, tellBug } from '../policy/policy.ts';
import { free, release, take } from '../sim/lock.ts';
import { call, done, fail, procedure, step } from '../sim/procedure.ts';
import { reach, tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { bondOf, contexts, contextsOfDevice, dropBind, type IommuContext } from './context.ts';
import { backendOf, domainOf } from './group.ts';
import { faultQueueFlush, processDetach } from './ops.ts';
import { processLock, processWithPasid } from './process.ts';
import { dropReference } from './put.ts';

const LOCKED = { wait: 'spin', awaits: 'iommu_process_lock', atomic: 'iommu_process_lock' } as const;

/**
 * iommu_process_unbind_device(), RFCv2 05/36. Repaired, the bond is named by device, PASID and mm, so an unbind that comes
 * late cannot touch a new owner of the PASID. The caller has stopped the device's use of the PASID before.
 */
export const unbindDevice = procedure(
  'iommu_process_unbind_device',
  'iommu',
  {
    flush: ['device', 'mm', 'pasid'],
    find: ['device', 'mm', 'pasid'],
    exiting: ['device', 'mm', 'pasid'],
    drop: ['context', 'process', 'last'],
  },
  (go) => ({
    flush: step(
      '{waits} until no fault of {device} is on its way',
      { wait: 'sleep', cite: 'RFCv2 05/36; patch 27/36 flush' },
      (world, { device, mm, pasid }) => {
        const isUnflushed = hasBug(world, 'unbind-without-flush');
        tell(world, { waits: 'waits' });
        if (isUnflushed) tellBug(world, { waits: 'does not wait' });
        if (domainOf(world, device) < 0) return fail('EINVAL');
        const find = go.find({ device, mm, pasid });
        return isUnflushed ? find : call(faultQueueFlush.begin({ device }), find);
      },
    ),
    find: step(
      'finds the bond of {device} with {pasid} and ends one use of it',
      { ...LOCKED, when: free(processLock), cite: 'RFCv2 05/36' },
      (world, { device, mm, pasid }) => {
        const context = findContext(world, device, mm, pasid);
        if (context === undefined) return fail('ESRCH');
        const { id, process, domain } = context;
        if (isExiting(world, device, context)) return go.exiting({ device, mm, pasid });
        const rest = dropBind(world, id, device);
        if (rest === 'bound') return done();
        take(world, processLock.id);
        const last = rest === 'last' ? 1 : 0;
        const detach = processDetach.begin({ domain, device, process, last }, backendOf(world, device));
        return call(detach, go.drop({ context: id, process, last }));
      },
    ),
    exiting: step(
      'has waited for mm_exit(): release has ended the bond',
      {
        when: (world, { device, mm, pasid }) => !isExiting(world, device, findContext(world, device, mm, pasid)),
        wait: 'sleep',
        awaits: 'mm_exit() of the bond',
        cite: 'v2 05/40 mm_exit_wq',
      },
      () => done(),
    ),
    drop: step(
      'releases the lock, {and} the process if this was its last user',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 05/36' },
      (world, { context, process, last }) => {
        tell(world, { and: last === 1 ? 'drops the context and' : 'keeps' });
        endContext(world, context, process, last);
        release(world, processLock.id);
        reach(world, 'unbind.done');
        return done();
      },
    ),
  }),
);

/** Frees a context that no device uses any more, with the reference that it held. */
export function endContext(world: World, context: number, process: number, last: number): void {
  if (last === 0) return;
  contexts.remove(world, context);
  dropReference(world, process);
}

/** The context that is to lose a bind: that of whoever holds the PASID now, unless the caller says whose it is. */
function findContext(world: World, device: number, mm: number, pasid: number): IommuContext | undefined {
  const process = processWithPasid(world, pasid);
  if (process === undefined) return undefined;
  if (process.mm !== mm && decides(world, 'unbind-key', 'bond')) return undefined;
  return contextsOfDevice(world, domainOf(world, device), device).find((row) => row.process === process.id);
}

/** mm_exit() of its driver runs for the bond of the device: release is the one to end it. */
function isExiting(world: World, device: number, context: IommuContext | undefined): boolean {
  return context !== undefined && bondOf(world, context.id, device)?.exiting === 1;
}
