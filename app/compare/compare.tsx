import { Button } from '../kit/button.tsx';
import { counterpartOf } from '../store/comparing.ts';
import { useActions, usePage } from '../store/context.tsx';
import type { Comparing } from '../store/state.ts';
import { Now } from '../views/now.tsx';
import { Timeline } from '../views/timeline.tsx';
import { words } from '../words.ts';
import { Moments } from './moments.tsx';
import { Runs } from './runs.tsx';
import { Sources } from './sources.tsx';
import './compare.css';

/** Two runs, or two moments of one, beside each other in place of the picture. Nothing moves here. */
export function Compare() {
  const comparing = usePage((page) => page.comparing);
  const { stopComparing } = useActions();
  if (comparing === null) return null;
  return (
    <main className={`compare ${comparing.kind}`} aria-label={words.compare.label}>
      <header className="compare-head">
        <Kinds kind={comparing.kind} />
        {comparing.kind === 'runs' ? <Sources comparing={comparing} /> : <span className="grow" />}
        <Button kind="quiet" icon="close" label={words.compare.close} onClick={stopComparing} />
      </header>
      {comparing.kind === 'runs' ? (
        <Runs comparing={comparing} />
      ) : (
        <>
          <Moments from={comparing.from} />
          <Now />
          <Timeline />
        </>
      )}
    </main>
  );
}

function Kinds({ kind }: Pick<Comparing, 'kind'>) {
  const { compareRuns, compareMoments } = useActions();
  const run = usePage((page) => page.run);
  const moment = usePage((page) => page.moment);
  const scenarios = usePage((page) => page.scenarios);
  const pick = {
    runs: () => compareRuns(counterpartOf({ run, moment, scenarios })),
    moments: () => compareMoments(null),
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a frame of its own
    <div className="switch" role="group" aria-label={words.compare.kind}>
      {(['runs', 'moments'] as const).map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === kind}
          onClick={() => each !== kind && void pick[each]()}
        >
          {words.compare.kinds[each]}
        </button>
      ))}
    </div>
  );
}
