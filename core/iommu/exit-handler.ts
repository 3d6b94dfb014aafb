import { devices } from '../devices/device.ts';
import { decides } from '../policy/policy.ts';
import { done, type Next, procedure, step } from '../sim/procedure.ts';
import { inWords, tell, writesAs } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { domainOf } from './group.ts';

/** What a device driver wants to be called when a process exits that its device is bound to. */
export interface ExitHandler extends Row {
  readonly domain: number;
  /** The device that it is called for, -1 for every device of the domain. */
  readonly device: number;
  /** What the driver is handed back: the device that it set the handler for. */
  readonly token: number;
}

export const exitHandlers = table<ExitHandler>(
  'exit-handler',
  { domain: 'int', device: 'int', token: 'int' },
  (id, r) => ({ id, h0: 0, h1: 0, domain: r.domain, device: r.device, token: r.token }),
);

/** The handler that is called for a device, undefined where none is set. */
export function exitHandlerOf(world: World, device: number): ExitHandler | undefined {
  const domain = domainOf(world, device);
  return exitHandlers.first(world, (row) => row.domain === domain && (row.device < 0 || row.device === device));
}

/** The handler that is called for a device under iommu_process_lock: mm_exit() is not. */
export function lockedHandlerOf(world: World, device: number): ExitHandler | undefined {
  return decides(world, 'exit-callback', 'sleepable') ? undefined : exitHandlerOf(world, device);
}

const WANTED = 'notes what the driver of {device} wants called when a process exits{instead}';

/** iommu_set_process_exit_handler(), RFCv2 02/36: as posted it is kept in the domain, for all its devices. */
const setExitHandler = procedure('iommu_set_process_exit_handler', 'iommu', { set: ['device'] }, () => ({
  set: step(WANTED, { atomic: 'one store', cite: 'RFCv2 02/36' }, (world, { device }) => {
    keep(world, device);
    return done();
  }),
}));

/** iommu_sva_device_init(), v2 05/40: each device has its own mm_exit(). */
const initDevice = procedure('iommu_sva_device_init', 'iommu', { init: ['device'] }, () => ({
  init: step(WANTED, { atomic: 'one store', cite: 'v2 05/40' }, (world, { device }) => {
    keep(world, device);
    return done();
  }),
}));

/** What a driver calls to hear of exits. */
export function hearOfExits(world: World, device: number): Next & { kind: 'go' | 'call' } {
  return decides(world, 'exit-callback', 'sleepable')
    ? initDevice.at.init({ device })
    : setExitHandler.at.set({ device });
}

function keep(world: World, device: number): void {
  const isShared = decides(world, 'exit-callback', 'per-domain');
  const known = exitHandlerOf(world, device);
  const isLost = known !== undefined && known.token !== device;
  tell(world, { instead: isLost ? `, and no more what that of ${inWords(world, 'token', known.token)} wants` : '' });
  if (known !== undefined) exitHandlers.remove(world, known.id);
  exitHandlers.insert(world, { domain: domainOf(world, device), device: isShared ? -1 : device, token: device });
}

writesAs('token', (world, device) => devices.find(world, device)?.name ?? 'a device that is gone');
