import { type FormEvent, useState } from 'react';
import type { Budget, RunInfo, Source } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { Choice } from '../kit/choice.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';

/** The largest number that each limit may be: more would not fit into a tab. */
const MOST: Budget = { states: 10_000_000, megabytes: 2_048, seconds: 3_600 };
const USUAL: Budget = { states: 200_000, megabytes: 512, seconds: 60 };
const LIMITS = ['states', 'megabytes', 'seconds'] as const;

/** What is asked last, kept while the page is open. */
let asked: Budget = USUAL;

/** From where on to search, and up to which limits. */
export function Question() {
  const run = usePage((page) => page.run);
  const at = usePage((page) => page.moment?.at ?? 0);
  const running = usePage((page) => page.exploration?.phase === 'running');
  const { explore, cancelExploring } = useActions();
  const [from, setFrom] = useState<string>(String(at));
  const [texts, setTexts] = useState<Record<keyof Budget, string>>(() => inWords(asked));
  const [problem, setProblem] = useState('');
  if (run === null) return null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = LIMITS.find((limit) => !isWithin(texts[limit], MOST[limit]));
    setProblem(wrong === undefined ? '' : words.explore.badBudget(words.explore.budget[wrong], MOST[wrong]));
    if (wrong !== undefined) return;
    asked = { states: Number(texts.states), megabytes: Number(texts.megabytes), seconds: Number(texts.seconds) };
    void explore({ ...sourceOf(run), at: Number(from) }, asked);
  };
  return (
    <form className="explore-question" onSubmit={submit}>
      <div className="explore-from">
        <span className="muted">{words.explore.from}</span>
        <Choice label={words.explore.from} value={from} options={momentsOf(run, at)} onChange={setFrom} />
      </div>
      {LIMITS.map((limit) => (
        <label key={limit}>
          <span className="muted">{words.explore.budget[limit]}</span>
          <input
            className="mono"
            inputMode="numeric"
            value={texts[limit]}
            aria-invalid={!isWithin(texts[limit], MOST[limit])}
            onChange={(event) => setTexts({ ...texts, [limit]: event.target.value })}
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

const inWords = ({ states, megabytes, seconds }: Budget) => {
  return { states: String(states), megabytes: String(megabytes), seconds: String(seconds) };
};

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
