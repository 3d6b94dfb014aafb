import { SECTIONS } from './bench-sections.ts';

/** npm run bench: how fast the machine is. Each number is the median of five runs, with the slowest and the fastest. */
const ROUNDS = 5;

interface Result {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const given = process.argv.slice(2);
const asJson = given.includes('--json');
const names = given.filter((word) => word !== '--json');
const wanted = SECTIONS.filter(({ name }) => names.every((word) => name.includes(word)));
if (wanted.length === 0) {
  process.stderr.write(`bench: no section is called ${names.join(' ')}; there is ${listOf(SECTIONS)}\n`);
  process.exitCode = 64;
}
const results = wanted.map(({ name, unit, prepare }): Result => {
  const round = prepare();
  round();
  const values = Array.from({ length: ROUNDS }, round).sort((one, other) => one - other);
  const [low = 0, , median = 0, , high = 0] = values;
  const result = { name, unit, median, low, high };
  if (!asJson) process.stdout.write(`${lineOf(result)}\n`);
  return result;
});
if (asJson) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);

function lineOf({ name, unit, median, low, high }: Result): string {
  const [middle, from, to] = [median, low, high].map((value) => Math.round(value).toLocaleString('en'));
  return `${name.padEnd(36)}${middle?.padStart(14)} ${unit}   (${from} to ${to})`;
}

function listOf(sections: typeof SECTIONS): string {
  return sections.map(({ name }) => name).join(', ');
}
