import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Playground, SIZES, test } from './playground.ts';

/** The picture of the README; `npm run e2e -- pictures --update-snapshots` takes it anew. */
const README_PICTURE = join(import.meta.dirname, '../docs/img/first-touch.png');

/** Moments that are worth looking at, by what leads there from the start. */
const MOMENTS: Record<string, { scenario: string; goThere: (playground: Playground) => Promise<unknown> }> = {
  'first-touch, at the page request': { scenario: 'first-touch', goThere: pageRequest },
  'real-process, in its middle': {
    scenario: 'real-process',
    goThere: (playground) => playground.press('ArrowRight', 6),
  },
  'unmap-during-dma, with a stale ATC': {
    scenario: 'unmap-during-dma',
    goThere: (playground) => playground.press('ArrowRight', 4),
  },
};

for (const [what, { scenario, goThere }] of Object.entries(MOMENTS)) {
  for (const size of ['desk', 'phone'] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`it is photographed: ${what}, ${size}, ${colorScheme}`, async ({ playground }, testInfo) => {
        await playground.page.emulateMedia({ colorScheme });
        await playground.page.setViewportSize(SIZES[size]);
        await playground.open({ scenario });
        await goThere(playground);

        const picture = await takePicture(playground, testInfo.outputPath(`${scenario}-${size}-${colorScheme}.png`));

        expect(sizeOf(picture)).toEqual(SIZES[size]);
      });
    }
  }
}

test('it is photographed for the README, at the page request', async ({ playground }, testInfo) => {
  const renewed = ['all', 'changed'].includes(testInfo.config.updateSnapshots) || !existsSync(README_PICTURE);
  await playground.open();
  await pageRequest(playground);

  const picture = await takePicture(playground, renewed ? README_PICTURE : testInfo.outputPath('first-touch.png'));

  expect(sizeOf(picture)).toEqual(SIZES.desk);
});

async function pageRequest(playground: Playground): Promise<void> {
  await playground.press('ArrowRight', 3);
}

async function takePicture({ page }: Playground, path: string): Promise<Buffer> {
  await page.evaluate(async () => document.fonts.ready);
  return page.screenshot({ path });
}

/** Width and height of a PNG, from its header. */
function sizeOf(picture: Buffer): { width: number; height: number } {
  return { width: picture.readUInt32BE(16), height: picture.readUInt32BE(20) };
}
