// npm run prove [-- unit or e2e [its arguments]]: what takes longer than npm test may. The random tests of the whole machine
// from two seeds with every proof beside the code, then the journeys that npm test goes through in a shorter form.
// SVM_RUNS sets how many sequences each random test plays, SVM_SEED another seed, SVM_FROM the first sequence of it.
import { runStages } from './stages.mjs';

const SEEDS = ['20171006', '20180511'];
const PROOFS = ['unit', '.property.', '.proof.', '--testTimeout=0'];
const JOURNEYS = ['e2e', 'long-run', 'scenarios', 'time'];

process.env.SVM_RUNS ??= '10000';
process.env.SVM_PROVE = '1';

const { SVM_SEED } = process.env;
const asked = process.argv.slice(2);
const seeded = (SVM_SEED === undefined ? SEEDS : [SVM_SEED]).map((seed) => ({
  env: { SVM_SEED: seed },
  asked: asked.length > 0 ? asked : PROOFS,
}));
const journeys = { env: {}, asked: asked.length > 0 ? asked : JOURNEYS };

const ofJourneys = asked[0] === 'e2e';
await runStages(
  ['unit', 'e2e'],
  [...(ofJourneys ? [] : seeded), ...(asked.length === 0 || ofJourneys ? [journeys] : [])],
);
