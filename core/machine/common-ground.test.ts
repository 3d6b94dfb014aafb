/** What both silicons share and where they differ, as docs/common-ground.md tells it. */
import { expect, test } from 'vitest';
import { PRG_RESPONSE_CODE } from '../hardware/pcie/messages.layout.ts';
import { commandLayout as riscvCommand } from '../hardware/riscv-iommu/commands.layout.ts';
import { CMD_PRI_RESP, PRI_RESP } from '../hardware/smmuv3/commands.layout.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { type Story, story, tell } from '../play/testing/story.ts';
import { ringLength } from '../world/ring.ts';

const MACHINES = ['machine smmuv3', 'machine riscv'] as const;
const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16 domain a';
const NIC = 'device nic0 pci 00:02.0 ats pri pasid 16 domain b';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;

/** Moments and messages of the whole story. */
const momentsOf = ({ machine }: Story): string[] => machine.trace.flatMap(({ moments }) => moments);
const said = ({ machine }: Story): string => machine.trace.map(({ text }) => text).join('\n');

/** What each actor does above the seam, in its order: neither the driver of an IOMMU nor hardware that only one silicon has. */
function aboveTheSeam({ machine, world }: Story): Record<string, string[]> {
  const silicon = new Set(
    siliconOf(world)
      .iommus.all(world)
      .map(({ name }) => name),
  );
  const deeds: Record<string, string[]> = {};
  for (const { actor, lane, step } of machine.trace) {
    if (lane === 'smmu-driver' || silicon.has(lane)) continue;
    deeds[actor] = [...(deeds[actor] ?? []), step];
  }
  const names = Object.entries(deeds).map(([actor, steps]) => [steps[0] ?? actor, steps] as const);
  return Object.fromEntries(names);
}

test('common: above the seam everybody does the same, step by step, from bind to exit', () => {
  const [arm, riscv] = MACHINES.map((machine) =>
    story(
      machine,
      GPU,
      ...APP,
      'bind app gpu0',
      'dma gpu0 app write heap 64',
      'run',
      'munmap app heap 4',
      'exit app',
      'run',
    ),
  );

  const steps = arm && aboveTheSeam(arm);
  expect(Object.values(steps ?? {}).flat().length).toBeGreaterThan(80);
  expect(riscv && aboveTheSeam(riscv)).toEqual(steps);
});

test('trap 1: the answer Success is 2 in the command of an SMMU, and 0 on the wire and in that of a RISC-V IOMMU', () => {
  expect([PRI_RESP.FAILURE, PRI_RESP.INVALID, PRI_RESP.SUCCESS]).toEqual([0, 1, 2]);
  expect(PRG_RESPONSE_CODE).toEqual({ SUCCESS: 0, INVALID_REQUEST: 1, RESPONSE_FAILURE: 15 });
  expect(CMD_PRI_RESP.fields.Resp).toBeDefined();
  expect(riscvCommand(4)?.fields).not.toHaveProperty('Resp');
  for (const machine of MACHINES) {
    const told = story(machine, GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 64', 'run');
    expect(tell(told, 'expect answer gpu0 group 0 success')).toBeNull();
  }
});

test('trap 2: a queue with a wrap bit is full with all its entries, one without keeps a slot free', () => {
  expect(ringLength({ log2Size: 2 }, 0b100, 0)).toBe(4);
  expect(ringLength({ log2Size: 2, hasWrapBit: false }, 0, 0)).toBe(0);
  expect(ringLength({ log2Size: 2, hasWrapBit: false }, 1, 2)).toBe(3);
  const overflows = (machine: string): boolean =>
    momentsOf(
      story(
        ...[`${machine} priq 2`, GPU, ...APP, 'process tool', 'bind app gpu0'],
        ...['request gpu0 app write heap group 0 last &', 'run until fault.queued'],
        ...['request gpu0 app write heap+0x1000 group 1 last &', 'run'],
      ),
    ).includes('priq.overflow');
  expect(MACHINES.map(overflows)).toEqual([false, true]);
});

test('trap 3: a translation request that meets no page is answered R=W=0, and no fault is recorded', () => {
  for (const machine of MACHINES) {
    const told = story(machine, GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 64', 'run');
    expect(said(told)).toContain('no translation, R=0 W=0');
    expect(momentsOf(told)).toContain('fault.queued');
    expect(momentsOf(told)).not.toContain('event.printed');
  }
});

test('trap 7: an SMMU keeps an entry that is not valid, a RISC-V IOMMU does not', () => {
  const cached = (machine: string): number => {
    const told = story(machine, GPU, NIC, ...APP, 'bind app nic0', 'dma gpu0 app read heap 4 unbound', 'run');
    const lines = siliconOf(told.world).pasidTables.cached(told.world, 0);
    return lines.filter(({ sid, ssid }) => sid === 8 && ssid === 1).length;
  };

  expect(MACHINES.map(cached)).toEqual([1, 0]);
});

test('trap 9: a PASID without entry is an error on an SMMU; a RISC-V IOMMU says R=W=0, and the driver must answer INVALID', () => {
  const told = MACHINES.map((machine) =>
    story(machine, GPU, NIC, ...APP, 'bind app nic0', 'dma gpu0 app read heap 4 unbound', 'run'),
  );

  expect(told.map((each) => momentsOf(each).includes('fault.queued'))).toEqual([false, true]);
  for (const each of told) expect(tell(each, 'expect dma gpu0 failed')).toBeNull();
});
