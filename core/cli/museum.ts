import { suggestion } from '../lib/suggestion.ts';
import { NO_BUG } from '../policy/policy.ts';
import { bylineOf } from '../policy/switch.ts';
import { type Exhibit, kernelsOf } from '../scenarios/exhibit.ts';
import { EXHIBITS } from '../scenarios/exhibits.ts';
import { readArguments } from './arguments.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { inLines } from './wrapped.ts';

/** svm museum: the exhibits, or the card of one of them, for people or as JSON. */
export function museum(io: Io, given: readonly string[]): Exit {
  const word = given.find((each) => !each.startsWith('-'));
  const read = readArguments(
    given.filter((each) => each !== word),
    { words: [], flags: ['--json'] },
  );
  if (!read.ok) return misused(io, read.error);
  const isJson = read.value.options.has('--json');
  if (word === undefined) {
    io.out(isJson ? json(EXHIBITS.map(cardOf)) : listing());
    return EXIT.held;
  }
  const exhibit = EXHIBITS.find(({ id, scenario }) => word === id || word === scenario);
  if (exhibit === undefined) {
    const hint = suggestion(
      word,
      EXHIBITS.map(({ id }) => id),
    );
    return misused(io, `there is no exhibit ${word}${hint}`);
  }
  io.out(isJson ? json(cardOf(exhibit)) : card(exhibit));
  return EXIT.held;
}

/** How the search for an exhibit is called from a terminal, with its bug and repaired. */
export function commandsOf(exhibit: Exhibit): { readonly broken: string; readonly repaired: string } {
  const { scenario, cause, from, until } = exhibit;
  const kernels = kernelsOf(exhibit);
  if (cause.kind === 'bug')
    return { broken: `svm explore ${scenario}`, repaired: `svm explore ${scenario} --bug ${NO_BUG}` };
  const span = [`--at "${from}"`, ...(until === null ? [] : [`--until "${until}"`])].join(' ');
  const under = (policy: string | undefined): string => `svm explore ${scenario} --policy ${policy} ${span}`;
  return { broken: under(kernels.broken.policy), repaired: under(kernels.repaired.policy) };
}

function cardOf(exhibit: Exhibit) {
  return { ...exhibit, commands: commandsOf(exhibit) };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function listing(): string {
  const width = (of: (exhibit: Exhibit) => string): number => Math.max(...EXHIBITS.map((each) => of(each).length)) + 2;
  const [ids, invariants] = [width(({ id }) => id), width(({ invariant }) => invariant)];
  const lines = EXHIBITS.map(
    ({ id, invariant, title }) => `  ${id.padEnd(ids)}${invariant.padEnd(invariants)}${title}`,
  );
  const hint = 'svm museum NAME shows the card of one, with the commands that search for it.';
  return [`${EXHIBITS.length} bugs, each with the invariant that it breaks`, '', ...lines, '', hint, ''].join('\n');
}

function card(exhibit: Exhibit): string {
  const { id, title, story, before, after, origin, carried, byMechanism, invariant, scenario } = exhibit;
  const { broken, repaired } = commandsOf(exhibit);
  const rows = [
    ['before', before],
    ['after', after],
    ['driver', origin.driver],
    ['source', origin.source ?? 'hypothetical: the rule is real, and no release broke it'],
    ['rule', origin.rule],
    ...(origin.quote === null ? [] : [['quote', `"${origin.quote.words}" (${bylineOf(origin.quote)})`] as const]),
    ['said', origin.said],
    [byMechanism ? 'mechanism' : 'carried', carried],
    ['breaks', invariant],
  ] as const;
  const told = rows.flatMap(([name, text]) => inLines(text, `  ${name.padEnd(11)}`, ' '.repeat(13)));
  const commands = [
    `  shown by   svm run ${scenario} --format race`,
    `  found by   ${broken}`,
    `  repaired   ${repaired}`,
  ];
  return [`${id}: ${title}`, '', ...inLines(story, '', ''), '', ...told, '', ...commands, ''].join('\n');
}

function misused(io: Io, why: string): Exit {
  io.say(`svm museum: ${why}`);
  return EXIT.usage;
}
