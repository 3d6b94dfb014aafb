import { Button } from '../kit/button.tsx';
import { Choice } from '../kit/choice.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { GRANULARITIES, SPEEDS } from '../store/state.ts';
import { words } from '../words.ts';
import { BookmarksButton } from './bookmarks.tsx';
import { Scrubber } from './scrubber.tsx';
import { StretchChip } from './stretch-chip.tsx';

/** Forwards and backwards in the run, in steps of the size that the person chose. */
export function Timeline() {
  return (
    <section className="timeline" aria-label={words.timeline.label} data-box="timeline">
      <Transport />
      <Sizes />
      <StretchChip />
      <Scrubber />
      <Counter />
      <BookmarksButton />
    </section>
  );
}

function Transport() {
  const { seek, step, toggle } = useActions();
  const playing = usePage((page) => page.playing);
  const events = usePage(({ run, stretch }) => stretch?.last ?? run?.events ?? 0);
  const begin = usePage(({ stretch }) => stretch?.first ?? 0);
  const at = usePage((page) => page.moment?.at ?? 0);
  const { first, back, play, pause, forward, last } = words.timeline;
  return (
    <div className="transport">
      <Button kind="quiet" icon="first" label={first} disabled={at === begin} onClick={() => seek(begin)} />
      <Button kind="quiet" icon="back" label={back} disabled={at === begin} onClick={() => step(-1)} />
      <Button kind="strong" icon={playing ? 'pause' : 'play'} label={playing ? pause : play} onClick={toggle} />
      <Button kind="quiet" icon="forward" label={forward} disabled={at === events} onClick={() => step(1)} />
      <Button kind="quiet" icon="last" label={last} disabled={at === events} onClick={() => seek(events)} />
    </div>
  );
}

function Sizes() {
  const { setGranularity, setSpeed } = useActions();
  const granularity = usePage((page) => page.granularity);
  const speed = usePage((page) => page.speed);
  return (
    <div className="sizes">
      <span className="muted by" aria-hidden="true">
        {words.timeline.by}
      </span>
      <Choice
        label={words.timeline.granularity}
        value={granularity}
        options={GRANULARITIES.map((value) => ({ value, label: words.timeline.sizes[value] }))}
        onChange={setGranularity}
      />
      <Choice
        className="speed"
        label={words.timeline.speed}
        value={String(speed)}
        options={SPEEDS.map((value) => ({ value: String(value), label: `${value}\u00d7` }))}
        onChange={(value) => setSpeed(Number(value))}
      />
    </div>
  );
}

function Counter() {
  const events = usePage((page) => page.run?.events ?? 0);
  const at = usePage((page) => page.moment?.at ?? 0);
  // As wide as it will ever be in this run: the bar beside it must not move.
  const width = `${words.timeline.counter(events, events).length}ch`;
  return (
    <span className="counter mono" style={{ width }}>
      {words.timeline.counter(at, events)}
    </span>
  );
}
