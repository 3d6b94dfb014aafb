import { cacheAt } from '../hardware/geometry.ts';
import type { TlbShape } from '../hardware/tlb.ts';
import { writesAs } from '../sim/telling.ts';
import { SRAM_FIRST } from '../world/page-frame.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/**
 * An endpoint with a DMA engine: a PCIe function with as much of ATS, PRI and PASID as its capabilities say, or a platform
 * device as firmware describes it (pasid-num-bits, dma-can-stall). Its link says which.
 */
export interface Device extends Row {
  readonly name: string;
  /** Its link to the SMMU; the StreamID stands there. */
  readonly link: number;
  /** Width of its PASIDs in bits, 0 without the capability. */
  readonly pasidBits: number;
  readonly ats: number;
  readonly pri: number;
  /** dma-can-stall: nothing breaks if one of its transactions waits for the kernel. RFCv2 12/36. */
  readonly stall: number;
  /** Outstanding Page Request Allocation: requests that may wait for an answer. PCIe 10.5.2.4. */
  readonly credits: number;
  /** marker: it ends the use of a PASID with a Stop Marker; wait: it waits for the answers. */
  readonly stop: 'wait' | 'marker';
  /** Entries of its ATC. */
  readonly atcEntries: number;
  /** PRI status RF: a Response Failure came, no more page requests. PCIe 10.5.2.3. */
  readonly failed: number;
  /** PRI status UPRGI: a response for a group that was not outstanding. */
  readonly unexpected: number;
}

export const devices = table<Device>(
  'device',
  {
    name: 'name',
    link: 'int',
    pasidBits: 'int',
    ats: 'int',
    pri: 'int',
    stall: 'int',
    credits: 'int',
    stop: 'text',
    atcEntries: 'int',
    failed: 'int',
    unexpected: 'int',
  },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    name: r.name,
    link: r.link,
    pasidBits: r.pasidBits,
    ats: r.ats,
    pri: r.pri,
    stall: r.stall,
    credits: r.credits,
    stop: r.stop,
    atcEntries: r.atcEntries,
    failed: r.failed,
    unexpected: r.unexpected,
  }),
);

/** SRAM pages of the devices lie apart from those of the SMMUs. */
const ATC_FIRST = SRAM_FIRST + 0x10_000;
const ATC_PAGES = 16;

/** The Address Translation Cache of a device, tagged by PASID: one set, unless a script says otherwise. */
export function atcOf(world: World, device: number): TlbShape {
  return cacheAt(world, ATC_FIRST + device * ATC_PAGES, 1, devices.get(world, device).atcEntries);
}

export function deviceOn(world: World, link: number): Device | undefined {
  return devices.first(world, (row) => row.link === link);
}

writesAs('device', (world, id) => devices.find(world, id)?.name ?? `device ${id}`);
