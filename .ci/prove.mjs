// npm run prove: the random tests of the whole machine, as long as they need, from two seeds.
// SVM_RUNS sets how many sequences each plays, SVM_SEED another seed, SVM_FROM the first sequence of it.
import { runStages } from './stages.mjs';

const SEEDS = ['20171006', '20180511'];

process.env.SVM_RUNS ??= '10000';
process.env.SVM_PROVE = '1';
if (process.argv.length === 2) process.argv.push('unit', '.property.', '.proof.', '--testTimeout=0');

const { SVM_SEED } = process.env;
await runStages(
  ['unit'],
  (SVM_SEED === undefined ? SEEDS : [SVM_SEED]).map((seed) => ({ SVM_SEED: seed })),
);
