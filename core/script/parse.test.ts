import { expect, test } from 'vitest';
import { MAX_COLUMNS, MAX_LINES, parseLine, parseScript } from './parse.ts';

const heap = (offset = 0) => ({ kind: 'region', region: 'heap', offset });
const literal = (hi: number, lo: number) => ({ kind: 'literal', hi, lo });
const device = { pasidWidth: null, group: null, domain: null, smmu: null, unserialised: false };
const usual = { stall: false, credits: null, stop: null, atc: null, atcReplacement: null, atcSeed: null };
const pci = { verb: 'device', bus: 'pci', ...device, ats: false, pri: false, ...usual };
const abilities = {
  ...{ broadcast: null, updates: null, outputBits: null, coherent: null },
  ...{ smmuAsidBits: null, streamBits: null, substreamBits: null, stallMax: null },
};
const machine = {
  verb: 'machine',
  backend: 'smmuv3',
  paging: null,
  ddt: null,
  msiFlat: null,
  cdTable: null,
  streamTable: null,
  smmus: null,
  asidBits: null,
  nextAsid: null,
  ...abilities,
};
const usualCache = { iotlbReplacement: null, iotlbSeed: null };
const sizes = { frames: null, cmdq: null, evtq: null, priq: null, iotlb: null, ...usualCache };
const mmap = { verb: 'mmap', process: 'app', region: 'heap', size: 65536, perms: 'rw-' };
const nowhere = { at: null, file: null, offset: null, growsDown: false };
const pair = { process: 'app', device: 'gpu0' };
const dma = {
  verb: 'dma',
  by: 'process',
  ...pair,
  address: heap(4096),
  bytes: 64,
  count: null,
  noPasid: false,
  unbound: false,
};
const iova = { space: 'A', iova: literal(0, 0x10000) };
const iovaDma = { verb: 'dma', by: 'iova', device: 'gpu0', operation: 'write', iova: iova.iova, bytes: 64 };
const claim = { verb: 'expect', under: null };
const inHeap = { process: 'app', address: heap() };

test.each<[string, object]>([
  ['machine smmuv3', { ...machine, ...sizes }],
  ['machine riscv ddt 2 msi-flat on', { ...machine, ...sizes, backend: 'riscv', ddt: '2', msiFlat: 'on' }],
  ['machine smmuv3 stall-max 2', { ...machine, ...sizes, stallMax: 2 }],
  ['machine smmuv3 cd-table 2level', { ...machine, ...sizes, cdTable: '2level' }],
  [
    'machine smmuv3 iotlb 10 priq 8 evtq 0x10 cmdq 32 frames 1000 stream-table linear',
    {
      ...{ ...machine, ...usualCache, streamTable: 'linear', frames: 1000, cmdq: 32, evtq: 16, priq: 8 },
      iotlb: { sets: null, ways: 10 },
    },
  ],
  ['machine smmuv3 iotlb 16x4 lru', { ...machine, ...sizes, iotlb: { sets: 16, ways: 4 }, iotlbReplacement: 'lru' }],
  [
    'machine smmuv3 iotlb 2x8 random 7',
    { ...machine, ...sizes, iotlb: { sets: 2, ways: 8 }, iotlbReplacement: 'random', iotlbSeed: 7 },
  ],
  [
    'device gpu0 pci 00:01.0 ats atc 8x4 fifo',
    { ...pci, name: 'gpu0', bdf: 8, ats: true, atc: { sets: 8, ways: 4 }, atcReplacement: 'fifo' },
  ],
  [
    'machine smmuv3 smmus 2 btm on httu dirty ssid-bits 4',
    { ...machine, ...sizes, smmus: 2, broadcast: 'on', updates: 'dirty', substreamBits: 4 },
  ],
  [
    'smmu 1 oas 40 coherent off smmu-asid-bits 8 sid-bits 8',
    { verb: 'smmu', smmu: 1, ...abilities, outputBits: '40', coherent: 'off', smmuAsidBits: '8', streamBits: 8 },
  ],
  ['policy rfcv2-as-posted', { verb: 'policy', policy: 'rfcv2-as-posted' }],
  ['bug atc-before-iotlb', { verb: 'bug', bug: 'atc-before-iotlb' }],
  ['device gpu0 pci 00:01.0', { ...pci, name: 'gpu0', bdf: 8 }],
  [
    'device gpu0 pci ff:1f.7 pri ats group 4 pasid 16 credits 8 atc 64 domain d0 stop marker',
    {
      ...{ ...pci, name: 'gpu0', bdf: 0xffff, ats: true, pri: true, group: 4, pasidWidth: 16 },
      ...{ credits: 8, atc: { sets: null, ways: 64 }, domain: 'd0', stop: 'marker' },
    },
  ],
  [
    'device dma1 platform stall pasid 8',
    { verb: 'device', name: 'dma1', bus: 'platform', ...device, stall: true, pasidWidth: 8 },
  ],
  ['process app', { verb: 'process', name: 'app', maps: null, user: null }],
  ['process app maps python.maps', { verb: 'process', name: 'app', maps: 'python.maps', user: null }],
  ['process app maps "my \\"own\\" #1.maps"', { verb: 'process', name: 'app', maps: 'my "own" #1.maps', user: null }],
  ['mmap app heap 64K rw at 0x7f0000000000', { ...mmap, ...nowhere, at: literal(0x7f00, 0) }],
  [
    'mmap app heap 0x10000 rw- file /lib/libc.so.6 offset 8K',
    { ...mmap, ...nowhere, file: '/lib/libc.so.6', offset: 8192 },
  ],
  ['mmap app heap 64K rw grows-down', { ...mmap, ...nowhere, growsDown: true }],
  ['munmap app heap+0x1000 1', { verb: 'munmap', process: 'app', address: heap(4096), pages: 1 }],
  ['mprotect app heap+4K 2 r-x', { verb: 'mprotect', process: 'app', address: heap(4096), pages: 2, perms: 'r-x' }],
  ['exec app', { verb: 'exec', process: 'app' }],
  ['swap-out app heap+0x1000 2', { verb: 'swap-out', process: 'app', address: heap(4096), pages: 2 }],
  ['migrate app heap+0x1000 2', { verb: 'migrate', process: 'app', address: heap(4096), pages: 2 }],
  ['pin app heap+0x1000 2', { verb: 'pin', process: 'app', address: heap(4096), pages: 2 }],
  ['age app heap 2 clean', { verb: 'age', ...inHeap, pages: 2, clean: true }],
  ['expect clean app heap', { ...claim, what: 'clean', ...inHeap }],
  ['mlock app heap+0x1000 2', { verb: 'mlock', process: 'app', address: heap(4096), pages: 2 }],
  [
    'madvise app heap+0x1000 2 dontfork',
    { verb: 'madvise', process: 'app', address: heap(4096), pages: 2, advice: 'dontfork' },
  ],
  ['fail-alloc 2', { verb: 'fail-alloc', times: 2 }],
  ['bind app gpu0 pin', { verb: 'bind', ...pair, pinned: true, by: null }],
  ['fork app child', { verb: 'fork', process: 'app', child: 'child' }],
  ['exit app', { verb: 'exit', process: 'app' }],
  ['load app 0xffffffffffffffff', { verb: 'load', process: 'app', address: literal(0xffff_ffff, 0xffff_ffff) }],
  ['store app heap 0xffffffff', { verb: 'store', ...inHeap, holds: 'number', number: 0xffff_ffff }],
  ['store app heap -> heap+0x1000', { verb: 'store', ...inHeap, holds: 'pointer', pointer: heap(4096) }],
  ['thread app worker', { verb: 'thread', process: 'app', name: 'worker' }],
  ['bind app gpu0', { verb: 'bind', ...pair, pinned: false, by: null }],
  ['bind app gpu0 by tool', { verb: 'bind', ...pair, pinned: false, by: 'tool' }],
  ['unbind app gpu0', { verb: 'unbind', ...pair, by: null }],
  ['attach gpu0 shared', { verb: 'attach', device: 'gpu0', domain: 'shared', wholeGroup: false }],
  ['detach gpu0', { verb: 'detach', device: 'gpu0', wholeGroup: false }],
  ['unplug gpu0', { verb: 'unplug', device: 'gpu0' }],
  ['enable-pri gpu0', { verb: 'enable-pri', device: 'gpu0' }],
  ['detach gpu0 whole-group', { verb: 'detach', device: 'gpu0', wholeGroup: true }],
  ['dma gpu0 app write heap+0x1000 64', { ...dma, operation: 'write' }],
  ['dma gpu0 app write heap+0x1000 64 unbound', { ...dma, operation: 'write', unbound: true }],
  ['dma gpu0 app chase heap+0x1000 64 no-pasid count 3', { ...dma, operation: 'chase', count: 3, noPasid: true }],
  [
    'request gpu0 app read heap+0x1000 group 3 last',
    { ...{ verb: 'request', ...pair, address: heap(4096), operation: 'read', prgi: 3 }, last: true, noPasid: false },
  ],
  ['dma gpu0 iova write 0x10000 64', { ...iovaDma, space: null }],
  ['dma gpu0 iova write 0x10000 64 in ring0', { ...iovaDma, space: 'ring0' }],
  ['iommu-map A 0x10000 16K rw-', { verb: 'iommu-map', ...iova, size: 16384, perms: 'rw-' }],
  ['iommu-unmap A 0x10000 4', { verb: 'iommu-unmap', ...iova, pages: 4 }],
  ['alloc-pasid gpu0 ring0 pasid 3', { verb: 'alloc-pasid', device: 'gpu0', name: 'ring0', pasid: 3 }],
  ['free-pasid ring0', { verb: 'free-pasid', space: 'ring0' }],
  ['on-invalidate gpu0 late', { verb: 'on-invalidate', device: 'gpu0', manner: 'late' }],
  ['on-fault A defer', { verb: 'on-fault', domain: 'A', reaction: 'defer', blocking: false }],
  ['run', { verb: 'run', until: 'idle' }],
  ['run 12', { verb: 'run', until: 'count', count: 12 }],
  ['run until fault.handled', { verb: 'run', until: 'moment', moment: 'fault.handled' }],
  ['run only app', { verb: 'run', until: 'alone', actor: 'app', step: null, count: null }],
  ['run only app 7', { verb: 'run', until: 'alone', actor: 'app', step: null, count: 7 }],
  ['run only app until fork.call', { verb: 'run', until: 'alone', actor: 'app', step: 'fork.call', count: null }],
  ['step gpu0', { verb: 'step', move: { actor: 'gpu0', choice: null }, count: null }],
  ['step gpu0/1 3', { verb: 'step', move: { actor: 'gpu0', choice: 1 }, count: 3 }],
  [
    'schedule gpu0/1 irq',
    {
      verb: 'schedule',
      moves: [
        { actor: 'gpu0', choice: 1 },
        { actor: 'irq', choice: null },
      ],
    },
  ],
  ['chapter "Bind"', { verb: 'chapter', text: 'Bind' }],
  ['note "a \\"b\\" \\\\ # c & d"', { verb: 'note', text: 'a "b" \\ # c & d' }],
  ['expect ok', { ...claim, what: 'ok' }],
  ['expect errno ENODEV', { ...claim, what: 'errno', errno: 'ENODEV' }],
  ['expect pasid app 1', { ...claim, what: 'pasid', process: 'app', pasid: 1 }],
  ['expect pasid app none', { ...claim, what: 'pasid', process: 'app', pasid: null }],
  ['expect bound app gpu0 2', { ...claim, what: 'bound', ...pair, uses: 2 }],
  ['expect domain gpu0 none', { ...claim, what: 'domain', device: 'gpu0', domain: null }],
  ['expect answer gpu0 group 3 none', { ...claim, what: 'answer', device: 'gpu0', prgi: 3, answer: 'none' }],
  ['expect entry gpu0 1 quiet', { ...claim, what: 'entry', device: 'gpu0', pasid: 1, owner: 'quiet' }],
  ['expect entry gpu0 1 none', { ...claim, what: 'entry', device: 'gpu0', pasid: 1, owner: null }],
  ['expect partials gpu0 2', { ...claim, what: 'partials', device: 'gpu0', partials: 2 }],
  ['expect dma gpu0 waiting', { ...claim, what: 'dma', device: 'gpu0', state: 'waiting' }],
  ['expect memory app heap 7', { ...claim, what: 'memory', ...inHeap, holds: 'number', number: 7 }],
  ['expect memory app heap -> heap', { ...claim, what: 'memory', ...inHeap, holds: 'pointer', pointer: heap() }],
  ['expect mapped app heap', { ...claim, what: 'mapped', ...inHeap }],
  ['expect unmapped app heap', { ...claim, what: 'unmapped', ...inHeap }],
  ['expect cached iotlb app heap', { ...claim, what: 'cached', cache: 'iotlb', ...inHeap }],
  ['expect uncached atc app heap', { ...claim, what: 'uncached', cache: 'atc', ...inHeap }],
  ['expect asid smmu app none', { ...claim, what: 'asid', tags: 'smmu', process: 'app', asid: null }],
  ['expect domain-asid io 2', { ...claim, what: 'domain-asid', domain: 'io', asid: 2 }],
  ['expect fault 2', { ...claim, what: 'fault', answered: 2 }],
  ['expect iova A 0x10000 mapped', { ...claim, what: 'iova', ...iova, state: 'mapped' }],
  ['expect iova A 0x10000 cached atc', { ...claim, what: 'iova', ...iova, state: 'cached', cache: 'atc' }],
  ['expect iova A 0x10000 holds 0x7', { ...claim, what: 'iova', ...iova, state: 'holds', number: 7 }],
  ['expect private ring0 2', { ...claim, what: 'private', space: 'ring0', pasid: 2 }],
  ['expect private ring0 none', { ...claim, what: 'private', space: 'ring0', pasid: null }],
  ['expect frames app 3', { ...claim, what: 'frames', process: 'app', frames: 3 }],
  [
    'under rfcv2-as-posted expect broken context-refs',
    { verb: 'expect', under: 'rfcv2-as-posted', what: 'broken', invariant: 'context-refs' },
  ],
  ['help', { verb: 'help', topic: null }],
  ['help bind', { verb: 'help', topic: 'bind' }],
])('it reads %s', (text, command) => {
  const parsed = parseLine(text, 7);

  expect(parsed).toStrictEqual({ command: { line: 7, background: false, ...command }, diagnostic: null });
});

test('a trailing & posts a command', () => {
  const { command } = parseLine('unbind app gpu0 &');

  expect(command).toMatchObject({ verb: 'unbind', background: true });
});

test.each<[string, string, string]>([
  ['mnumap app heap 1', 'mnumap', '"mnumap" is not a command; did you mean "munmap"?'],
  ['frobnicate', 'frobnicate', '"frobnicate" is not a command'],
  ['"bind" app gpu0', '"bind"', '"bind" is not a command'],
  ['bind 12 gpu0', '12', 'expected a process, found "12"'],
  ['bind "app" gpu0', '"app"', 'expected a process, found "app"'],
  ['bind app gpu0 now', 'now', 'expected pin, by, & or the end of the line, found "now"'],
  ['policy rfcv2 &', '&', 'expected the end of the line, found "&"'],
  ['machine smmuv3 cmdq 100', '100', 'expected a power of two, found 100; 64 and 128 are'],
  ['machine smmuv3 priq 0x100000', '0x100000', 'expected a power of two of at most 524288, found 1048576'],
  ['machine smmuv3 frames 1 frames 2', 'frames 2', '"frames" is given twice'],
  ['machine smmuv3 cd-table tree', 'tree', 'expected linear or 2level, found "tree"'],
  ['device gpu0 usb', 'usb', 'expected pci or platform, found "usb"'],
  ['device gpu0 pci 00:20.0', '00:20.0', 'expected a PCI device number of at most 1f, found 20'],
  ['device gpu0 pci 1.0', '1.0', 'expected a PCI address such as 00:01.0, found "1.0"'],
  ['device gpu0 pci 00:01.0 pasid 21', '21', 'expected a PASID width in bits of at most 20, found 21'],
  ['mmap app heap 100 rw', '100', 'expected a size such as 64K, a multiple of 4K, found 100'],
  ['mmap app heap 0 rw', '0', 'expected a size such as 64K of at least 4096, found 0'],
  ['mmap app heap 4K wr', 'wr', 'expected permissions such as rw-, found "wr"'],
  ['munmap app heap+x 1', 'heap+x', 'expected an address such as heap+0x1000, found "heap+x"'],
  ['load app 0x10000000000000000', '0x1', 'expected an address of at most 64 bits, found 0x10000000000000000'],
  ['store app heap 0x100000000', '0x1', 'expected a 32-bit number of at most 4294967295, found 4294967296'],
  ['run 0', '0', 'expected a count of at least 1, found 0'],
  ['run untill fault.handled', 'untill', 'found "untill"; did you mean "until"?'],
  ['schedule gpu0 !', '!', 'expected an actor such as gpu0 or gpu0/1 or the end of the line, found "!"'],
  ['chapter Bind', 'Bind', 'expected a text in double quotes, found "Bind"'],
  ['chapter ""', '""', 'expected a text in double quotes, found ""'],
  ['chapter "Bind', '"Bind', 'expected a closing quote before the end of the line'],
  ['note "a\\n"', '"a', 'expected \\" or \\\\ after a backslash, found \\n'],
  ['under rfcv2 bind app gpu0', 'bind', 'expected expect, found "bind"'],
  ['expect dma gpu0 dnoe', 'dnoe', 'expected done, failed or waiting, found "dnoe"; did you mean "done"?'],
  ['expect errno enodev', 'enodev', 'expected an error name such as ENODEV, found "enodev"'],
  ['expect mappde app heap', 'mappde', 'did you mean "mapped"?'],
])('it says what is wrong with %s', (text, place, message) => {
  const { command, diagnostic } = parseLine(text, 3);

  expect(command).toBeNull();
  expect(diagnostic?.message).toContain(message);
  expect(diagnostic).toMatchObject({ line: 3, column: text.lastIndexOf(place) + 1 });
});

test('a missing word is reported after the last one, with what may stand there', () => {
  const { diagnostic } = parseLine('  dma gpu0 app   # to do what?');

  expect(diagnostic).toEqual({
    line: 1,
    column: 15,
    endColumn: 16,
    message: 'expected read, write, chase or execute, found the end of the line',
    expected: ['read', 'write', 'chase', 'execute'],
  });
});

test('a diagnostic underlines the whole word', () => {
  expect(parseLine('expect dma gpu0 dnoe').diagnostic).toMatchObject({ column: 17, endColumn: 21 });
});

test('blank lines and comments say nothing', () => {
  expect(parseScript('\n  \t\r\n# all of it\r   # and this')).toEqual({ commands: [], diagnostics: [] });
});

test('a wrong line does not hide the others', () => {
  const { commands, diagnostics } = parseScript('process app\nbnid app gpu0\r\nexit app # bye');

  expect(commands).toMatchObject([
    { verb: 'process', line: 1 },
    { verb: 'exit', line: 3 },
  ]);
  expect(diagnostics).toMatchObject([{ line: 2, column: 1, endColumn: 5 }]);
});

test('a line that is too long is a diagnostic and nothing else is lost', () => {
  const longest = `run${' '.repeat(MAX_COLUMNS - 3)}`;

  const { commands, diagnostics } = parseScript(`${longest}\n${longest} \nrun`);

  expect(commands.map(({ line }) => line)).toEqual([1, 3]);
  expect(diagnostics).toMatchObject([{ line: 2, column: MAX_COLUMNS + 1, endColumn: MAX_COLUMNS + 2 }]);
});

test('a script that is too long is read up to its limit', () => {
  const { commands, diagnostics } = parseScript('run\n'.repeat(MAX_LINES + 2));

  expect(commands).toHaveLength(MAX_LINES);
  expect(diagnostics).toMatchObject([{ line: MAX_LINES + 1, column: 1 }]);
  expect(parseScript('run\n'.repeat(MAX_LINES)).diagnostics).toEqual([]);
});
