import { domainOf } from '../iommu/group.ts';
import { hook } from '../sim/procedure.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { type Fault, RESPONSE } from './fault.ts';

/** What a device driver does with the recoverable faults of its domain that have no PASID. */
export const REACTIONS = ['map', 'defer', 'invalid', 'failure'] as const;
export type Reaction = (typeof REACTIONS)[number];

/** A fault handler that a device driver has set for a domain: iommu_set_ext_fault_handler(), RFCv2 06/36. */
export interface DomainHandler extends Row {
  readonly domain: number;
  /** map: gives the page; defer: takes the fault over and answers later; or refuses it with this answer. */
  readonly reaction: Reaction;
  /** 1: it may sleep, so it runs in the workqueue; 0: in the interrupt thread (RFCv2 09/36). */
  readonly blocking: number;
}

export const domainHandlers = table<DomainHandler>(
  'fault-handler',
  { domain: 'int', reaction: 'text', blocking: 'int' },
  (id, r) => ({ id, h0: 0, h1: 0, domain: r.domain, reaction: r.reaction, blocking: r.blocking }),
);

/** What a handler says of a fault (RFCv2 IOMMU_FAULT_STATUS_*). */
export const STATUS = {
  /** Not its own: the next in the chain is asked. */
  none: 0,
  /** The device may try again. */
  handled: 1,
  invalid: 2,
  /** The device is to stop asking. */
  failure: 3,
  /** It owns the fault now and will answer it. */
  ignore: 4,
} as const;

const NAMES = Object.keys(STATUS);

export function statusName(status: number): string {
  return (NAMES[status] ?? 'none').toUpperCase();
}

/** The answer to the device that a status stands for; one that says nothing of the fault is answered INVALID. */
export function responseFor(status: number): number {
  if (status === STATUS.handled) return RESPONSE.success;
  return status === STATUS.failure ? RESPONSE.failure : RESPONSE.invalid;
}

/** Asks the driver; the answer is a STATUS. Wired in machine/. */
export const askHandler = hook('iommu_fault_handler', ['device', 'pasid', 'page', 'access', 'prgi', 'last']);

/** The handler of the domain of a device, undefined for none. */
export function handlerOf(world: World, device: number): DomainHandler | undefined {
  const domain = domainOf(world, device);
  return domainHandlers.first(world, (row) => row.domain === domain);
}

/** READ 1, WRITE 2, EXEC 4, PRIV 8 of a fault that is kept. */
export function accessOf({ read, write, exec, priv }: Pick<Fault, 'read' | 'write' | 'exec' | 'priv'>): number {
  return read | (write << 1) | (exec << 2) | (priv << 3);
}
