// npm run bench: how fast the machine is, and the page in a real browser. Words choose sections by their names; `page` is the
// page alone, and with `browser` streams are measured in the browser.
import { runBundled } from './lib.mjs';

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const page = words.filter((word) => word === 'page');
if (words.includes('browser')) {
  const { benchBrowser } = await import('./bench-browser.mjs');
  await benchBrowser(
    words.filter((word) => word !== 'browser'),
    process.argv.includes('--json'),
  );
} else if (page.length < words.length || words.length === 0) await runBundled('core/cli/bench');
if (page.length > 0 || words.length === 0) {
  const { benchPage } = await import('./bench-page.mjs');
  await benchPage(process.argv.includes('--json'));
}
