import { benchOf } from '../conformance/riscv/bench.ts';
import type { Case, Step } from '../conformance/riscv/format.ts';
import { play } from '../conformance/riscv/play.ts';
import { assert } from '../lib/assert.ts';
import { startPlay } from '../play/play.ts';
import { playCommand } from '../play/script.ts';
import { parseScript } from '../script/index.ts';
import type { Section } from './bench-sections.ts';

const REQUESTS = 20_000;
/** Enough that most of what is measured was compiled before; with twenty it is the compiler that is measured. */
const LOOPS = 300;
const STAGE = `machine smmuv3
device gpu0 pci 00:01.0 ats pri pasid 16
process app
mmap app heap 4K rw- at 0x7f0000000000
bind app gpu0
`;
/** Miss, page request, map, response, retry, hit; then unmap with both invalidations, and the mapping once more. */
const LOOP = `dma gpu0 app write heap 64
run
munmap app heap 1
run
mmap app heap 4K rw- at 0x7f0000000000
`;

/** Operations per second of processor time. */
function rateOf(count: number, work: () => void): number {
  const begin = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begin);
  return (count * 1e6) / (user + system);
}

/** The whole way of a fault through device, SMMU and kernel, step by step with the journal on. */
function faultLoops(): () => number {
  const machine = startPlay({ watched: false });
  const commands = parseScript(LOOP).commands;
  for (const command of parseScript(STAGE).commands) playCommand(machine, command);
  return () =>
    rateOf(LOOPS, () => {
      for (let loop = 0; loop < LOOPS; loop++) {
        for (const command of commands) {
          assert(playCommand(machine, command).state === 'done', 'a command of the benchmark is done');
        }
      }
    });
}

const DEVICE = 1;
/** A device context with ATS and PRI in a directory of one level, and queues that are on. */
const CASE: Case = {
  ...{ id: 0, cls: 'own', caps: '0x1ee22000610', fctl: 2, ddtp: '0x80002', steps: [], end: {} },
  fq: { base: '0x100000', log2: 3, on: 1, ie: 0, head: 0 },
  pq: { base: '0x101000', log2: 3, on: 1, ie: 0, head: 0 },
  cq: { base: '0x102000', log2: 6, on: 1 },
  mem: [['0x200020', '0x7']],
};
const REQUEST: Step = {
  ...{ op: 'pr', rid: DEVICE, dsv: 0, dseg: 0, pv: 0, pid: 0, pr: 0, ex: 0, payload: '0x1005', out: {} },
};
const RESPONSE: Step = { op: 'cmd', n: 'ATS.PRGR', lo: '0x10000000084', hi: '0x0', out: {} };

/** A page request into the queue of a RISC-V IOMMU, its head moved on, and the response by ATS.PRGR. */
function requestsAnswered(): () => number {
  const bench = benchOf({ ...CASE, steps: [REQUEST] });
  let head = 0;
  return () =>
    rateOf(REQUESTS, () => {
      for (let done = 0; done < REQUESTS; done++) {
        play(bench, REQUEST);
        head = (head + 1) % 8;
        play(bench, { op: 'reg', off: 64, v: head, out: {} });
        const { msg } = play(bench, RESPONSE) as { readonly msg?: readonly unknown[] };
        assert(msg?.length === 1, 'each page request is answered');
      }
    });
}

export const FAULT_SECTIONS: readonly Section[] = [
  { name: 'page requests to responses', unit: 'requests/s', prepare: requestsAnswered },
  { name: 'fault loops, whole kernel path', unit: 'loops/s', prepare: faultLoops },
];
