import type { StreamPlan } from '../engine/contract.ts';

type Geometry = StreamPlan['iotlb'];

/** What is asked, as the form has it: geometries as SETSxWAYS. */
export interface StreamQuestion extends Pick<StreamPlan, 'paging' | 'pattern' | 'pages' | 'pasids'> {
  readonly iotlb: string;
  readonly atc: string;
  readonly replacement: Geometry['replacement'];
}

export const TABLES = ['arm64', 'sv39', 'sv48'] as const;
export const PATTERNS = ['sequential', 'strided', 'random', 'chase'] as const;
export const LARGEST = [256, 1024, 4096, 16_384, 65_536, 262_144] as const;
export const PASIDS = [1, 2, 4, 8, 16, 32] as const;
export const IOTLBS = ['1x2', '1x16', '16x4', '64x4', '256x4', '128x8'] as const;
export const NO_ATC = 'none';
export const ATCS = [NO_ATC, '1x8', '1x32', '8x4', '32x4', '128x8'] as const;
export const REPLACEMENTS = ['fifo', 'lru', 'random'] as const;

export const FIRST_QUESTION: StreamQuestion = {
  ...{ paging: 'arm64', pattern: 'random', pages: 4096, pasids: 1 },
  ...{ iotlb: '16x4', atc: NO_ATC, replacement: 'lru' },
};

const STRIDE = 16;

export function planOf({ iotlb, atc, replacement, ...rest }: StreamQuestion): StreamPlan {
  return {
    ...rest,
    ...{ stride: STRIDE, write: false, seed: 1 },
    iotlb: geometryOf(iotlb, replacement),
    atc: atc === NO_ATC ? null : geometryOf(atc, replacement),
  };
}

function geometryOf(text: string, replacement: Geometry['replacement']): Geometry {
  const [sets = 1, ways = 1] = text.split('x').map(Number);
  return { sets, ways, replacement, seed: replacement === 'random' ? 1 : 0 };
}

/** Sizes of the working set, each twice the one before. */
export function sizesOf(largest: number): readonly number[] {
  return Array.from({ length: Math.log2(largest) + 1 }, (_none, index) => 2 ** index);
}
