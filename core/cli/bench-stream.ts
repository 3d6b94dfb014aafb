import { assert } from '../lib/assert.ts';
import { type Paging, type StreamPlan, USUAL_PLAN } from '../stream/plan.ts';
import { startStream } from '../stream/start.ts';
import { runStream } from '../stream/stream.ts';
import type { Section } from './bench-sections.ts';

/** Accesses of one measurement. */
export const ACCESSES = 1_000_000;
/** Rounds before the first that counts: what runs often has to be compiled well. */
const WARM_UP = 2_000_000;
/** As the reference model of the RISC-V IOMMU has it, and one that holds most of a small working set. */
const IOTLBS = [
  { name: '2', iotlb: { sets: 1, ways: 2, replacement: 'lru', seed: 0 } },
  { name: '1,024', iotlb: { sets: 256, ways: 4, replacement: 'lru', seed: 0 } },
] as const;
/** An ATC that a translation request follows on almost each access. */
const TINY_ATC = { sets: 1, ways: 1, replacement: 'fifo', seed: 0 } as const;
const PAGINGS: readonly Paging[] = ['sv39', 'sv48', 'arm64'];

function stream(name: string, change: Partial<StreamPlan>, unit = 'translations/s'): Section {
  return {
    ...{ name, unit },
    prepare: () => {
      const started = startStream({ ...USUAL_PLAN, ...change });
      assert(started.ok, 'the plan of a benchmark can be carried out');
      const { counts } = started.value;
      runStream(started.value, WARM_UP);
      return () => {
        const begin = process.cpuUsage();
        runStream(started.value, ACCESSES);
        const { user, system } = process.cpuUsage(begin);
        assert(counts.faults === 0, 'every page that is touched is mapped');
        return (ACCESSES * 1e6) / (user + system);
      };
    },
  };
}

export const STREAM_SECTIONS: readonly Section[] = IOTLBS.flatMap(({ name, iotlb }) => [
  ...PAGINGS.flatMap((paging) =>
    [64, 4096, 262_144].map((pages) => stream(`${paging}, ${pages} pages, IOTLB ${name}`, { paging, pages, iotlb })),
  ),
  ...PAGINGS.flatMap((paging) =>
    [64, 4096, 262_144].map((pages) =>
      stream(`ATS ${paging}, ${pages} pages, IOTLB ${name}`, { paging, pages, iotlb, atc: TINY_ATC }, 'accesses/s'),
    ),
  ),
  ...PAGINGS.map((paging) =>
    stream(`${paging}, 8 PASIDs of 4096, IOTLB ${name}`, { paging, pages: 4096, pasids: 8, iotlb }),
  ),
]);
