import type { MachineView, StreamPlan } from '../engine/contract.ts';

type Geometry = StreamPlan['iotlb'];

/** What is asked, as the form has it: geometries as SETSxWAYS. */
export interface StreamQuestion extends Pick<StreamPlan, 'paging' | 'pattern' | 'pages' | 'pasids'> {
  readonly iotlb: string;
  readonly iotlbReplacement: Geometry['replacement'];
  readonly atc: string;
  readonly atcReplacement: Geometry['replacement'];
}

export const TABLES = ['arm64', 'sv39', 'sv48'] as const;
export const PATTERNS = ['sequential', 'strided', 'random', 'chase'] as const;
export const LARGEST = [256, 1024, 4096, 16_384, 65_536, 262_144] as const;
export const PASIDS = [1, 2, 4, 8, 16, 32] as const;
export const IOTLBS = ['1x2', '1x16', '16x4', '64x4', '256x4', '128x8'] as const;
export const NO_ATC = 'none';
export const ATCS = [NO_ATC, '1x8', '1x32', '8x4', '32x4', '128x8'] as const;
export const REPLACEMENTS = ['fifo', 'lru', 'random'] as const;

const PAGING_OF: Readonly<Record<string, StreamPlan['paging']>> = { riscv: 'sv48', 'riscv-sv39': 'sv39' };

/** What is asked first: the caches of the machine of the run that is shown, the ATC that of the first device that has one. */
export function firstQuestion(view: Pick<MachineView, 'backend' | 'iommus' | 'groups'> | undefined): StreamQuestion {
  const iotlb = view?.iommus[0]?.iotlb.geometry;
  const atc = view?.groups.flatMap(({ devices }) => devices).find((device) => device.atc !== null)?.atc?.geometry;
  return {
    ...{ paging: PAGING_OF[view?.backend ?? ''] ?? 'arm64', pattern: 'random', pages: 4096, pasids: 1 },
    ...{ iotlb: iotlb === undefined ? '16x4' : sizeOf(iotlb), iotlbReplacement: iotlb?.replacement ?? 'lru' },
    ...{ atc: atc === undefined ? NO_ATC : sizeOf(atc), atcReplacement: atc?.replacement ?? 'lru' },
  };
}

export const sizeOf = ({ sets, ways }: Pick<Geometry, 'sets' | 'ways'>): string => `${sets}x${ways}`;

/** The sizes to choose from, and first the machine's own where it is none of them. */
export function sizesWith(own: string, usual: readonly string[]): readonly string[] {
  return usual.includes(own) ? usual : [own, ...usual];
}

const STRIDE = 16;

export function planOf({ iotlb, iotlbReplacement, atc, atcReplacement, ...rest }: StreamQuestion): StreamPlan {
  return {
    ...rest,
    ...{ stride: STRIDE, write: false, seed: 1 },
    iotlb: geometryOf(iotlb, iotlbReplacement),
    atc: atc === NO_ATC ? null : geometryOf(atc, atcReplacement),
  };
}

function geometryOf(text: string, replacement: Geometry['replacement']): Geometry {
  const [sets = 1, ways = 1] = text.split('x').map(Number);
  return { sets, ways, replacement, seed: replacement === 'random' ? 1 : 0 };
}

/** What was asked, from its plan. */
export function questionOf({ paging, pattern, pages, pasids, iotlb, atc }: StreamPlan): StreamQuestion {
  return {
    ...{ paging, pattern, pages, pasids, iotlb: sizeOf(iotlb), iotlbReplacement: iotlb.replacement },
    ...{ atc: atc === null ? NO_ATC : sizeOf(atc), atcReplacement: atc?.replacement ?? 'lru' },
  };
}
