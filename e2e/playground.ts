import { deflateRawSync } from 'node:zlib';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  type ConsoleMessage,
  expect,
  type Locator,
  type Page,
  type Request,
  type WebError,
} from '@playwright/test';

/** The four columns of the machine, by their accessible names. */
export const COLUMNS = ['Processes', 'Shared page tables', 'IOMMU', 'Devices and groups'] as const;

/** What stays the same whichever way a moment was reached; the inspector may still follow an earlier one. */
const OF_THE_MOMENT = [...COLUMNS, 'Now', 'Timeline', 'Messages'];

export const SIZES = {
  desk: { width: 1440, height: 900 },
  large: { width: 1920, height: 1080 },
  small: { width: 1024, height: 768 },
  phone: { width: 390, height: 844 },
} as const;

export type Granularity = 'chapter' | 'call' | 'transaction' | 'step';

/** What the address of the page says. */
interface Address {
  readonly scenario?: string;
  readonly policy?: string;
  readonly at?: number | string;
  readonly fp?: string;
  /** A script that the link carries itself. */
  readonly script?: string;
  /** Motion is off unless a journey is about it. */
  readonly motion?: 'on';
}

/** The playground as a person meets it: by names and keys, and idle whenever a method returns. */
export class Playground {
  readonly page: Page;
  /** What went wrong behind the page's back in any window of the journey. */
  private readonly complaints: string[];
  private readonly browser: Browser;
  /** Where the page under test is served. */
  private readonly home: string;
  private readonly excused: RegExp[] = [];

  constructor(page: Page, browser: Browser, complaints: string[], home: string) {
    this.page = page;
    this.browser = browser;
    this.complaints = complaints;
    this.home = home;
  }

  async open(address: Address = {}): Promise<void> {
    await this.visit(addressOf(address));
  }

  /** Opens an address of the playground, also a malformed one, as if the page had never been open. */
  async visit(address: string): Promise<void> {
    if (this.page.url() !== 'about:blank') await this.page.goto('about:blank');
    await this.page.goto(address);
    await this.idle();
  }

  /** Opens first-touch when its page request has just reached the queue, and returns that event. */
  async openAtPageRequest(): Promise<number> {
    await this.open();
    await this.press('ArrowRight', 3);
    return this.event();
  }

  /** Waits until nothing is asked of the engine and the page shows the moment that was asked for last: its event. */
  async idle(): Promise<number> {
    return this.page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const { dataset } = document.documentElement;
          const look = () => {
            if (dataset['engine'] === 'idle') resolve(Number(dataset['event']));
            else requestAnimationFrame(look);
          };
          look();
        }),
    );
  }

  /** Gives the window another size, and waits until the page is laid out in it. */
  async resize(size: keyof typeof SIZES): Promise<void> {
    await this.page.setViewportSize(SIZES[size]);
    await this.page.evaluate(
      (width) =>
        new Promise<void>((resolve) => {
          const look = () => requestAnimationFrame(() => (innerWidth === width ? setTimeout(resolve) : look()));
          look();
        }),
      SIZES[size].width,
    );
  }

  /** Events performed at the moment shown. */
  async event(): Promise<number> {
    return Number(await this.page.locator('html').getAttribute('data-event'));
  }

  /** Picks a scenario of the list. */
  async choose(scenario: string): Promise<void> {
    await this.scenario.selectOption(scenario);
    await this.idle();
    await expect(this.scenario).toHaveValue(scenario);
  }

  /** Presses a key so many times, and says at which event the page is then. */
  async press(key: string, times = 1): Promise<number> {
    let at = -1;
    for (let time = 0; time < times; time += 1) {
      await this.page.keyboard.press(key);
      at = await this.idle();
    }
    return at;
  }

  /** Goes to an event of the run that is open, as near to it as a pointer can tell events of the bar apart. */
  async pointAt(event: number): Promise<void> {
    const { width = 0 } = (await this.slider.boundingBox()) ?? {};
    const events = Number(await this.slider.getAttribute('aria-valuemax'));
    await this.slider.click({ position: { x: Math.min((width * event) / events, width - 1), y: 4 } });
    await this.idle();
  }

  region(name: string): Locator {
    return this.page.getByRole('region', { name, exact: true });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** A thing of the machine, in a column, by the start of its name or by a pattern. */
  thing(column: (typeof COLUMNS)[number], name: string | RegExp): Locator {
    return this.region(column).getByRole('button', { name }).first();
  }

  get slider(): Locator {
    return this.page.getByRole('slider', { name: 'Position', exact: true });
  }

  get textbox(): Locator {
    return this.page.getByRole('textbox', { name: 'Command', exact: true });
  }

  get scenario(): Locator {
    return this.page.getByRole('combobox', { name: 'Scenario', exact: true });
  }

  get policy(): Locator {
    return this.page.getByRole('combobox', { name: 'Kernel design', exact: true });
  }

  get granularity(): Locator {
    return this.page.getByRole('combobox', { name: 'Granularity', exact: true });
  }

  /** What a screen reader is told of each moment. */
  get announcement(): Locator {
    return this.region('Now').locator('[aria-live="polite"]');
  }

  async stepBy(granularity: Granularity): Promise<void> {
    await this.granularity.selectOption(granularity);
  }

  async click(name: string): Promise<void> {
    await this.button(name).click();
    await this.idle();
  }

  async toStart(): Promise<void> {
    await this.slider.press('Home');
    await this.idle();
  }

  async toEnd(): Promise<void> {
    await this.slider.press('End');
    await this.idle();
  }

  /** Types a line into the console and returns what came of it. */
  async command(line: string): Promise<string[]> {
    const log = this.page.getByRole('log', { name: 'Console' });
    const before = await log.locator('.log-line').count();
    await this.textbox.fill(line);
    await this.textbox.press('Enter');
    await this.idle();
    const lines = await log.locator('.log-line').allTextContents();
    expect(lines[before], 'the console repeats the line').toBe(`> ${line}`);
    return lines.slice(before + 1);
  }

  /** The fingerprint that the page shows, 16 hexadecimal digits. */
  async fingerprint(): Promise<string> {
    const status = this.page.getByRole('contentinfo').getByText(/^fingerprint/);
    return /[0-9a-f]{16}$/.exec(String(await status.textContent()))?.[0] ?? 'none';
  }

  /** What the page tells the person about links, scripts and broken claims. */
  async notices(): Promise<string> {
    const told = this.page.getByRole('status').or(this.page.getByRole('alert'));
    return (await told.allInnerTexts()).join('\n');
  }

  /** All that can be read and seen of the moment, region by region: the text, and every thing with its name and state. */
  async reading(): Promise<Record<string, string>> {
    return this.page.evaluate((names) => {
      const readingOf = (name: string) => {
        const region = document.querySelector<HTMLElement>(`[aria-label="${name}"]`);
        const things = [...(region?.querySelectorAll('[data-key]') ?? [])].map((thing) =>
          ['data-key', 'aria-label', 'class'].map((attribute) => thing.getAttribute(attribute)).join(' '),
        );
        return [region?.textContent, ...things].join('\n');
      };
      return Object.fromEntries(names.map((name) => [name, readingOf(name)]));
    }, OF_THE_MOMENT);
  }

  /** Presses Share and returns the link that the dialog offers. */
  async share(): Promise<string> {
    await this.click('Share');
    const dialog = this.page.getByRole('dialog', { name: 'A link to this moment' });
    const link = await dialog.getByRole('textbox', { name: 'Link' }).inputValue();
    await dialog.getByRole('button', { name: 'Close' }).click();
    return link;
  }

  /** Somebody else, in a browser that has never seen the page. */
  async somebodyElse(): Promise<Playground> {
    const context = await this.browser.newContext({ serviceWorkers: 'block' });
    await overhear(context, this.complaints, this.home);
    return new Playground(await context.newPage(), this.browser, this.complaints, this.home);
  }

  /** Declares a complaint to be part of the journey. */
  excuse(complaint: RegExp): void {
    this.excused.push(complaint);
  }

  unexcused(): string[] {
    return this.complaints.filter((complaint) => !this.excused.some((pattern) => pattern.test(complaint)));
  }
}

function addressOf({ script, motion, ...rest }: Address): string {
  const query = new URLSearchParams(motion === 'on' ? {} : { motion: 'off' });
  for (const [name, value] of Object.entries(rest)) query.set(name, String(value));
  return `./?${query}${script === undefined ? '' : `#script=${packed(script)}`}`;
}

/** A script as links carry it. */
export function packed(script: string): string {
  return deflateRawSync(script).toString('base64url');
}

/** What the browser's driver itself says where it keeps the page's service worker away. */
const BLOCKED = 'Service Worker registration blocked by Playwright';

/** A browser with windows asks for it wherever a document names no icon, as pages around ours do. */
const UNASKED = '/favicon.ico';

/** Writes down errors, warnings, violations of the page's policy and requests to other origins of every window of a context. */
async function overhear(context: BrowserContext, complaints: string[], home: string): Promise<() => void> {
  const onConsole = (message: ConsoleMessage) => {
    if (!['error', 'warning'].includes(message.type()) || message.text() === BLOCKED) return;
    if (message.location().url.endsWith(UNASKED)) return;
    complaints.push(`console ${message.type()}: ${message.text()}`);
  };
  const onError = (error: WebError) => complaints.push(`uncaught: ${error.error().message}`);
  // Those of workers are among them.
  const onRequest = (request: Request) => {
    const { origin, protocol } = new URL(request.url());
    const own = origin === new URL(home).origin || ['data:', 'blob:', 'about:'].includes(protocol);
    if (!own) complaints.push(`request to another origin: ${request.url()}`);
  };
  context.on('console', onConsole).on('weberror', onError).on('request', onRequest);
  const told = await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
      console.error(`violation of the policy: ${effectiveDirective}, ${blockedURI}`),
    );
  });
  return async () => {
    await told.dispose();
    context.off('console', onConsole).off('weberror', onError).off('request', onRequest);
  };
}

/** The window of a profile, as if nobody had been there before: all that it keeps, was told and was allowed is forgotten. */
async function emptied(profile: BrowserContext, home: string): Promise<Page> {
  const [window, ...others] = profile.pages();
  for (const other of others) await other.close();
  if (window === undefined) return profile.newPage();
  await window.unrouteAll({ behavior: 'ignoreErrors' });
  await window.goto('about:blank');
  const session = await profile.newCDPSession(window);
  await session.send('Storage.clearDataForOrigin', { origin: new URL(home).origin, storageTypes: 'all' });
  await session.detach();
  await profile.clearPermissions();
  await window.emulateMedia({ colorScheme: 'light', reducedMotion: null, forcedColors: null, media: null });
  await window.setViewportSize(SIZES.desk);
  return window;
}

/** Runs before any script of a page: what the tab keeps from an earlier journey is forgotten by the first page of this one. */
function forgetOthers(journey: string): void {
  try {
    if (sessionStorage.getItem('journey') === journey) return;
    sessionStorage.clear();
    sessionStorage.setItem('journey', journey);
  } catch {
    // A page without an origin keeps nothing.
  }
}

/**
 * Every journey has a playground, and fails when anything complained on the way. The journeys of a worker share a window,
 * which is emptied before each: the page opens twice as fast as in a new one. A page that is served from elsewhere, or that
 * a service worker may keep, has a browser of its own.
 */
export const test = base.extend<{ playground: Playground }, { profile: BrowserContext }>({
  profile: [
    async ({ browser }, use, { project }) => {
      // Options of a project are those of a context and a few more, which a context passes over.
      const profile = await browser.newContext(project.use as BrowserContextOptions);
      profile.setDefaultTimeout(project.use.actionTimeout ?? 0);
      await use(profile);
      await profile.close();
    },
    { scope: 'worker' },
  ],
  context: async ({ browser, profile, baseURL, serviceWorkers }, use, { project }) => {
    const own = baseURL !== project.use.baseURL || serviceWorkers !== project.use.serviceWorkers;
    const context = own ? await browser.newContext({ baseURL: String(baseURL), serviceWorkers }) : profile;
    await use(context);
    if (own) await context.close();
  },
  page: async ({ context, profile, baseURL }, use, { testId }) => {
    const page = context === profile ? await emptied(profile, String(baseURL)) : await context.newPage();
    const forgetting = await page.addInitScript(forgetOthers, testId);
    await use(page);
    await forgetting.dispose();
  },
  playground: async ({ page, context, browser, baseURL }, use) => {
    const complaints: string[] = [];
    const stop = await overhear(context, complaints, String(baseURL));
    const playground = new Playground(page, browser, complaints, String(baseURL));
    await use(playground);
    await stop();
    expect(playground.unexcused(), 'nothing complained on the way').toEqual([]);
  },
});

export { expect };
