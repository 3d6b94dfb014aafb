import { readFileSync } from 'node:fs';

export const PAGE = new URL('../../../docs/exploring.md', import.meta.url);

export const readPage = (): string => readFileSync(PAGE, 'utf8');

const REPAIRED = ['bind-first', 'munmap', 'unbind-in-flight', 'exit-mm', 'fault-while-exiting', 'two-binders'];
const RACES = ['bind-vs-exit', 'bind-vs-detach', 'bug-unbind-after-reuse'];
const AS_POSTED = ['two-binders', 'bind-vs-exit'];

/** What is searched for the table, as `svm explore` is asked for it: under the design of the RFC, repaired and as posted. */
export const SEARCHES: readonly string[] = [
  ...[...REPAIRED, ...RACES].map((id) => `${id} --policy rfcv2`),
  ...AS_POSTED.map((id) => `${id} --policy rfcv2-as-posted`),
];

/** The limits of each search. None is of time in effect, so that it ends at the same state on every machine. */
export const LIMITS = ['--max-states', '1000000', '--max-seconds', '100000', '--max-memory', '2048'] as const;

/** What `svm explore --json` says of a search, as far as the table tells it. */
export interface Searched {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly seconds: number;
  readonly complete: boolean;
  readonly violation: { readonly invariant: string; readonly moves: number; readonly sentence: string } | null;
}

const HEAD = ['| explore | states | transitions | depth | verdict | s |', '| --- | ---: | ---: | ---: | --- | ---: |'];

/** A row of the table. */
export function rowOf(line: string, searched: Searched): string {
  const { states, transitions, depth, seconds } = searched;
  const numbers = [states, transitions, depth].map((number) => number.toLocaleString('en'));
  return `| ${[`\`${line}\``, ...numbers, verdictOf(searched), seconds.toFixed(1)].join(' | ')} |`;
}

function verdictOf({ complete, violation }: Searched): string {
  if (violation !== null) return `\`${violation.invariant}\` after ${violation.moves} moves: ${violation.sentence}`;
  return complete ? 'exhausted, nothing wrong' : 'nothing wrong so far';
}

/** The rows that a page has, by what is searched. */
export function rowsIn(page: string): Readonly<Record<string, string>> {
  const rows = tableIn(page).slice(HEAD.length);
  return Object.fromEntries(rows.map((row) => [/^\| `([^`]*)`/.exec(row)?.[1] ?? row, row]));
}

/** The page with these rows instead of those it has, in the order of the searches. */
export function withRows(page: string, rows: Readonly<Record<string, string>>): string {
  const [before = '', after = ''] = page.split(tableIn(page).join('\n'));
  return [before, [...HEAD, ...SEARCHES.map((line) => rows[line] ?? `| \`${line}\` |`)].join('\n'), after].join('');
}

function tableIn(page: string): readonly string[] {
  const lines = page.split('\n');
  const first = lines.indexOf(HEAD[0] as string);
  return lines.slice(first, first + lines.slice(first).findIndex((line) => !line.startsWith('|')));
}

/** A row but for its seconds, which are measured and nobody's to repeat. */
export const withoutSeconds = (row: string | undefined): string => row?.replace(/[^|]*\|$/, '') ?? '';
