import { expect, test } from 'vitest';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { writtenScript } from '../play/written.ts';
import { lineViews, wordAt } from './script-view.ts';

const SCRIPT = `device gpu0 pci 00:01.0 ats pri pasid 16
process app
mmap app heap 64K rw- at 0x7f0000000000
# a comment between

bind app gpu0
bind app gpu9
expect pasid app 2
`;

const { play } = playScript(SCRIPT);

test('each command is told with its line, its events and what came of it', () => {
  const lines = lineViews(play.outcomes, writtenScript(play));

  expect(lines.map(({ line, state }) => `${line} ${state}`)).toEqual([
    '1 done',
    '2 done',
    '3 done',
    '6 done',
    '7 refused',
    '8 failed',
  ]);
  expect(lines[3]).toMatchObject({ first: 0, last: machineOf(play).trace.length, output: ['PASID 1'] });
  expect(lines[4]?.output).toEqual(['ENODEV: there is no device gpu9']);
});

test('a name says what it stands for at this moment, and which thing of the machine it is', () => {
  expect(wordAt(play, 'bind app gpu0', 6)).toMatchObject({
    parameter: 'PROC',
    now: 'pid 100, PASID 1, 3 areas',
    key: 'task/0',
  });
  expect(wordAt(play, 'bind app gpu0', 11)).toMatchObject({
    now: 'stream 0x8, ATS, PRI, PASID of 16 bits',
    key: 'device/0',
  });
  expect(wordAt(play, 'dma gpu0 app write heap+0x10 8', 20)).toMatchObject({
    now: '0x7f0000000000 to 0x7f0000010000 of app',
    key: 'vma/2',
  });
});

test('what a design or an invariant says is told in its own words', () => {
  expect(wordAt(play, 'policy mainline,repeat-bind=refused', 9)?.now).toMatch(
    /^Linux since v6\.11.*What does a second bind .* do. refused: EEXIST/s,
  );
  expect(wordAt(play, 'expect broken one-pasid', 16)?.now).toMatch(/PASID/);
  expect(wordAt(play, 'bind nobody gpu0', 6)).toMatchObject({ parameter: 'PROC', now: null, key: null });
});
