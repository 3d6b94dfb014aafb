import { at, eventsOf, type Machine } from '../machine/machine.ts';
import { type Series, seriesOf, stopFrom } from '../query/watch.ts';
import { type Part, problemView, type WatchView, watchView } from '../query/watch-view.ts';

/** Expressions that are kept at most; the one that was asked for longest ago goes first. */
const LIMIT = 32;

/** Watches and stops over one run after another: each expression is evaluated once for a run. */
export function createWatching() {
  const kept = new Map<string, ReturnType<typeof seriesOf>>();
  let run: { machine: Machine; events: number; last: unknown } | null = null;

  const seriesFor = (machine: Machine, text: string): ReturnType<typeof seriesOf> => {
    const [events, last] = [eventsOf(machine), machine.trace.at(-1)];
    if (run?.machine !== machine || run.events !== events || run.last !== last) kept.clear();
    run = { machine, events, last };
    const known = kept.get(text) ?? seriesOf(machine, text);
    kept.delete(text);
    kept.set(text, known);
    const [oldest] = kept.keys();
    if (kept.size > LIMIT && oldest !== undefined) kept.delete(oldest);
    return known;
  };

  return {
    watch: (machine: Machine, texts: readonly string[], part?: Part): WatchView[] =>
      texts.map((text) => {
        const made = seriesFor(machine, text);
        return made.ok ? watchView(text, made.value, at(machine), part) : problemView(text, made.error);
      }),
    /** The nearest event after or before another at which one of the expressions stops, null for none. */
    stop: (machine: Machine, texts: readonly string[], from: number, direction: 1 | -1): number | null => {
      const found = texts
        .map((text) => seriesFor(machine, text))
        .flatMap((made): Series[] => (made.ok ? [made.value] : []))
        .map((series) => stopFrom(series, from, direction))
        .filter((event) => event !== null);
      if (found.length === 0) return null;
      return direction === 1 ? Math.min(...found) : Math.max(...found);
    },
  };
}
