// The moments of scenarios at which the journeys look at the page, as JSON: node .ci/stops.mjs SCENARIO...
import { runBundled } from './lib.mjs';

await runBundled('e2e/stops');
