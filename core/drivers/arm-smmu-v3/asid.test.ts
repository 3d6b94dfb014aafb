import { expect, test } from 'vitest';
import { decode } from '../../hardware/layout.ts';
import { CD } from '../../hardware/smmuv3/context.layout.ts';
import { iotlb } from '../../hardware/smmuv3/smmu.ts';
import { entriesOf } from '../../hardware/tlb.ts';
import { present } from '../../lib/assert.ts';
import { at } from '../../machine/machine.ts';
import { actorNamed, goTo, processNamed, type Story, stepsSince, story, tell } from '../../play/testing/story.ts';
import { mms } from '../../process/mm.ts';
import { readWords } from '../../world/memory.ts';
import { asidEntries } from './asid-map.ts';
import { cdTables, contextPlace } from './domain.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const NIC = 'device nic0 pci 00:02.0 ats pri pasid 16';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;

const descriptor = ({ world }: Story, pasid: number, table = 0) => {
  const { page, offset } = present(contextPlace(world, cdTables.get(world, table), pasid), 'the entry has a place');
  return decode(CD, readWords(world, page, offset, 16, new Uint32Array(16)));
};
const owners = ({ world }: Story) =>
  asidEntries.all(world).map(({ asid, mm, domain }) => (mm < 0 ? `${asid} domain ${domain}` : `${asid} mm ${mm}`));
const commandsSince = ({ machine }: Story, event: number): string[] =>
  machine.trace
    .slice(event)
    .flatMap(({ step, facts }) => (step.endsWith('issue_cmd.insert') ? [String(facts['command'])] : []));

test('domains take the lowest ASIDs, a process brings that of the CPUs', () => {
  const told = story('machine smmuv3', `${GPU} domain a`, `${NIC} domain b`, ...APP, 'bind app gpu0', 'bind app nic0');

  expect(owners(told)).toEqual(['1 domain 0', '2 domain 1', '16 mm 0']);
  expect(descriptor(told, 0)).toMatchObject({ ASID: 1, ASET: 1 });
  expect(descriptor(told, 1)).toMatchObject({ ASID: 16, ASET: 0 });
  tell(told, 'exit app', 'run');
  expect(owners(told)).toEqual(['1 domain 0', '2 domain 1']);
});

test('a domain that has the ASID of the process gives way: one store, then its old translations go', () => {
  const told = story('machine smmuv3 next-asid 1', GPU, ...APP, 'run');
  expect(owners(told)).toEqual(['1 domain 0']);
  const before = at(told.machine);

  tell(told, 'bind app gpu0', 'run');

  expect(owners(told)).toEqual(['1 mm 0', '2 domain 0']);
  expect(descriptor(told, 0)).toMatchObject({ ASID: 2, ASET: 1, V: 1 });
  expect(descriptor(told, 1)).toMatchObject({ ASID: 1, ASET: 0, V: 1 });
  expect(commandsSince(told, before).slice(0, 2)).toEqual(['CMD_CFGI_CD sid 0x8 ssid 0', 'CMD_TLBI_NH_ASID asid 1']);
});

test('until its old translations are gone the ASID is still the domain’s, and another binder waits', () => {
  const told = story('machine smmuv3 next-asid 1', GPU, NIC, ...APP, 'process tool', 'run');
  tell(told, 'bind app gpu0 &');
  goTo(told, actorNamed(told, 'app'), 'arm_smmu_process_alloc.sync');
  expect(owners(told)).toEqual(['1 domain 0', '2 domain 1', '3 domain 0']);

  tell(told, 'bind tool nic0 &');
  goTo(told, actorNamed(told, 'tool'), 'arm_smmu_process_alloc.share');
  tell(told, 'run', 'expect bound app gpu0 1', 'expect bound tool nic0 1');

  expect(owners(told)).toEqual(['1 mm 0', '2 mm 1', '3 domain 0', '4 domain 1']);
});

test('where processes have ASIDs of the SMMUs nothing is pinned, and the entries are private', () => {
  const told = story('machine smmuv3 next-asid 1', 'policy rfcv2,process-asid=own', GPU, ...APP, 'bind app gpu0');

  expect(owners(told)).toEqual(['1 domain 0', '2 mm 0']);
  expect(descriptor(told, 1)).toMatchObject({ ASID: 2, ASET: 1 });
  expect(mms.get(told.world, processNamed(told, 'app').mm)).toMatchObject({ asid: 1, pinned: 0 });
});

test.each([
  ['hears the CPUs', ' btm on', 'rfcv2', false],
  ['does not hear the CPUs', '', 'rfcv2', true],
  ['has ASIDs of its own', ' btm on', 'rfcv2,process-asid=own', true],
])('an SMMU that %s forgets an unmapped page, by broadcast or by command', (_which, btm, policy, byCommand) => {
  const told = story(`machine smmuv3${btm}`, `policy ${policy}`, GPU, ...APP, 'bind app gpu0');
  tell(told, 'dma gpu0 app write heap 4', 'run', 'expect cached iotlb app heap');
  const before = at(told.machine);

  tell(told, 'munmap app heap 1', 'run', 'expect uncached iotlb app heap', 'expect uncached atc app heap');

  const commands = commandsSince(told, before).map((text) => text.split(' ')[0]);
  expect(commands).toEqual(byCommand ? ['CMD_TLBI_NH_VA', 'CMD_ATC_INV'] : ['CMD_ATC_INV']);
  expect(stepsSince(told, before).includes('arm_smmu_process_invalidate.heard')).toBe(!byCommand);
  tell(told, 'unbind app gpu0', 'run');
  expect(entriesOf(told.world, iotlb(told.world, 0))).toEqual([]);
});
