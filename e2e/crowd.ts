const PROCESSES = 12;
const DEVICES = 8;

/** A machine that is full: twelve processes, eight devices in four groups with a domain each, two SMMUs. */
export const CROWD = [
  'machine smmuv3 smmus 2',
  'policy rfcv2',
  ...numbers(DEVICES).map(
    (n) => `device dev${n} pci 00:0${1 + (n % 4)}.0 ats pri pasid 16 group ${n >> 1}${n < 4 ? '' : ' smmu 1'}`,
  ),
  ...numbers(PROCESSES).flatMap((n) => [
    `process app${n}`,
    `mmap app${n} heap 64K rw- at 0x7f00000${n.toString(16)}0000`,
  ]),
  'chapter "Bind"',
  ...numbers(PROCESSES).map((n) => `bind app${n} dev${n % DEVICES}`),
  ...numbers(4).map((n) => `bind app${n} dev${(n + 5) % DEVICES}`),
  'chapter "Fault"',
  ...numbers(PROCESSES).map((n) => `dma dev${n % DEVICES} app${n} write heap+0x${(n % 4).toString(16)}000 64`),
  'run until fault.reported',
  'chapter "Resolve"',
  'run',
  'chapter "Exit"',
  'exit app0',
  'run',
].join('\n');

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}
