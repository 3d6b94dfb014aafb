import { type FormEvent, useEffect, useRef, useState } from 'react';
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
/** What is asked besides: one worker compares whole states, and takes one for another. */
const BESIDES: Readonly<Record<Order, readonly Field[]>> = {
  ...{ every: ['workers'], alike: [], exact: [], walks: ['walks', 'seed', 'workers'] },
};
/** Moves after which a random walk ends: more than any story has. */
const DEPTH = 2_000;

/** As an end: what a cut of the run has left behind is not said. No chapter is called so. */
const NOTHING_MORE = '\n';

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
  const form = useKeptFocus(running);
  if (run === null) return null;

  const fields = [...BESIDES[order], ...LIMITS];
  const ends = endsOf(run, Number(from));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = fields.find((field) => !isWithin(texts[field], MOST[field]));
    setProblem(wrong === undefined ? '' : words.explore.badBudget(words.explore.asked[wrong], MOST[wrong]));
    if (wrong !== undefined) return;
    [asked, askedOrder] = [texts, order];
    const end = ends.some(({ value }) => value === until) ? until : '';
    void explore({ ...sourceOf(run, end), at: Number(from) }, budgetIn(texts), wayIn(order, texts));
  };
  return (
    <form className="explore-question" ref={form} onSubmit={submit}>
      <Pick label={words.explore.from} value={from} options={momentsOf(run, at)} onChange={setFrom} />
      {ends.length > 1 && <Pick label={words.explore.until} value={until} options={ends} onChange={setUntil} />}
      <Pick label={words.explore.order} value={order} options={ORDERS} onChange={setOrder} />
      <div className="explore-numbers">
        <Inputs fields={fields} texts={texts} onChange={setTexts} />
        {running ? (
          <Button onClick={cancelExploring}>{words.explore.cancel}</Button>
        ) : (
          <button type="submit" className="button strong">
            {words.explore.begin}
          </button>
        )}
      </div>
      {problem !== '' && (
        <p className="fault-text" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

/** The button that had the focus is replaced when a search begins, and when it ends: the other one gets it. */
function useKeptFocus(running: boolean) {
  const form = useRef<HTMLFormElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about the change
  useEffect(() => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) focusDeed(form.current);
  }, [running]);
  return form;
}

interface InputsProps {
  readonly fields: readonly Field[];
  readonly texts: Record<Field, string>;
  readonly onChange: (texts: Record<Field, string>) => void;
}

/** A number each; one that will not do is marked. */
function Inputs({ fields, texts, onChange }: InputsProps) {
  return fields.map((field) => (
    <label key={field}>
      <span className="muted">{words.explore.asked[field]}</span>
      <input
        className="mono"
        inputMode="numeric"
        value={texts[field]}
        aria-invalid={!isWithin(texts[field], MOST[field])}
        onChange={(event) => onChange({ ...texts, [field]: event.target.value })}
      />
    </label>
  ));
}

/** Gives the focus to the button that begins the search, or ends it. */
export function focusDeed(within: Element | null): void {
  within?.querySelector<HTMLElement>('.explore-numbers .button')?.focus();
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
const ORDERS = (['every', 'alike', 'exact', 'walks'] as const).map((value) => ({
  value,
  label: words.explore.orders[value],
}));

const budgetIn = ({ states, megabytes, seconds }: Record<Field, string>): Budget => {
  return { states: Number(states), megabytes: Number(megabytes), seconds: Number(seconds) };
};

function wayIn(order: Order, { workers, walks, seed }: Record<Field, string>): Way {
  if (order === 'walks')
    return { walks: { walks: Number(walks), depth: DEPTH, seed: Number(seed) }, workers: Number(workers) };
  if (order === 'alike') return { symmetry: true };
  return order === 'exact' ? { exact: true } : { workers: Number(workers) };
}

const isWithin = (text: string, most: number): boolean =>
  /^\d{1,8}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= most;

/** The run as the search plays it again, up to an end; what a cut has left unsaid is said behind it. */
function sourceOf({ scenario, script, unsaid, policy, bug, backend }: RunInfo, end: string): Source {
  const kernel = {
    ...(policy !== null && { policy }),
    ...(bug !== null && { bug }),
    ...(backend !== null && { backend }),
  };
  if (end === NOTHING_MORE) return { script, ...kernel };
  const text = scenario === null ? { script: unsaid === '' ? script : `${script}\n${unsaid}` } : { scenario };
  return { ...text, ...kernel, ...(end !== '' && { until: end }) };
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
function endsOf({ script, unsaid, chapters }: RunInfo, from: number) {
  const begun = chapters.filter(({ event }) => event <= from).map(({ title }) => title);
  const titles = [...`${script}\n${unsaid}`.matchAll(/^chapter "([^"]+)"$/gm)].map(([, title = '']) => title);
  const later = titles.filter((title) => !begun.includes(title));
  return [
    { value: '', label: words.explore.toEnd },
    ...(unsaid === '' ? [] : [{ value: NOTHING_MORE, label: words.explore.nothingMore }]),
    ...later.map((title) => ({ value: title, label: words.explore.before(title) })),
  ];
}
