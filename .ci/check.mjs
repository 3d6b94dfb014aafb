// npm run check [types | lint | dead-code | unit [arguments of vitest]]: what needs no browser.
import { runStages } from './stages.mjs';

await runStages(['types', 'lint', 'dead-code', 'unit']);
