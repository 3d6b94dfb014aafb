import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestInfo } from '@playwright/test';
import { CROWD } from './crowd.ts';
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

/** Pictures of the page with one process and with twelve; `--update-snapshots` takes them anew, as small files. */
const ALBUM: Record<string, { open: (playground: Playground) => Promise<unknown> }> = {
  'one-process': { open: (playground) => playground.open().then(() => pageRequest(playground)) },
  'twelve-processes': { open: (playground) => playground.open({ script: CROWD, at: 1100 }) },
};

for (const [what, { open }] of Object.entries(ALBUM)) {
  for (const size of ['desk', 'phone'] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`it is in the album: ${what}, ${size}, ${colorScheme}`, async ({ playground }, testInfo) => {
        await playground.page.emulateMedia({ colorScheme });
        await playground.page.setViewportSize(SIZES[size]);
        await open(playground);

        const picture = await takePicture(playground, testInfo.outputPath('picture.png'));

        expect(sizeOf(picture)).toEqual(SIZES[size]);
        const kept = join(import.meta.dirname, `../docs/img/${what}-${size}-${colorScheme}.webp`);
        if (isRenewed(testInfo, kept)) writeFileSync(kept, await asWebp(playground, picture));
      });
    }
  }
}

test('it is photographed for the README, at the page request', async ({ playground }, testInfo) => {
  const renewed = isRenewed(testInfo, README_PICTURE);
  await playground.open();
  await pageRequest(playground);

  const picture = await takePicture(playground, renewed ? README_PICTURE : testInfo.outputPath('first-touch.png'));

  expect(sizeOf(picture)).toEqual(SIZES.desk);
});

function isRenewed({ config }: TestInfo, path: string): boolean {
  return ['all', 'changed'].includes(config.updateSnapshots) || !existsSync(path);
}

/** The same picture in a quarter of the bytes, by the browser's own means. */
async function asWebp({ page }: Playground, picture: Buffer): Promise<Buffer> {
  const url = await page.evaluate(
    async (png) => {
      const image = new Image();
      image.src = png;
      await image.decode();
      const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
      canvas.getContext('2d')?.drawImage(image, 0, 0);
      return canvas.toDataURL('image/webp', 0.88);
    },
    `data:image/png;base64,${picture.toString('base64')}`,
  );
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

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
