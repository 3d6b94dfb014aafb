import type { LaneView, MachineView } from '../engine/contract.ts';
import {
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
import { type Beat, type Story, tellStory } from './story.ts';

const LANES: readonly LaneView[] = [
  { id: 'app', label: 'app' },
  { id: 'mm', label: 'mm' },
  { id: 'core', label: 'IOMMU core' },
  { id: 'worker', label: 'fault worker' },
  { id: 'smmu', label: 'SMMUv3' },
  { id: 'gpu0', label: 'gpu0' },
];
const SCRIPT = `machine smmuv3
policy rfcv2
device gpu0 pci 00:01.0 ats pri pasid 20 group 4
process app
mmap app heap 64K rw- at 0x7f0000000000
bind app gpu0
dma gpu0 app write heap+0x1000 64
run
expect dma gpu0 done
`;
const HEAP = 0x7f0000000;
const WANTED = HEAP + 1;

/** A device writes a page that nobody has touched: two processes, one device, 49 events. */
export function firstTouch(): Story {
  const app = appProcess();
  const render = renderProcess();
  const head = {
    id: 'first-touch',
    title: 'First touch',
    summary: 'a device writes a page that nobody has touched',
    script: SCRIPT,
    lanes: LANES,
  };
  return tellStory(head, startOf(app, render), [
    ...bindBeats(app),
    ...submitBeats(app),
    ...faultBeats(app),
    ...resolveBeats(app),
    ...retryBeats(app),
  ]);
}

function appProcess(): Person {
  return {
    mm: 0,
    name: 'app',
    pid: 101,
    asid: 1,
    pasid: null,
    areas: [
      { name: 'stack', perms: 'rw-', start: 0x7ffeff7fc000, pages: 4, backing: 'stack' },
      { name: 'libc', perms: 'r-x', start: 0x7f34c4000000, pages: 8, backing: 'file' },
      { name: 'heap', perms: 'rw-', start: HEAP * 4096, pages: 16, backing: 'anon' },
      { name: 'text', perms: 'r-x', start: 0x400000, pages: 6, backing: 'file' },
    ],
    frames: new Map([
      [0x7ffeff7ff, 0x8b1],
      [0x7f34c4000, 0x8a4],
      [0x7f34c4001, 0x8a5],
      [HEAP, 0x8a2],
      [HEAP + 3, 0x8a7],
      [0x400, 0x880],
      [0x401, 0x881],
    ]),
    doing: null,
    waiting: false,
  };
}

function renderProcess(): Person {
  return {
    mm: 1,
    name: 'render',
    pid: 102,
    asid: 2,
    pasid: null,
    areas: [{ name: 'heap', perms: 'rw-', start: 0x7f1000000000, pages: 8, backing: 'anon' }],
    frames: new Map([[0x7f1000000, 0x8c0]]),
    doing: null,
    waiting: false,
  };
}

function startOf(app: Person, render: Person): Draft<MachineView> {
  const view = emptyMachine();
  view.processes = [processOf(app), processOf(render)];
  view.trees = [treeOf(app), treeOf(render)];
  view.iommus = [
    {
      key: 'smmu/0',
      name: 'smmu0',
      kind: 'SMMUv3',
      terms: { streams: 'Stream table', pasids: 'PASID table', tag: 'ASID' },
      streams: [{ key: 'ste/8', sid: '0x0008', device: 'gpu0', config: 'stage 1' }],
      pasidTables: [{ key: 'cdtable/0', domain: 'A', rows: [pasidRow(0, null)] }],
      iotlb: { key: 'iotlb/0', size: 64, geometry: { sets: 16, ways: 4, replacement: 'fifo' }, entries: [] },
      configCache: [],
      queues: [
        queueOf('smmu/0/priq', 'PRI queue', 3, []),
        queueOf('smmu/0/cmdq', 'Command queue', 6, []),
        queueOf('smmu/0/evtq', 'Event queue', 0, []),
      ],
      stalls: { limit: 8, held: [] },
      actors: [],
    },
  ];
  view.groups = [
    {
      key: 'group/4',
      name: '4',
      domain: 'A',
      devices: [
        {
          key: 'device/gpu0',
          name: 'gpu0',
          bus: '00:01.0',
          sid: '0x0008',
          capabilities: ['PASID 20', 'ATS', 'PRI'],
          bonds: [],
          atc: { key: 'atc/gpu0', size: 32, geometry: { sets: 1, ways: 32, replacement: 'fifo' }, entries: [] },
          jobs: [],
          credits: { used: 0, allowed: 16 },
          requests: [],
          actors: [],
        },
      ],
    },
  ];
  view.kernel.frames.used = 24;
  return view;
}

const smmu = (view: Draft<MachineView>) => view.iommus[0] as Draft<MachineView>['iommus'][number];
const gpu = (view: Draft<MachineView>) => view.groups[0]?.devices[0] as Draft<MachineView>['groups'][0]['devices'][0];
const showApp = (view: Draft<MachineView>, app: Person, asked: number | null = null) => {
  view.processes[0] = processOf(app, asked);
};
const setQueue = (view: Draft<MachineView>, index: number, cons: number, live: string[]) => {
  const { key = '', name = '' } = smmu(view).queues[index] ?? {};
  smmu(view).queues[index] = queueOf(key, name, cons, live);
};

function bindBeats(app: Person): Beat[] {
  const attach = 'RFCv2 05/36';
  return [
    {
      chapter: 'Bind',
      who: 'app',
      sentence: 'app asks the driver to let gpu0 use its address space.',
      cite: 'RFCv2 07/36',
      touched: ['actor/app'],
      message: ['call', 'app', 'core', 'bind(gpu0)'],
      change: (view) => {
        app.doing = 'bind gpu0';
        showApp(view, app);
      },
    },
    { who: 'core', sentence: 'The IOMMU core looks for a process already known for this mm.', cite: attach },
    { who: 'core', sentence: 'It knows none, so it allocates one.', cite: attach },
    {
      who: 'core',
      sentence: 'The core allocates PASID 1 for the mm: one number for the whole system.',
      cite: attach,
      touched: ['process/0'],
      change: (view) => {
        app.pasid = 1;
        showApp(view, app);
      },
    },
    { who: 'core', sentence: 'It hangs a notifier on the mm, to hear of every unmap.', cite: 'RFCv2 06/36' },
    { who: 'core', sentence: 'It takes the group lock and finds the domain of gpu0.', cite: attach },
    {
      who: 'core',
      sentence: 'The driver writes context descriptor 1: the root of the page tables of app.',
      cite: 'SMMUv3 5.4',
      touched: ['cd/0/1', 'table/40'],
      message: ['call', 'core', 'smmu', 'write CD 1'],
      change: (view) => {
        smmu(view).pasidTables[0]?.rows.push(pasidRow(1, app));
        view.trees[0] = treeOf(app);
      },
    },
    {
      who: 'core',
      sentence: 'The driver queues CFGI_CD for stream 8, PASID 1.',
      cite: 'SMMUv3 4.3.3',
      touched: ['smmu/0/cmdq/6'],
      message: ['message', 'core', 'smmu', 'CMD_CFGI_CD 8, 1'],
      change: (view) => setQueue(view, 1, 6, ['CFGI_CD 1']),
    },
    {
      who: 'core',
      sentence: 'The driver queues SYNC and waits for the consumer index to pass it.',
      cite: 'SMMUv3 4.7.3',
      touched: ['smmu/0/cmdq/7'],
      message: ['message', 'core', 'smmu', 'CMD_SYNC'],
      change: (view) => setQueue(view, 1, 6, ['CFGI_CD 1', 'SYNC']),
    },
    {
      who: 'smmu',
      sentence: 'The SMMU drops what it has cached of context descriptor 1.',
      cite: 'SMMUv3 4.3.3',
      touched: ['smmu/0/cmdq/6'],
      change: (view) => setQueue(view, 1, 7, ['SYNC']),
    },
    {
      who: 'smmu',
      sentence: 'The SMMU completes SYNC: every command before it has taken effect.',
      cite: 'SMMUv3 4.7.3',
      touched: ['smmu/0/cmdq/7'],
      message: ['response', 'smmu', 'core', 'SYNC done'],
      change: (view) => setQueue(view, 1, 8, []),
    },
    {
      who: 'core',
      sentence: 'The bond of app and gpu0 counts one user.',
      cite: attach,
      touched: ['bond/0/gpu0'],
      change: (view) => gpu(view).bonds.push({ key: 'bond/0/gpu0', mm: 0, pasid: 1, uses: 1 }),
    },
    {
      who: 'app',
      sentence: 'bind returns PASID 1 to app.',
      cite: 'RFCv2 07/36',
      touched: ['actor/app'],
      message: ['response', 'core', 'app', 'PASID 1'],
      change: (view) => {
        app.doing = null;
        showApp(view, app);
      },
    },
  ];
}

function submitBeats(app: Person): Beat[] {
  return [
    {
      chapter: 'Submit',
      who: 'app',
      sentence: 'app writes a work descriptor: write 64 bytes at heap+0x1000.',
      cite: 'device model',
      touched: ['job/gpu0/1'],
      message: ['message', 'app', 'gpu0', 'submit: write 64 B at 7f00\u20261000, PASID 1'],
      change: (view) => gpu(view).jobs.push(job(1, app, 'write 64 B', '0x7f0000001000')),
    },
    {
      who: 'app',
      sentence: 'app writes a second descriptor behind it.',
      cite: 'device model',
      touched: ['job/gpu0/2'],
      change: (view) => gpu(view).jobs.push(job(2, app, 'read 64 B', '0x7f0000003000')),
    },
    {
      who: 'gpu0',
      sentence: 'gpu0 takes the job from its ring.',
      cite: 'device model',
      touched: ['job/gpu0/1'],
      change: (view) => Object.assign(gpu(view).jobs[0] ?? {}, { state: 'running', note: 'translating' }),
    },
    { who: 'gpu0', sentence: 'Its ATC has no translation for this page and PASID.', cite: 'PCIe ATS 10.2' },
    {
      who: 'gpu0',
      sentence: 'gpu0 sends an ATS translation request for 7f00\u20261000 with PASID 1.',
      cite: 'PCIe ATS 10.2.2',
      touched: ['job/gpu0/1'],
      message: ['message', 'gpu0', 'smmu', 'ATS translation request'],
    },
    {
      who: 'smmu',
      sentence: 'The SMMU finds stream table entry 8 and puts it into its configuration cache.',
      cite: 'SMMUv3 5.2',
      touched: ['ste/8'],
      change: (view) => smmu(view).configCache.push({ key: 'cfg/0', label: 'STE 8' }),
    },
    {
      who: 'smmu',
      sentence: 'PASID 1 selects context descriptor 1: the page tables of app.',
      cite: 'SMMUv3 5.4',
      touched: ['cd/0/1'],
      change: (view) => smmu(view).configCache.push({ key: 'cfg/1', label: 'CD 1' }),
    },
  ];
}

function faultBeats(app: Person): Beat[] {
  const walks = [0, 1, 2].map(
    (level): Beat => ({
      ...(level === 0 ? { chapter: 'Fault' } : {}),
      who: 'smmu',
      sentence: `The walker of the SMMU reads level ${level} of the tree of app.`,
      cite: 'VMSAv8-64 D8.2',
      touched: [walkOf(app, WANTED, 'device', 'smmu0').path[level]?.table ?? ''],
      change: (view) => {
        view.trees[0] = treeOf(app, walkOf(app, WANTED, 'device', 'smmu0', level));
      },
    }),
  );
  const missing = (view: Draft<MachineView>) => {
    view.trees[0] = treeOf(app, walkOf(app, WANTED, 'device', 'smmu0'));
  };
  return [
    ...walks,
    {
      who: 'smmu',
      sentence: 'The walk ends at level 3, slot 1: the descriptor is 0, there is no frame.',
      cite: 'VMSAv8-64 D8.3',
      fault: true,
      touched: ['page/0/7f0000001'],
      message: ['call', 'smmu', 'mm', 'walk levels 0 to 3: slot 1 is empty'],
      change: (view) => {
        missing(view);
        showApp(view, app, WANTED);
      },
    },
    {
      who: 'smmu',
      sentence: 'The completion grants nothing: R=0, W=0.',
      cite: 'PCIe ATS 10.2.3',
      fault: true,
      touched: ['job/gpu0/1'],
      message: ['response', 'smmu', 'gpu0', 'completion: R=0 W=0'],
      change: missing,
    },
    {
      who: 'gpu0',
      sentence:
        'gpu0 asks the kernel for the page: a page request for 7f00\u20261000, to write, PASID 1, last of group 7.',
      cite: 'PCIe PRI 10.4 \u00b7 SMMUv3 8.1',
      fault: true,
      touched: ['job/gpu0/1', 'smmu/0/priq/3', 'request/gpu0/7'],
      message: ['message', 'gpu0', 'smmu', 'page request \u00b7 group 7 \u00b7 last \u00b7 write'],
      change: (view) => {
        missing(view);
        setQueue(view, 0, 3, ['W 7f00...1000']);
        Object.assign(gpu(view).jobs[0] ?? {}, { state: 'waiting', note: 'waiting for page' });
        gpu(view).requests = [{ key: 'request/gpu0/7', group: 7, pages: '0x7f0000001000', mm: 0 }];
        gpu(view).credits = { used: 1, allowed: 16 };
      },
    },
  ];
}

function resolveBeats(app: Person): Beat[] {
  return [
    {
      chapter: 'Resolve',
      who: 'smmu',
      sentence: 'The SMMU raises the PRI queue interrupt.',
      cite: 'SMMUv3 3.18',
      message: ['wakeup', 'smmu', 'worker', 'PRI queue interrupt'],
    },
    {
      who: 'worker',
      sentence: 'The interrupt thread takes the record and reports the fault.',
      cite: 'RFCv2 27/36',
      touched: ['smmu/0/priq/3', 'fault/0'],
      change: (view) => {
        setQueue(view, 0, 4, []);
        view.kernel.faults = [{ key: 'fault/0', label: 'W 7f00...1000', mm: 0, state: 'queued' }];
        view.kernel.actors = [{ key: 'actor/iopf', name: 'fault worker', doing: 'handle group 7', waiting: false }];
      },
    },
    {
      who: 'worker',
      sentence: 'It is the last of its group, so the group goes to the workqueue.',
      cite: 'RFCv2 28/36',
    },
    {
      who: 'worker',
      sentence: 'The worker takes mmap_sem of app to read.',
      cite: 'RFCv2 29/36',
      touched: ['lock/mmap_sem'],
      change: (view) => {
        view.kernel.locks = [
          {
            key: 'lock/mmap_sem',
            name: 'mmap_sem of app',
            holder: 'fault worker',
            holderLane: 'faults',
            waiters: [],
            waiterLanes: [],
          },
        ];
      },
    },
    {
      who: 'worker',
      sentence: 'handle_mm_fault() finds the heap: writable, and nothing there yet.',
      cite: 'handle_mm_fault()',
      touched: ['vma/02'],
      message: ['call', 'worker', 'mm', 'handle_mm_fault()'],
    },
    {
      who: 'mm',
      sentence: 'The mm takes a zeroed frame, 8aa.',
      cite: 'do_anonymous_page()',
      touched: ['page/0/7f0000001'],
      change: (view) => {
        view.kernel.frames.used += 1;
      },
    },
    {
      who: 'mm',
      sentence: 'The mm writes the descriptor: the frame is in the one tree that both walkers read.',
      cite: 'VMSAv8-64 D8.3',
      touched: ['page/0/7f0000001', 'frame/8aa'],
      change: (view) => {
        app.frames.set(WANTED, 0x8aa);
        showApp(view, app);
        view.trees[0] = treeOf(app);
      },
    },
    {
      who: 'worker',
      sentence: 'The worker releases mmap_sem.',
      cite: 'RFCv2 29/36',
      touched: ['lock/mmap_sem'],
      change: (view) => {
        view.kernel.locks = [];
      },
    },
    {
      who: 'worker',
      sentence: 'It answers the group: SUCCESS, group 7, PASID 1.',
      cite: 'SMMUv3 4.4.2',
      touched: ['smmu/0/cmdq/8', 'fault/0'],
      message: ['message', 'worker', 'smmu', 'CMD_PRI_RESP 7, success'],
      change: (view) => {
        setQueue(view, 1, 8, ['PRI_RESP 7']);
        view.kernel.faults = [{ key: 'fault/0', label: 'W 7f00...1000', mm: 0, state: 'answered' }];
      },
    },
    {
      who: 'smmu',
      sentence: 'The SMMU sends the page response to gpu0.',
      cite: 'PCIe PRI 10.4.2',
      touched: ['smmu/0/cmdq/8', 'request/gpu0/7'],
      message: ['response', 'smmu', 'gpu0', 'page response \u00b7 group 7 \u00b7 success'],
      change: (view) => {
        setQueue(view, 1, 9, []);
        view.kernel.faults = [];
        view.kernel.actors = [];
        gpu(view).requests = [];
        gpu(view).credits = { used: 0, allowed: 16 };
      },
    },
    { who: 'gpu0', sentence: 'The group is answered: gpu0 gets its credit back.', cite: 'PCIe PRI 10.4.2' },
  ];
}

function retryBeats(app: Person): Beat[] {
  const found = (level: number) => (view: Draft<MachineView>) => {
    view.trees[0] = treeOf(app, walkOf(app, WANTED, 'device', 'smmu0', level));
  };
  return [
    {
      chapter: 'Retry',
      who: 'gpu0',
      sentence: 'The response carried no translation, so gpu0 asks again.',
      cite: 'PCIe ATS 10.2.2',
      touched: ['job/gpu0/1'],
      message: ['message', 'gpu0', 'smmu', 'ATS translation request'],
      change: (view) => Object.assign(gpu(view).jobs[0] ?? {}, { state: 'running', note: 'translating' }),
    },
    ...[0, 1, 2].map((level): Beat => {
      const sentence = `The walker of the SMMU reads level ${level} of the tree of app.`;
      return { who: 'smmu', sentence, cite: 'VMSAv8-64 D8.2', change: found(level) };
    }),
    {
      who: 'smmu',
      sentence: 'This time level 3 has a descriptor: frame 8aa, writable.',
      cite: 'VMSAv8-64 D8.3',
      touched: ['frame/8aa'],
      message: ['call', 'smmu', 'mm', 'walk levels 0 to 3: frame 8aa'],
      change: found(3),
    },
    {
      who: 'smmu',
      sentence: 'The SMMU keeps the translation in its IOTLB, tagged with ASID 1.',
      cite: 'SMMUv3 3.17',
      touched: ['iotlb/0/0'],
      change: (view) => {
        found(3)(view);
        smmu(view).iotlb.entries.push(cacheEntry('iotlb/0', 0, app, WANTED));
      },
    },
    {
      who: 'smmu',
      sentence: 'The completion grants reading and writing: R=1, W=1.',
      cite: 'PCIe ATS 10.2.3',
      touched: ['atc/gpu0/0'],
      message: ['response', 'smmu', 'gpu0', 'completion: R=1 W=1'],
      change: (view) => gpu(view).atc?.entries.push(cacheEntry('atc/gpu0', 0, app, WANTED)),
    },
    {
      who: 'gpu0',
      sentence: 'gpu0 writes 64 bytes to frame 8aa, the very frame that app will read.',
      cite: 'device model',
      touched: ['job/gpu0/1', 'frame/8aa'],
      message: ['message', 'gpu0', 'mm', 'write 64 B to 8aa'],
      change: (view) => Object.assign(gpu(view).jobs[0] ?? {}, { note: 'writing' }),
    },
    {
      who: 'gpu0',
      sentence: 'The job is done.',
      cite: 'device model',
      touched: ['job/gpu0/1'],
      message: ['wakeup', 'gpu0', 'app', 'done'],
      change: (view) => Object.assign(gpu(view).jobs[0] ?? {}, { state: 'done', note: '64 B' }),
    },
    {
      who: 'app',
      sentence: 'app loads from heap+0x1000: its CPU walks the same tree to the same frame.',
      cite: 'VMSAv8-64 D8.2',
      touched: ['page/0/7f0000001'],
      change: (view) => {
        app.doing = 'load heap+0x1000';
        showApp(view, app);
        view.trees[0] = treeOf(app, walkOf(app, WANTED, 'cpu', 'CPU 0'));
      },
    },
    { who: 'app', sentence: 'It reads what gpu0 wrote. Nothing was copied, nothing was pinned.', cite: 'sva.rst' },
    {
      who: 'gpu0',
      sentence: 'gpu0 takes the second job.',
      cite: 'device model',
      touched: ['job/gpu0/2'],
      change: (view) => Object.assign(gpu(view).jobs[1] ?? {}, { state: 'done', note: '64 B' }),
    },
  ];
}
