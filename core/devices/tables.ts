import { devices } from './device.ts';
import { pendingInvalidations } from './invalidation.ts';
import { jobs } from './job.ts';
import { requestGroups, sentRequests } from './page-request.ts';
import { pasidUses } from './pasid-use.ts';

/** The tables of this folder, for whoever assembles a machine. */
export const DEVICE_TABLES = [devices, jobs, requestGroups, sentRequests, pasidUses, pendingInvalidations] as const;
