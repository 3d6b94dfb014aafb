// npm test [-- stage [its arguments]]: everything of npm run check, then the journeys in a real browser.
import { runStages } from './stages.mjs';

await runStages(['types', 'lint', 'dead-code', 'unit', 'e2e']);
