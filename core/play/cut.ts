import { present } from '../lib/assert.ts';
import { type Command, parseLine, printCommand } from '../script/index.ts';
import type { Outcome, Play } from './play.ts';

/** Commands that a script may post with `&` and leave to a `run` after it. */
const POSTED = new Set([
  'mmap',
  'munmap',
  'mprotect',
  'swap-out',
  'migrate',
  'pin',
  'unpin',
  'mlock',
  'age',
  'madvise',
  'fork',
  'exec',
  'exit',
  'load',
  'store',
  'bind',
  'unbind',
  'attach',
  'detach',
  'vfio',
  'unplug',
  'enable-pri',
  'dma',
  'request',
  'iommu-map',
  'iommu-unmap',
  'alloc-pasid',
  'free-pasid',
]);

const command = (text: string, line: number): Command =>
  present(parseLine(text, line).command, 'a command that we print can be parsed');

/**
 * Cuts a play at a moment: what is left, played again, leads exactly there. A command that was under way becomes the
 * same command posted, and a run of as many events as had happened since.
 */
export function cutAt(play: Play, event: number): void {
  const kept: Outcome[] = [];
  for (const outcome of play.outcomes) {
    if (outcome.last <= event) kept.push(outcome);
    else if (outcome.first < event) kept.push(...underWay(outcome, event));
  }
  play.outcomes.splice(0, play.outcomes.length, ...kept);
  const marks = play.marks.filter((mark) => mark.event <= event);
  play.marks.splice(0, play.marks.length, ...marks);
}

function underWay(outcome: Outcome, event: number): Outcome[] {
  const { first } = outcome;
  const { verb, line } = outcome.command;
  const done = (text: string, from: number, to: number): Outcome => {
    return { command: command(text, line), state: 'done', output: [], errno: null, first: from, last: to };
  };
  if (verb === 'schedule') {
    const moves = outcome.command.moves.slice(0, event - first);
    return [done(printCommand({ ...outcome.command, moves }), first, event)];
  }
  if (verb === 'run' && outcome.command.until === 'alone') {
    return [done(printCommand({ ...outcome.command, count: event - first }), first, event)];
  }
  if (verb === 'step') return [done(printCommand({ ...outcome.command, count: event - first }), first, event)];
  if (!POSTED.has(verb)) return [done(`run ${event - first}`, first, event)];
  const posted = done(printCommand({ ...outcome.command, background: true }), first, first + 1);
  return event === first + 1 ? [posted] : [posted, done(`run ${event - first - 1}`, first + 1, event)];
}
