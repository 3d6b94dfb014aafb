import { readFileSync } from 'node:fs';
import { bylineOf } from '../../policy/switch.ts';
import type { Exhibit } from '../../scenarios/exhibit.ts';
import { EXHIBITS } from '../../scenarios/exhibits.ts';
import { commandsOf } from '../museum.ts';

export const PAGE = new URL('../../../docs/museum.md', import.meta.url);

export const readPage = (): string => readFileSync(PAGE, 'utf8');

/** What the searches of an exhibit came to. */
export interface Measured {
  /** Of the shortest counterexample. */
  readonly moves: number;
  /** States known when the first broken one was met. */
  readonly found: number;
  /** All states of the repaired kernel. */
  readonly repaired: number;
  /** To find it, and to exhaust the repaired one, in words. */
  readonly seconds: string;
  /** To find it on the page, from the click that searches to the result, in words. */
  readonly page: string;
}

const ROW = /^\| \[([a-z-]+)\]\(#[^)]*\) \| `[a-z-]+` \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([^|]*) \| ([^|]*) \|$/gm;

/** The numbers that the table of the page gives. */
export function measuredIn(page: string): Map<string, Measured> {
  const number = (text: string | undefined): number => Number(text?.replaceAll(',', ''));
  return new Map(
    [...page.matchAll(ROW)].map(([, id = '', moves, found, repaired, seconds = '', page = '']) => [
      id,
      { moves: number(moves), found: number(found), repaired: number(repaired), seconds, page },
    ]),
  );
}

/** docs/museum.md. */
export function museumPage(numbers: ReadonlyMap<string, Measured>): string {
  return `${[...head(), ...EXHIBITS.map((exhibit) => row(exhibit, numbers.get(exhibit.id))), '', ...EXHIBITS.flatMap(card)].join('\n')}\n`;
}

function head(): string[] {
  return [
    '# The bug museum',
    '',
    `${EXHIBITS.length} bugs that drivers had, that reviews found, or that the posted series has, each put into the kernel by one switch that changes`,
    'one guard or one order (`bug NAME` in a script), or by an answer of the posted design. Each is found by trying every order of',
    'moves, and in the repaired kernel no order at all breaks anything. [exploring.md](exploring.md) says what is tried and how an',
    'exhibit is added. On the page, the key M or the end of the list of scenarios opens the museum: from a card it is one click to the',
    'event that breaks the invariant. In a terminal, `svm museum` lists them, and `svm museum NAME` has the commands that search for one.',
    '',
    '![A card of the museum: who moved in which order, what broke, the rule before and after, and where it comes from](img/museum.webp)',
    '',
    'Made from the code and from real searches by `SVM_PROVE=1 UPDATE_DOCS=1 npx vitest run core/cli/museum --testTimeout=0`; `npm run',
    'prove` searches all of it again. *Moves*: of the shortest way into a broken state. *Found*: states known when the first broken one was',
    'met. *Repaired*: all states of the kernel without the bug, searched to the end. *Seconds*: measured on one worker of a busy',
    'machine, to find the bug and to exhaust the repaired kernel. *Page*: seconds in a browser on that machine, from the click that',
    'searches to the result, by `npm run e2e -- --project=seconds`. Seconds are not compared.',
    '',
    '| exhibit | invariant | moves | found | repaired | seconds | page |',
    '| --- | --- | ---: | ---: | ---: | --- | --- |',
  ];
}

/** How a heading is linked to on the pages that show Markdown. */
const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');

function row({ id, title, invariant }: Exhibit, measured: Measured | undefined): string {
  const numbers = measured === undefined ? [0, 0, 0] : [measured.moves, measured.found, measured.repaired];
  const cells = [
    ...numbers.map((number) => number.toLocaleString('en')),
    measured?.seconds ?? '',
    measured?.page ?? '',
  ];
  return `| [${id}](#${anchor(title)}) | \`${invariant}\` | ${cells.join(' | ')} |`;
}

function card(exhibit: Exhibit): string[] {
  const { title, story, before, after, origin, carried, byMechanism, cause, invariant, scenario } = exhibit;
  const { broken, repaired } = commandsOf(exhibit);
  const source = origin.source ?? 'none: hypothetical. The rule is real, and no release broke it';
  const put = cause.kind === 'bug' ? `\`bug ${cause.bug}\`` : cause.answers.map((answer) => `\`${answer}\``).join(', ');
  return [
    `## ${title}`,
    '',
    story,
    '',
    '| before | after |',
    '| --- | --- |',
    `| ${before} | ${after} |`,
    '',
    `- Driver: ${origin.driver}.`,
    `- Source: ${source}.`,
    `- Rule: ${origin.rule}.`,
    `- Said about it: ${origin.quote === null ? '' : `"${origin.quote.words}" (${bylineOf(origin.quote)}). `}${origin.said}`,
    `- ${byMechanism ? 'Another silicon, shown by its mechanism' : 'Carried over'}: ${carried}`,
    `- Put in by ${put}; breaks \`${invariant}\`; scenario \`${scenario}\`.`,
    '',
    '```sh',
    `npm run -s ${broken.replace(/^svm /, 'svm -- ')}`,
    `npm run -s ${repaired.replace(/^svm /, 'svm -- ')}`,
    '```',
    '',
  ];
}
