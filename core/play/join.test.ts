import { expect, test } from 'vitest';
import { parseScript, printCommand } from '../script/index.ts';
import { joinTurns } from './join.ts';
import type { Outcome } from './play.ts';

/** Outcomes of lines that were picked one after another, an event for each turn. */
function picked(...lines: readonly string[]): Outcome[] {
  let event = 10;
  return parseScript(lines.join('\n')).commands.map((command): Outcome => {
    const first = event;
    event += command.verb === 'schedule' ? command.moves.length : 1;
    return { command: { ...command, line: 0 }, state: 'done', output: [], errno: null, first, last: event };
  });
}

function joined(outcomes: Outcome[]): string[] {
  joinTurns({ outcomes });
  return outcomes.map(({ command, first, last }) => `${first}-${last} ${printCommand(command)}`);
}

test('turns of one actor become one line, turns of several a schedule', () => {
  expect(joined(picked('step app'))).toEqual(['10-11 step app']);
  expect(joined(picked('step app', 'step app'))).toEqual(['10-12 step app 2']);
  expect(joined(picked('step app', 'step gpu0/1', 'step app'))).toEqual(['10-13 schedule app gpu0/1 app']);
  expect(joined(picked('schedule app gpu0', 'step gpu0'))).toEqual(['10-13 schedule app gpu0 gpu0']);
});

test('one that goes on has a line of its own, and no schedule is long', () => {
  expect(joined(picked('schedule app gpu0', 'step app', 'step app', 'step app', 'step gpu0'))).toEqual([
    '10-12 schedule app gpu0',
    '12-15 step app 3',
    '15-16 step gpu0',
  ]);
  expect(joined(picked('schedule a b a b a b a', 'schedule b a'))).toEqual([
    '10-18 schedule a b a b a b a b',
    '18-19 step a',
  ]);
});

test('what was written, and what is no turn, stays as it is', () => {
  const written = picked('step app', 'bind app gpu0 &', 'step app', 'step gpu0');
  written[0] = { ...written[0], command: { ...written[0]?.command, line: 7 } } as Outcome;

  expect(joined(written)).toEqual(['10-11 step app', '11-12 bind app gpu0 &', '12-14 schedule app gpu0']);
});
