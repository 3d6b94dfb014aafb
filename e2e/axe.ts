import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Playground } from './playground.ts';

/** The page's policy lets no script in but its own, so it is given to the browser as a program to run. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The rules of axe that the page breaks, or a part of it, each with where. */
export async function violations({ page }: Playground, within = ':root'): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  return page.evaluate(async (selector) => {
    const { axe: checker } = window as unknown as { axe: typeof axe };
    const part = document.querySelector(selector);
    if (part === null) return [`there is no ${selector}`];
    const { violations: found } = await checker.run(part, { rules: { 'target-size': { enabled: true } } });
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  }, within);
}
