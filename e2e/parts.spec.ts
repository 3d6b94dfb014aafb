import { expect, test } from './playground.ts';

const PROCESS = `process app
mmap app heap 16K rw- at 0x7f0000000000
`;

const STALLED = `machine smmuv3
device dma1 platform stall pasid 8
${PROCESS}bind app dma1
run
dma dma1 app write heap 64
run until fault.queued
`;

test('it shows a stalled transaction in the SMMU, by its tag', async ({ playground }) => {
  await playground.open({ script: STALLED });
  await playground.toEnd();

  const stalled = playground.thing('IOMMU', /^STAG 0/);
  await expect(stalled).toContainText('write 64 B');
  await stalled.click();
  await playground.idle();
  await expect(playground.region('Inspector')).toContainText('an untranslated write');
  await playground.toStart();
  await expect(playground.region('IOMMU')).not.toContainText('Stalled');
});

const DMA = `machine smmuv3
device gpu0 pci 00:01.0 ats pri pasid 16
${PROCESS}iommu-map A 0x10000 4K rw-
dma gpu0 iova write 0x10000 64
run
`;

test('it opens the tree of DMA addresses when a device walks it, or when it is asked to', async ({ playground }) => {
  await playground.open({ script: DMA });
  await playground.toEnd();

  const trees = playground.region('Shared page tables');
  await expect(trees).toContainText('Device walk only');
  await expect(trees).toContainText('The device\u2019s walk ends in a frame: level 3, slot 16.');
  await trees.getByRole('button', { name: /^app root pfn .* open its page tables$/ }).press('Enter');
  await expect(trees).toContainText('No device walks it yet');
  await trees.getByRole('button', { name: /^DMA, domain A root pfn .* open its page tables$/ }).press('Enter');
  await expect(trees).toContainText('Device walk only');
});

const KEPT = `machine smmuv3
${PROCESS}store app heap 7
store app heap+0x1000 8
swap-out app heap+0x1000 1
run
pin app heap 1
mlock app heap 1
run
`;

test('it says which pages are swapped out, pinned and locked, by a sign and in words', async ({ playground }) => {
  await playground.open({ script: KEPT });
  await playground.toEnd();

  const processes = playground.region('Processes');
  const pinned = playground.thing('Processes', '7f00\u20260000: has a frame, pinned');
  const swapped = playground.thing('Processes', '7f00\u20261000: no frame, swapped out');
  await expect(processes).toContainText('1 pinned');
  await expect(processes).toContainText('1 swapped out');
  await expect(processes).toContainText('locked');
  await expect(processes).toContainText('Swap device1 / 64 pages');
  await expect(processes).toContainText('Pinned1 frame');
  const signs = [pinned, swapped].map((cell) =>
    cell.evaluate((one) => [
      getComputedStyle(one, '::after').content,
      getComputedStyle(one).backgroundImage !== 'none',
    ]),
  );
  expect(await Promise.all(signs)).toEqual([
    ['""', false],
    ['none', true],
  ]);
});
