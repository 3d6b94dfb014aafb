import { devices } from '../../devices/device.ts';
import { pasidUseOf, stopUse } from '../../devices/pasid-use.ts';
import { done, procedure, step } from '../../sim/procedure.ts';
import { send, tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';

/** What the example driver does when it hears that a process exits: it stops the PASID on its device. */

/**
 * The exit handler: it goes by its token, and is called under a spinlock, so it can only start the stop; the last put
 * waits for its end.
 */
export const exitHandler = procedure(
  'accel_process_exit',
  'device-driver',
  { stop: ['device', 'pasid', 'token'] },
  () => ({
    stop: step(
      'tells {token} to stop using {pasid}{although}',
      { atomic: 'one register write', cite: 'RFCv2 02/36', transaction: true },
      (world, { device, pasid, token }) => {
        const although = token === device ? '' : `, although it is called for ${nameOf(world, device)}`;
        tell(world, { although });
        sendStop(world, token, pasid, although === '' ? '' : `, for ${nameOf(world, device)}`);
        return done();
      },
    ),
  }),
);

/** mm_exit() of v2: no lock is held, so it returns when the device has stopped. */
export const mmExit = procedure(
  'accel_mm_exit',
  'device-driver',
  { stop: ['device', 'pasid', 'token'], stopped: ['device', 'pasid'] },
  (go) => ({
    stop: step(
      'tells {device} to stop using {pasid}',
      { cite: 'v2 05/40', cost: 'link', transaction: true },
      (world, { device, pasid }) => {
        sendStop(world, device, pasid);
        return go.stopped({ device, pasid });
      },
    ),
    stopped: step(
      'sees that {device} has stopped',
      {
        when: (world, { device, pasid }) => pasidUseOf(world, device, pasid) === undefined,
        ...{ wait: 'sleep', awaits: 'the device to stop', cite: 'v2 05/40' },
      },
      () => done(),
    ),
  }),
);

const nameOf = (world: World, device: number): string => devices.get(world, device).name;

/** Tells a device to stop using a PASID; `meant` adds for whom, where it is not for this device. */
export function sendStop(world: World, device: number, pasid: number, meant = ''): void {
  stopUse(world, device, pasid);
  send(world, 'message', 'device-driver', nameOf(world, device), `stop PASID ${pasid}${meant}`, { pasid });
}
