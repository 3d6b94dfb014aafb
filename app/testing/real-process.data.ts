import type { LaneView, MachineView } from '../engine/contract.ts';
import {
  type Area,
  cacheEntry,
  type Draft,
  emptyMachine,
  job,
  type Person,
  pasidRow,
  processOf,
  queueOf,
  treeOf,
  walkOf,
} from './model.ts';
import { PERL_MAPS } from './perl-maps.data.ts';
import { type Beat, type Story, tellStory } from './story.ts';

const PAGE = 4096;
const LANES: readonly LaneView[] = [
  { id: 'perl', label: 'perl' },
  { id: 'mm', label: 'mm' },
  { id: 'core', label: 'IOMMU core' },
  { id: 'worker', label: 'fault worker' },
  { id: 'smmu', label: 'SMMUv3' },
  { id: 'gpu0', label: 'gpu0' },
  { id: 'dsa0', label: 'dsa0' },
  { id: 'nic1', label: 'nic1' },
];

/** A real perl and two more processes, three devices in two groups: 40 areas, long lists, every cache and queue in use. */
export function realProcess(): Story {
  const people = [perl(), plain(1, 'worker', 412, 2), plain(2, 'compress', 413, null)];
  const head = {
    id: 'real-process',
    title: 'Real process',
    summary: 'a real maps file bound to a device that faults over heap, stack and libc',
    script: 'machine smmuv3 cd-table 2level\nprocess perl maps perl.maps\n',
    lanes: LANES,
  };
  return tellStory(head, startOf(people), beats(people));
}

function perl(): Person {
  const areas = PERL_MAPS.trim().split('\n').flatMap(areaOf);
  const frames = new Map<number, number>();
  for (const [index, { start, pages }] of areas.entries()) {
    for (let page = 0; page < Math.min(pages, 1 + (index % 3)); page++) {
      if (index % 4 !== 3) frames.set(start / PAGE + page, 0x9000 + frames.size);
    }
  }
  return { mm: 0, name: 'perl', pid: 411, asid: 1, pasid: 1, areas, frames, doing: 'load stack', waiting: true };
}

/** One line of the maps text; what lies in the kernel's half is no area of the process. */
function areaOf(line: string): Area[] {
  const [range = '', perms = '', , , , path = '[anon]'] = line.split(/\s+/);
  const [start = 0, end = 0] = range.split('-').map((text) => Number.parseInt(text, 16));
  if (start >= 2 ** 48) return [];
  const backing = path === '[stack]' ? 'stack' : path.startsWith('/') ? 'file' : path === '[anon]' ? 'anon' : 'special';
  return [{ name: path, perms: perms.slice(0, 3), start, pages: (end - start) / PAGE, backing }];
}

function plain(mm: number, name: string, pid: number, pasid: number | null): Person {
  const start = 0x7e0000000000 + mm * 0x200000;
  return {
    mm,
    name,
    pid,
    asid: mm + 1,
    pasid,
    areas: [
      { name: 'heap', perms: 'rw-', start, pages: 24, backing: 'anon' },
      { name: 'text', perms: 'r-x', start: 0x400000, pages: 6, backing: 'file' },
    ],
    frames: new Map([
      [start / PAGE, 0x8c00 + mm * 16],
      [start / PAGE + 7, 0x8c01 + mm * 16],
    ]),
    doing: null,
    waiting: false,
  };
}

function device(name: string, bus: string, sid: string): Draft<MachineView['groups'][0]['devices'][0]> {
  return {
    key: `device/${name}`,
    name,
    bus,
    sid,
    capabilities: ['PASID 16', 'ATS', 'PRI'],
    bonds: [{ key: `bond/0/${name}`, mm: 0, pasid: 1, uses: 2 }],
    atc: { key: `atc/${name}`, size: 32, geometry: { sets: 1, ways: 32, replacement: 'fifo' }, entries: [] },
    jobs: [],
    credits: { used: 3, allowed: 16 },
    requests: [],
    actors: [],
  };
}

function startOf(people: readonly Person[]): Draft<MachineView> {
  const [first, second] = people as [Person, Person];
  const view = emptyMachine();
  view.processes = people.map((person) => processOf(person));
  view.trees = people.map((person) => treeOf(person));
  const [gpu, dsa, nic] = [
    device('gpu0', '00:01.0', '0x0008'),
    device('dsa0', '00:02.0', '0x0010'),
    device('nic1', 'platform', '0x0800'),
  ];
  const pages = [...first.frames.keys()];
  gpu.jobs = ['write 4 KiB', 'read 64 B', 'chase 8', 'write 64 B'].map((what, index) =>
    job(index, first, what, `0x${((pages[index * 4] ?? 0) * PAGE).toString(16)}`),
  );
  Object.assign(gpu.jobs[0] ?? {}, { state: 'failed', note: 'INVALID' });
  Object.assign(gpu.jobs[1] ?? {}, { state: 'waiting', note: 'waiting for page' });
  gpu.bonds.push({ key: 'bond/1/gpu0', mm: 1, pasid: 2, uses: 1 });
  gpu.requests = [7, 8].map((group) => ({
    key: `request/gpu0/${group}`,
    group,
    pages: '0x7f34c40dc000',
    mm: 0,
  }));
  if (gpu.atc) gpu.atc.entries = pages.slice(0, 7).map((page, index) => cacheEntry('atc/gpu0', index, first, page));
  nic.capabilities = ['PASID 8', 'STALL'];
  nic.atc = null;
  nic.credits = null;
  const iotlb = pages.slice(3, 12).map((page, index) => ({ ...cacheEntry('iotlb/0', index, first, page) }));
  iotlb[1] = { ...(iotlb[1] as (typeof iotlb)[0]), stale: true };
  view.groups = [
    { key: 'group/4', name: '4', domain: 'A', devices: [gpu, dsa] },
    { key: 'group/9', name: '9', domain: null, devices: [nic] },
  ];
  view.iommus = [
    {
      key: 'smmu/0',
      name: 'smmu0',
      kind: 'SMMUv3',
      terms: { streams: 'Stream table', pasids: 'PASID table', tag: 'ASID' },
      streams: [gpu, dsa, nic].map(({ name, sid }) => ({
        key: `ste/${sid}`,
        sid,
        device: name,
        config: name === 'nic1' ? 'bypass' : 'stage 1',
      })),
      pasidTables: [
        {
          key: 'cdtable/0',
          domain: 'A',
          rows: [
            pasidRow(0, null),
            pasidRow(1, first),
            pasidRow(2, second),
            {
              key: 'cd/0/3',
              pasid: 3,
              valid: false,
              leadsTo: 'none',
              mm: null,
              dmaTree: null,
              asid: null,
              shared: false,
              label: 'not valid',
            },
          ],
        },
      ],
      iotlb: { key: 'iotlb/0', size: 64, geometry: { sets: 16, ways: 4, replacement: 'fifo' }, entries: iotlb },
      configCache: ['STE 8', 'STE 10', 'CD 1', 'CD 2'].map((label, index) => ({ key: `cfg/${index}`, label })),
      queues: [
        { ...queueOf('smmu/0/priq', 'PRI queue', 28, ['W 7f34...c000', 'R 7ffc...6000', 'R 55f0...a000']) },
        queueOf('smmu/0/cmdq', 'Command queue', 6, ['ATC_INV 1', 'SYNC']),
        { ...queueOf('smmu/0/evtq', 'Event queue', 0, ['F_TRANSLATION']), overflow: true },
      ],
      stalls: { limit: 8, held: [] },
      actors: [],
    },
  ];
  view.kernel.faults = [
    { key: 'fault/0', label: 'W 7f34...c000', mm: 0, state: 'handling' },
    { key: 'fault/1', label: 'R 7ffc...6000', mm: 0, state: 'partial' },
  ];
  view.kernel.locks = [
    {
      key: 'lock/mmap',
      name: 'mmap_sem of perl',
      holder: 'fault worker',
      holderLane: 'faults',
      waiters: ['CPU 0 of perl'],
      waiterLanes: ['perl'],
    },
    {
      key: 'lock/iommu',
      name: 'iommu_process_lock',
      holder: 'exit of worker',
      holderLane: 'mm',
      waiters: [],
      waiterLanes: [],
    },
  ];
  view.kernel.actors = [
    { key: 'actor/iopf', name: 'fault worker', doing: 'handle group 7', waiting: false },
    { key: 'actor/exit', name: 'exit worker', doing: 'wait for iommu_process_lock', waiting: true },
  ];
  view.kernel.frames.used = 87;
  return view;
}

function beats([first, second]: readonly Person[]): Beat[] {
  const pages = [...(first?.frames.keys() ?? [])];
  return Array.from({ length: 240 }, (_, index): Beat => {
    const page = (pages[(index * 5) % pages.length] ?? 0) + (index % 7 === 3 ? 3 : 0);
    const missing = index % 7 === 3;
    return {
      ...(index % 12 === 0
        ? { chapter: ['Bind', 'Submit', 'Translate', 'Fault', 'Resolve', 'Respond'][(index / 12) % 6] ?? 'Done' }
        : {}),
      who: 'smmu',
      sentence: missing
        ? 'The fault worker finds no area at this address in perl, so it answers INVALID, and the job of gpu0 that asked for the page fails with the address it wanted to write.'
        : `The SMMU walks to ${(page * PAGE).toString(16)} for gpu0 and PASID 1, one level after another.`,
      cite: 'SMMUv3 3.17 \u00b7 RFCv2 29/36',
      fault: missing,
      touched: [`page/0/${page.toString(16)}`, 'cd/0/1', 'smmu/0/priq/28'],
      message:
        index % 3 === 0
          ? ['message', 'gpu0', 'nic1', 'peer write']
          : ['call', index % 2 ? 'smmu' : 'gpu0', 'mm', `walk to ${(page * PAGE).toString(16)}`],
      change: (view) => {
        const [perl, other] = [first, second];
        if (perl === undefined || other === undefined) return;
        view.trees[0] = treeOf(perl, walkOf(perl, page, index % 5 === 0 ? 'cpu' : 'device', 'smmu0'));
        view.processes[0] = processOf(perl, missing ? page : null);
      },
    };
  });
}
