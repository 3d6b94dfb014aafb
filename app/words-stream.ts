import type { StreamPlan } from './engine/contract.ts';

const grouped = (count: number) => count.toLocaleString('en');

/** Streams of accesses over growing working sets. */
export const stream = {
  title: 'Stream accesses through the caches',
  told: 'A device makes up to a million accesses for each size of its working set, through its ATC, the IOTLB and the page tables of a machine of its own. The run that is shown stays as it is.',
  close: 'Close',
  tables: 'Page tables',
  tableNames: { arm64: 'arm64, behind an SMMUv3', sv39: 'RISC-V Sv39', sv48: 'RISC-V Sv48' },
  pattern: 'Pattern',
  patterns: { sequential: 'sequential', strided: 'strided', random: 'random', chase: 'pointer chasing' },
  largest: 'Largest working set',
  pages: (pages: number) => `${grouped(pages)} ${pages === 1 ? 'page' : 'pages'}`,
  pasids: 'PASIDs',
  iotlb: 'IOTLB, sets x ways',
  atc: 'ATC, sets x ways',
  noAtc: 'none',
  ownSize: (size: string) => `${size}, as in the run`,
  iotlbReplacement: 'IOTLB replaces by',
  atcReplacement: 'ATC replaces by',
  asked: ({ paging, pattern, pasids, iotlb, atc }: StreamPlan) =>
    [
      stream.tableNames[paging],
      `${stream.patterns[pattern]} accesses`,
      `${pasids} ${pasids === 1 ? 'PASID' : 'PASIDs'}`,
      `IOTLB ${iotlb.sets}x${iotlb.ways} ${iotlb.replacement}`,
      atc === null ? 'no ATC' : `ATC ${atc.sets}x${atc.ways} ${atc.replacement}`,
    ].join('; '),
  begin: 'Sweep',
  cancel: 'Cancel',
  progress: (done: number, all: number) => `${done} of ${all} sizes`,
  cancelled: (done: number, all: number) => `Cancelled after ${done} of ${all} sizes.`,
  failed: 'It could not be measured.',
  hitRate: (hasAtc: boolean) => `Hit rate in the ${hasAtc ? 'ATC' : 'IOTLB'}`,
  latency: 'Latency until translated',
  axis: 'Pages in the working set of each PASID',
  percent: (share: number) => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`,
  ns: (ns: number) => `${Number(ns < 100 ? ns.toFixed(1) : ns.toFixed(0)).toLocaleString('en')} ns`,
  table: 'As a table',
  source: 'Latencies are of the cost model, for the order of magnitude.',
} as const;
