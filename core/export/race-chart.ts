import { machineOf } from '../play/play.ts';
import { actors } from '../sim/actor.ts';
import type { World } from '../world/world.ts';
import { provenance } from './chart.ts';
import { observe } from './observe.ts';
import { drawRace, MOST_COLUMNS, type RaceColumn } from './race-drawing.ts';
import { type RaceRow, raceRows } from './race-rows.ts';
import { entriesOf, type Run } from './run.ts';

/**
 * The run as kernel reviewers write down a race: a column for each thread and worker, and for the hardware; calls nested
 * by two blanks, locks taken and given back, `...` for what is waited for, and `!` where a bug acts. 7-bit ASCII, at most 75 columns, no tabs, no
 * trailing blanks. The first lines say where it comes from; the numbers at the left are events.
 */
export function raceChartOf(run: Run): string {
  const machine = machineOf(run.play);
  const observed = observe(machine, entriesOf(run));
  const rows = raceRows(run, observed);
  const columns = columnsOf(machine.world, rows, observed.hardware);
  const lines = [...provenance(run, 'race'), '', ...(columns.length > 0 ? drawRace(rows, columns) : [])];
  return `${lines.join('\n')}\n`;
}

/** Who takes part, in the order in which they begin: those on CPUs, then the hardware; more than have a place share one. */
function columnsOf(world: World, rows: readonly RaceRow[], hardware: ReadonlySet<string>): RaceColumn[] {
  const parts = new Map<number, number>();
  for (const row of rows) if (row.kind === 'deed') parts.set(row.actor, (parts.get(row.actor) ?? 0) + 1);
  for (const row of rows) if (row.kind === 'wait' && !parts.has(row.actor)) parts.set(row.actor, 0);
  const all = [...parts].map(([id, deeds]) => ({ ...actors.get(world, id), deeds }));
  const threads = all.filter(({ lane }) => !hardware.has(lane));
  const units = all.filter(({ lane }) => hardware.has(lane));
  const chips = [...new Set(units.map(({ lane }) => lane))];
  const apart = threads.length + chips.length <= MOST_COLUMNS;
  const silicon = apart
    ? chips.map((lane) =>
        column(
          lane,
          units.filter((unit) => unit.lane === lane),
          () => '',
        ),
      )
    : shared('hardware', units, ({ lane }) => lane);
  const places = MOST_COLUMNS - silicon.length;
  const ranked = threads.toSorted((one, other) => other.deeds - one.deeds);
  const crowd = new Set(threads.length > places ? ranked.slice(places - 1) : []);
  return [
    ...threads.filter((thread) => !crowd.has(thread)).map((thread) => column(thread.name, [thread], () => '')),
    ...shared(
      'others',
      threads.filter((thread) => crowd.has(thread)),
      ({ name }) => name,
    ),
    ...silicon,
  ];
}

interface Part {
  readonly id: number;
  readonly name: string;
  readonly lane: string;
}

function column<P extends Part>(label: string, parts: readonly P[], named: (part: P) => string): RaceColumn {
  return { label, actors: new Map(parts.map((part) => [part.id, named(part)])) };
}

function shared<P extends Part>(label: string, parts: readonly P[], named: (part: P) => string): RaceColumn[] {
  return parts.length === 0 ? [] : [column(label, parts, named)];
}
