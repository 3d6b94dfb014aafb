import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Playground } from './playground.ts';

/** The page's policy lets no script in but its own, so it is given to the browser as a program to run. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What a theme can break: only that words can be read. */
const OF_A_THEME = ['color-contrast', 'link-in-text-block'];

/** The rules of axe that the page breaks, or a part of it, each with where. */
export function violations(playground: Playground, within = ':root'): Promise<string[]> {
  return broken(playground, within, null);
}

/** The same in the light theme and in the dark one, which is left on the page; both have the same things with the same names. */
export async function violationsInBothThemes(playground: Playground, within = ':root'): Promise<string[]> {
  const { page } = playground;
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await playground.idle();
    const rules = colorScheme === 'light' ? null : OF_A_THEME;
    found.push(...(await broken(playground, within, rules)).map((told) => `${colorScheme}: ${told}`));
  }
  return found;
}

/** Asks only for the rules named, or for all. */
async function broken({ page }: Playground, within: string, rules: string[] | null): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  return page.evaluate(
    async ([selector, only]) => {
      const { axe: checker } = window as unknown as { axe: typeof axe };
      const part = document.querySelector(selector);
      if (part === null) return [`there is no ${selector}`];
      const which = only === null ? { rules: { 'target-size': { enabled: true } } } : { runOnly: only };
      // Of what holds it need not say where.
      const { violations: found } = await checker.run(part, { ...which, resultTypes: ['violations'] });
      return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
    },
    [within, rules] as const,
  );
}
