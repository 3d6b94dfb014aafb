import { present } from '../lib/assert.ts';
import type { Command, CommandOf } from '../script/index.ts';
import type { Outcome, Play } from './play.ts';

type Move = CommandOf<'step'>['move'];

/** Moves that a line holds at most, and turns of one actor from which on they have a line of their own. */
const LONGEST = 8;
const GOES_ON = 3;

/**
 * Makes few lines of the moves that a person has picked one after another at the end of a play: `step gpu0 3` where one
 * goes on, `schedule app gpu0 app` where they take turns.
 */
export function joinTurns({ outcomes }: Pick<Play, 'outcomes'>): void {
  let from = outcomes.length;
  while (from > 0 && isPicked(outcomes[from - 1] as Outcome)) from--;
  const picked = outcomes.slice(from);
  let event = picked[0]?.first ?? 0;
  const joined = linesOf(picked.flatMap(movesOf)).map((moves): Outcome => {
    const first = event;
    event += moves.length;
    return { command: commandFor(moves), state: 'done', output: [], errno: null, first, last: event };
  });
  outcomes.splice(from, picked.length, ...joined);
}

/** Typed or picked on the page, done as it says, and nothing was told. */
function isPicked({ command: { verb, line }, state, output }: Outcome): boolean {
  return line === 0 && (verb === 'step' || verb === 'schedule') && state === 'done' && output.length === 0;
}

function movesOf({ command }: Outcome): readonly Move[] {
  if (command.verb === 'schedule') return command.moves;
  return command.verb === 'step' ? Array.from({ length: command.count ?? 1 }, () => command.move) : [];
}

/** The moves of each line. */
function linesOf(moves: readonly Move[]): Move[][] {
  const lines: Move[][] = [];
  let open: Move[] | null = null;
  for (const run of runsOf(moves)) {
    if (run.length >= GOES_ON) {
      lines.push(run);
      open = null;
    } else if (open !== null && open.length + run.length <= LONGEST) open.push(...run);
    else {
      open = run;
      lines.push(open);
    }
  }
  return lines;
}

/** Moves of the same actor with the same choice, one after another. */
function runsOf(moves: readonly Move[]): Move[][] {
  const runs: Move[][] = [];
  for (const move of moves) {
    const last = runs.at(-1);
    if (last?.[0] !== undefined && isSame(last[0], move)) last.push(move);
    else runs.push([move]);
  }
  return runs;
}

const isSame = (one: Move, other: Move): boolean =>
  one.actor === other.actor && (one.choice ?? 0) === (other.choice ?? 0);

function commandFor(moves: readonly Move[]): Command {
  const move = present(moves[0], 'a line of turns has one');
  if (moves.some((other) => !isSame(move, other))) return { verb: 'schedule', line: 0, background: false, moves };
  const count = moves.length === 1 ? null : moves.length;
  return { verb: 'step', line: 0, background: false, move, count };
}
