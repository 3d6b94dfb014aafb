import { serveAlone } from './bench-explore.ts';
import { SECTIONS, type Section } from './bench-sections.ts';
import { serveCrew } from './crew.ts';

/** npm run bench: how fast the machine is. Each number is the median of five runs, with the slowest and the fastest. */
const ROUNDS = 5;

interface Result {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

async function bench(given: readonly string[]): Promise<void> {
  const asJson = given.includes('--json');
  const names = given.filter((word) => word !== '--json');
  const wanted = SECTIONS.filter(({ name }) => names.every((word) => name.includes(word)));
  if (wanted.length === 0) {
    process.stderr.write(`bench: no section is called ${names.join(' ')}; there is ${listOf(SECTIONS)}\n`);
    process.exitCode = 64;
  }
  const results: Result[] = [];
  for (const section of wanted) {
    const result = await measured(section);
    results.push(result);
    if (!asJson) process.stdout.write(`${lineOf(result)}\n`);
  }
  if (asJson) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
}

async function measured({ name, unit, prepare }: Section): Promise<Result> {
  const round = prepare();
  await round();
  const values: number[] = [];
  for (let i = 0; i < ROUNDS; i++) values.push(await round());
  values.sort((one, other) => one - other);
  const [low = 0, , median = 0, , high = 0] = values;
  return { name, unit, median, low, high };
}

function lineOf({ name, unit, median, low, high }: Result): string {
  const [middle, from, to] = [median, low, high].map((value) => Math.round(value).toLocaleString('en'));
  return `${name.padEnd(36)}${middle?.padStart(14)} ${unit}   (${from} to ${to})`;
}

function listOf(sections: typeof SECTIONS): string {
  return sections.map(({ name }) => name).join(', ');
}

if (!serveAlone() && !serveCrew()) await bench(process.argv.slice(2));
