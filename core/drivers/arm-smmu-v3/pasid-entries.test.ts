import { expect, test } from 'vitest';
import { pasidCursor } from '../../iommu/pasid.ts';
import { attempt, type Story, story, tell } from '../../play/testing/story.ts';
import { readWord, writeWord } from '../../world/memory.ts';
import { cdTables, hasContext, level1Place } from './domain.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const NIC = 'device nic0 pci 00:02.0 ats pri pasid 16';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;
const OWN = ['machine smmuv3', 'policy rfcv2,pasid-table=device'] as const;

/** Which PASID tables have a valid entry for a PASID. */
const holders = ({ world }: Story, pasid = 1): boolean[] =>
  cdTables.all(world).map((table) => hasContext(world, table, pasid));

test('two devices of a domain share its PASID table, or have one each: only the binder’s gets the entry', () => {
  const shared = story('machine smmuv3', `${GPU} domain a`, `${NIC} domain a`, ...APP, 'bind app gpu0', 'run');
  const own = story(...OWN, `${GPU} domain a`, `${NIC} domain a`, ...APP, 'bind app gpu0', 'run');

  expect(holders(shared)).toEqual([true]);
  expect(holders(own)).toEqual([true, false]);
});

test('an entry that a group loses goes from the ATCs of the group; those of others in the domain are left alone', () => {
  const dsp = 'device dsp0 pci 00:03.0 ats pri pasid 16 group 5 domain a';
  const told = story(...OWN, `${GPU} group 4 domain a`, `${NIC} group 4 domain a`, dsp, ...APP, 'store app heap 7');
  tell(told, 'store app heap+0x1000 8', 'store app heap+0x2000 9', 'bind app gpu0', 'bind app dsp0');
  tell(told, 'dma gpu0 app read heap 4', 'dma nic0 app read heap+0x1000 4 unbound', 'dma dsp0 app read heap+0x2000 4');

  tell(told, 'run', 'expect cached atc app heap', 'expect cached atc app heap+0x1000', 'unbind app gpu0', 'run');

  tell(
    told,
    'expect uncached atc app heap',
    'expect uncached atc app heap+0x1000',
    'expect cached atc app heap+0x2000',
  );
});

test('tables of a group get an entry together, and lose it when the last device of the group is unbound', () => {
  const told = story(...OWN, `${GPU} group 1`, `${NIC} group 1`, 'device dsp0 pci 00:03.0 group 1', ...APP);

  tell(told, 'bind app gpu0', 'run');
  expect(holders(told)).toEqual([true, true, false]);
  tell(told, 'bind app nic0', 'unbind app gpu0', 'run');
  expect(holders(told)).toEqual([true, true, false]);
  tell(told, 'unbind app nic0', 'run');
  expect(holders(told)).toEqual([false, false, false]);
});

test('a group of the domain that is unbound loses its entries while another keeps them', () => {
  const told = story(...OWN, `${GPU} domain a`, `${NIC} domain a`, ...APP, 'bind app gpu0', 'bind app nic0', 'run');
  expect(holders(told)).toEqual([true, true]);

  tell(told, 'unbind app gpu0', 'run');

  expect(holders(told)).toEqual([false, true]);
  tell(told, 'dma nic0 app write heap 4', 'run', 'expect dma nic0 done', 'exit app', 'run');
  expect(holders(told)).toEqual([false, false]);
});

test('an entry that one table of a group has no memory for is taken out of those that got it', () => {
  const machine = 'machine smmuv3 frames 256';
  const told = story(
    machine,
    OWN[1],
    `${GPU} group 1`,
    `${NIC} group 1`,
    ...APP,
    'process hog',
    'mmap hog heap 1M rw-',
  );
  const [first] = cdTables.all(told.world);
  if (first === undefined) throw new Error('the first device has a table');
  for (let i = 0; i < 256; i++)
    if (attempt(told, `store hog heap+0x${(i * 4096).toString(16)} 1`).errno !== null) break;

  // The next PASID is one of the second leaf; the first table has one already, behind everybody's back.
  const [known, fresh] = [level1Place(first, 0), level1Place(first, 1124)];
  for (const at of [0, 4])
    writeWord(told.world, fresh.page, fresh.offset + at, readWord(told.world, known.page, known.offset + at));
  pasidCursor.edit(told.world, 0, (row) => {
    row.next = 1124;
  });
  expect(attempt(told, 'bind app gpu0').errno).toBe('ENOMEM');
  expect(holders(told, 1124)).toEqual([false, false]);
});

test('each SMMU has its own domains, queues and threads, and a domain belongs to one of them', () => {
  const told = story('machine smmuv3 smmus 2', `${GPU} domain a`, `${NIC} smmu 1 domain b`, ...APP);
  expect(attempt(told, 'device dsp0 pci 00:03.0 ats pri pasid 16 smmu 1 domain a')).toMatchObject({ errno: 'ENXIO' });
  expect(attempt(told, 'device dsp0 pci 00:03.0 ats pri pasid 16 smmu 2')).toMatchObject({ errno: 'ENODEV' });

  tell(told, 'bind app gpu0', 'bind app nic0', 'dma nic0 app write heap 4', 'run', 'expect dma nic0 done');
  tell(told, 'dma gpu0 app write heap+0x1000 4', 'run', 'expect dma gpu0 done');

  expect(holders(told)).toEqual([true, true]);
  tell(
    told,
    'munmap app heap 2',
    'run',
    'expect uncached atc app heap',
    'expect uncached iotlb app heap',
    'exit app',
    'run',
  );
  expect(holders(told)).toEqual([false, false]);
});

test('few StreamIDs need a linear stream table, few PASIDs a linear table of descriptors', () => {
  const told = story('machine smmuv3 sid-bits 5', `${GPU.replace('16', '10')}`, `${NIC} domain b`);
  expect(attempt(told, 'device dsp0 pci 00:05.0 ats pri pasid 16')).toMatchObject({ errno: 'ERANGE' });

  expect(cdTables.all(told.world)).toMatchObject([{ twoLevel: 0 }, { twoLevel: 1 }]);
});
