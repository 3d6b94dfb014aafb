import { type FormEvent, useState } from 'react';
import type { Budget, RunInfo, Source, Way } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { Choice } from '../kit/choice.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';

/** The largest number that each may be: more would not fit into a tab. */
const MOST = {
  ...{ states: 10_000_000, megabytes: 2_048, seconds: 3_600 },
  ...{ workers: 16, walks: 1_000_000, seed: 99_999_999 },
} as const;
type Field = keyof typeof MOST;
const LIMITS: readonly Field[] = ['states', 'megabytes', 'seconds'];
/** What is asked besides: one worker compares whole states, and walks. */
const BESIDES: Readonly<Record<Order, readonly Field[]>> = { every: ['workers'], exact: [], walks: ['walks', 'seed'] };
/** Moves after which a random walk ends: more than any story has. */
const DEPTH = 2_000;

/** What is asked last, kept while the page is open. */
let asked: Record<Field, string> = {
  ...{ states: '200000', megabytes: '512', seconds: '60' },
  ...{ workers: '1', walks: '10000', seed: '1' },
};
let askedOrder: Order = 'every';

/** From where on to search, in which orders, and up to which limits. */
export function Question() {
  const run = usePage((page) => page.run);
  const at = usePage((page) => page.moment?.at ?? 0);
  const running = usePage((page) => page.exploration?.phase === 'running');
  const { explore, cancelExploring } = useActions();
  const exhibits = usePage((page) => page.exhibits);
  const [from, setFrom] = useState<string>(String(at));
  const [until, setUntil] = useState(() => exhibits.find(({ scenario }) => scenario === run?.scenario)?.until ?? '');
  const [order, setOrder] = useState<Order>(askedOrder);
  const [texts, setTexts] = useState(asked);
  const [problem, setProblem] = useState('');
  if (run === null) return null;

  const fields = [...BESIDES[order], ...LIMITS];
  const ends = endsOf(run, Number(from));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = fields.find((field) => !isWithin(texts[field], MOST[field]));
    setProblem(wrong === undefined ? '' : words.explore.badBudget(words.explore.budget[wrong], MOST[wrong]));
    if (wrong !== undefined) return;
    [asked, askedOrder] = [texts, order];
    const span = { at: Number(from), ...(ends.some(({ value }) => value === until) && until !== '' && { until }) };
    void explore({ ...sourceOf(run), ...span }, budgetIn(texts), wayIn(order, texts));
  };
  return (
    <form className="explore-question" onSubmit={submit}>
      <Pick label={words.explore.from} value={from} options={momentsOf(run, at)} onChange={setFrom} />
      {ends.length > 1 && <Pick label={words.explore.until} value={until} options={ends} onChange={setUntil} />}
      <Pick label={words.explore.order} value={order} options={ORDERS} onChange={setOrder} />
      {fields.map((field) => (
        <label key={field}>
          <span className="muted">{words.explore.budget[field]}</span>
          <input
            className="mono"
            inputMode="numeric"
            value={texts[field]}
            aria-invalid={!isWithin(texts[field], MOST[field])}
            onChange={(event) => setTexts({ ...texts, [field]: event.target.value })}
          />
        </label>
      ))}
      {running ? (
        <Button onClick={cancelExploring}>{words.explore.cancel}</Button>
      ) : (
        <button type="submit" className="button strong">
          {words.explore.begin}
        </button>
      )}
      {problem !== '' && (
        <p className="fault-text" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

/** One of a few, under its heading. */
function Pick<Value extends string>(choice: Parameters<typeof Choice<Value>>[0]) {
  return (
    <div className="explore-from">
      <span className="muted">{choice.label}</span>
      <Choice {...choice} />
    </div>
  );
}

type Order = keyof typeof words.explore.orders;
const ORDERS = (['every', 'exact', 'walks'] as const).map((value) => ({ value, label: words.explore.orders[value] }));

const budgetIn = ({ states, megabytes, seconds }: Record<Field, string>): Budget => {
  return { states: Number(states), megabytes: Number(megabytes), seconds: Number(seconds) };
};

function wayIn(order: Order, { workers, walks, seed }: Record<Field, string>): Way {
  if (order === 'walks') return { walks: { walks: Number(walks), depth: DEPTH, seed: Number(seed) } };
  return order === 'exact' ? { exact: true } : { workers: Number(workers) };
}

const isWithin = (text: string, most: number): boolean =>
  /^\d{1,8}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= most;

/** The run as the search plays it again. */
function sourceOf({ scenario, script, policy, bug, backend }: RunInfo): Source {
  const kernel = {
    ...(policy !== null && { policy }),
    ...(bug !== null && { bug }),
    ...(backend !== null && { backend }),
  };
  return { ...(scenario === null ? { script } : { scenario }), ...kernel };
}

/** The moment shown, the start, and where chapters begin. */
function momentsOf({ chapters }: RunInfo, at: number) {
  const places = new Map<number, string>([[at, words.explore.here(at)]]);
  if (!places.has(0)) places.set(0, words.explore.moment(0));
  for (const { event, title } of chapters)
    if (!places.has(event)) places.set(event, words.explore.chapter(title, event));
  return [...places].map(([event, label]) => ({ value: String(event), label }));
}

/** The end of the script, and its chapters that do not begin before an event: what they tell the threads can be left out. */
function endsOf({ script, chapters }: RunInfo, from: number) {
  const begun = chapters.filter(({ event }) => event <= from).map(({ title }) => title);
  const titles = [...script.matchAll(/^chapter "([^"]+)"$/gm)].map(([, title = '']) => title);
  const later = titles.filter((title) => !begun.includes(title));
  return [
    { value: '', label: words.explore.toEnd },
    ...later.map((title) => ({ value: title, label: words.explore.before(title) })),
  ];
}
