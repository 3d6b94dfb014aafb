const ONE_DEVICE = `machine smmuv3
device gpu0 pci 00:01.0 ats pri pasid 16`;
const TWO_DEVICES = `${ONE_DEVICE} domain io
device gpu1 pci 00:02.0 ats pri pasid 16 domain io`;

const processes = (...names: readonly string[]): string =>
  names.map((name) => `process ${name}\nmmap ${name} heap 64K rw- at 0x7f0000000000`).join('\n');

/** Three processes bind themselves to one device. */
export const THREE_BINDERS = `${ONE_DEVICE}
${processes('a', 'b', 'c')}
bind a gpu0
bind b gpu0
bind c gpu0
`;

/** Two processes, each with a device and a region of its own. */
export const OWN_DEVICES = `${TWO_DEVICES}
process a
mmap a heap 64K rw- at 0x7f0000000000
process b
mmap b stack 64K rw- at 0x7f0000000000
bind a gpu0
dma gpu0 a write heap 64
bind b gpu1
dma gpu1 b write stack 64
`;

/** Two threads of one process bind it to a device each; then it gives memory back. */
export const TWO_THREADS = `${TWO_DEVICES}
${processes('app')}
store app heap 7
thread app t1
thread app t2
bind app gpu0 by t1
bind app gpu1 by t2
munmap app heap 1
`;

/** Two processes that each bind and exit, in two threads. */
export const TWO_EXITS = `${ONE_DEVICE}
${processes('a', 'b')}
thread a at
thread b bt
bind a gpu0 by at
exit a
bind b gpu0 by bt
exit b
`;
