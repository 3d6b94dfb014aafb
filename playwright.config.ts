import { defineConfig } from '@playwright/test';

const port = process.env['E2E_PORT'] ?? '4188';
const browser = process.env['CHROMIUM'];
/** A playground that is served already, on localhost; without one the built page is served for the run. */
const served = process.env['E2E_URL'];

/** What takes the pictures of the documents. */
const PICTURES = 'pictures.spec.ts';
/** What measures the searches of the museum for its document. */
const SECONDS = 'museum-seconds.spec.ts';

/** Journeys in a real Chromium over the built page; `npm run e2e` finds the browser and a free port. */
export default defineConfig({
  testDir: 'e2e',
  projects: [
    { name: 'journeys', testIgnore: [PICTURES, SECONDS] },
    { name: 'pictures', testMatch: PICTURES },
    { name: 'seconds', testMatch: SECONDS, fullyParallel: false, workers: 1 },
  ],
  workers: 2,
  fullyParallel: true,
  // On a machine that others use, a journey may be overtaken by its own page: it is played again there, and told as flaky.
  retries: process.env['CI'] === undefined ? 0 : 1,
  forbidOnly: true,
  timeout: 60_000,
  reporter: [['list'], ['json', { outputFile: 'test-results/report.json' }]],
  use: {
    baseURL: served ?? `http://localhost:${port}/`,
    viewport: { width: 1440, height: 900 },
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'UTC',
    // A page that comes from the browser's own store cannot be changed on its way; e2e/offline.spec.ts lets it.
    serviceWorkers: 'block',
    actionTimeout: 10_000,
    // Recording doubles the time of every step; a journey that fails is run again with it.
    trace: process.env['E2E_TRACE'] === '1' ? 'on' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(browser === undefined ? {} : { executablePath: browser }),
      args: [
        // A container's root may not use the sandbox, and has no GPU.
        '--no-sandbox',
        '--disable-gpu',
        // One rendering of text on every machine, so that pictures can be compared.
        '--font-render-hinting=none',
        '--disable-font-subpixel-positioning',
        '--disable-lcd-text',
        '--force-device-scale-factor=1',
        '--hide-scrollbars',
      ],
    },
  },
  ...(served === undefined && {
    webServer: {
      command: `node .ci/start.mjs --port ${port}`,
      url: `http://localhost:${port}/`,
      reuseExistingServer: false,
      timeout: 120_000,
    },
  }),
});
