// npm run check [types | lint | dead-code | unit [arguments of vitest]]: what needs no browser.
import { runStages } from './stages.mjs';

// Random sequences that the property tests of the whole machine play; npm test plays a thousand.
process.env.SVM_RUNS ??= '50';

await runStages(['types', 'lint', 'dead-code', 'unit']);
