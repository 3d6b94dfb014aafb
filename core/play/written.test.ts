import { expect, test } from 'vitest';
import { parseLine } from '../script/index.ts';
import { cutAt } from './cut.ts';
import { playCommand, playScript } from './script.ts';
import { writtenScript } from './written.ts';

const SOURCE = `# who is there
device gpu0 pci 00:01.0 ats pri pasid 16
process app     # the only one

bind app gpu0   # one PASID
dma gpu0 app write stack 8
exit app
`;

function typed(line: string) {
  const { command } = parseLine(line, 0);
  if (command === null) throw new Error(`${line} is a command`);
  return command;
}

test('a script that was played to its end is written as it was, up to its last command', () => {
  const { play } = playScript(SOURCE);

  expect(writtenScript(play)).toEqual({ text: SOURCE.trimEnd(), lines: [2, 3, 5, 6, 7] });
});

test('a command that was typed follows what is left of the script, with its comments', () => {
  const { play } = playScript(SOURCE);
  const bound = play.outcomes[2]?.last ?? 0;

  cutAt(play, bound);
  playCommand(play, typed('munmap app stack 1'));

  expect(writtenScript(play)).toEqual({
    text: `${SOURCE.split('\n').slice(0, 5).join('\n')}\nmunmap app stack 1`,
    lines: [2, 3, 5, 6],
  });
});

test('a command that was cut short is printed as what had happened of it', () => {
  const { play } = playScript(SOURCE);
  const begun = play.outcomes[4]?.first ?? 0;

  cutAt(play, begun + 3);

  const { text, lines } = writtenScript(play);
  expect(text.split('\n').slice(5)).toEqual(['dma gpu0 app write stack 8', 'exit app &', 'run 2']);
  expect(lines).toEqual([2, 3, 5, 6, 7, 8]);
});
