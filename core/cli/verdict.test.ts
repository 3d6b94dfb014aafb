import { expect, test } from 'vitest';
import { machineOf, type Play } from '../play/play.ts';
import { playCommand, playScript } from '../play/script.ts';
import { parseScript } from '../script/index.ts';
import { judge } from './verdict.ts';

/** No switch breaks an invariant yet: the break is put into the machine's report. */
function brokenPlay(expectations = ''): Play {
  const { play } = playScript('machine smmuv3\nprocess app\nrun\n');
  const claim = { id: 'credits', claim: 'Nobody overspends.', detail: 'gpu0 did' };
  machineOf(play).broken = { event: 7, claims: [claim] };
  for (const command of parseScript(expectations).commands) playCommand(play, command);
  return play;
}

test('an invariant that broke unexpectedly is told with its claim and event, and weighs more than a failure', () => {
  const line = 'event 7: invariant credits broke. Nobody overspends. But gpu0 did.';

  expect(judge('a', brokenPlay())).toEqual({ exit: 2, lines: [line] });
  expect(judge('a', brokenPlay('expect broken one-pasid\n'))).toEqual({
    exit: 2,
    lines: [line, 'a:1: expect broken one-pasid: credits is broken'],
  });
});

test('a break that the script expects counts as held', () => {
  expect(judge('a', brokenPlay('expect broken credits\n'))).toEqual({ exit: 0, lines: [] });
});
