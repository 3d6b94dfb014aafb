import { Button } from '../kit/button.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { Things, useDifferences } from './things.tsx';

/** How the moment shown differs from another one of the run. The timeline moves the later one, a number sets the other. */
export function Moments({ from }: { readonly from: number }) {
  const at = usePage((page) => page.moment?.at ?? 0);
  const events = usePage((page) => page.run?.events ?? 0);
  const { compareMoments } = useActions();
  const things = useDifferences(from, at, 'shown');
  return (
    <section className="compare-moments" aria-label={words.compare.moments} data-box="differences">
      <h2 className="unseen">{words.compare.moments}</h2>
      <div className="compare-told">
        <label>
          {words.compare.from}{' '}
          <input
            className="mono"
            type="number"
            min={0}
            max={events}
            value={from}
            onChange={({ target: { value } }) => {
              if (/^\d{1,9}$/.test(value)) void compareMoments(Number(value));
            }}
          />
        </label>
        <Button label={words.compare.hereTold(at)} disabled={from === at} onClick={() => void compareMoments(at)}>
          {words.compare.here}
        </Button>
        <p className="muted" role="status">
          {words.compare.momentsTold(from, at)}{' '}
          {things !== null && things.length > 0 && words.compare.things(things.length)}
        </p>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <div className="compare-scroll" tabIndex={0}>
        {things !== null && <Things things={things} kind="moments" />}
      </div>
    </section>
  );
}
