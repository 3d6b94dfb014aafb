import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CROWD } from './crowd.ts';
import { expect, type Playground, SIZES, test } from './playground.ts';

// The pictures of the documents, taken anew by `npm run e2e -- --project=pictures`: nothing that the journeys check.

/** The picture of the README. */
const README_PICTURE = join(import.meta.dirname, '../docs/img/first-touch.png');

/** Pictures of the page with one process and with twelve, as small files. */
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
        writeFileSync(kept, await asWebp(playground, picture));
      });
    }
  }
}

test('it is photographed for the README, at the page request', async ({ playground }) => {
  await playground.open();
  await pageRequest(playground);

  const picture = await takePicture(playground, README_PICTURE);

  expect(sizeOf(picture)).toEqual(SIZES.desk);
});

test('it is in the album: an exhibit of the museum', async ({ playground }, testInfo) => {
  const { page } = playground;
  await playground.visit('./?museum&motion=off');
  const museum = page.getByRole('dialog', { name: 'The bug museum' });
  const exhibit = museum.locator('[data-exhibit="flush-under-lock"]');
  await expect(museum.getByRole('img')).toHaveCount(26, { timeout: 30_000 });
  await exhibit.evaluate((card) => card.scrollIntoView({ block: 'start' }));
  await museum.getByRole('button', { name: 'Close the museum' }).blur();

  const picture = await exhibit.screenshot({ path: testInfo.outputPath('picture.png') });

  expect(sizeOf(picture).width).toBeGreaterThan(1000);
  writeFileSync(join(import.meta.dirname, '../docs/img/museum.webp'), await asWebp(playground, picture));
});

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
