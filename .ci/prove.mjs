// npm run prove: the random tests of the whole machine, as long as they need; SVM_RUNS sets how many sequences.
import { runStages } from './stages.mjs';

process.env.SVM_RUNS ??= '20000';
if (process.argv.length === 2) process.argv.push('unit', 'core/play', '--testTimeout=0');

await runStages(['unit']);
