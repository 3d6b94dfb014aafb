import { expect, test } from 'vitest';
import { complete } from './complete.ts';
import { GRAMMAR } from './grammar.ts';

const known = {
  processes: ['app', 'web'],
  devices: ['gpu0', 'dma1', 'two words'],
  regions: { app: ['heap', 'stack', '[vdso]'], web: ['cache'] },
  spaces: [],
  domains: ['d0'],
  containers: ['box'],
  backends: ['smmuv3'],
  policies: ['rfcv2', 'mainline'],
  bugs: ['atc-before-iotlb', 'none'],
  answers: ['bonds=per-device'],
  invariants: ['context-refs'],
  moments: ['fault.queued', 'fault.handled', 'dma.done'],
  steps: ['fork.call'],
  actors: ['gpu0', 'gpu0/1', 'irq'],
  files: ['python.maps', 'two words.maps'],
};

/** What is offered at the bar. */
function offers(text: string): string[] {
  const cursor = text.indexOf('|');
  return complete(text.replace('|', ''), cursor, known).map((completion) => completion.text);
}

test.each([
  ['|', [...Object.keys(GRAMMAR).toSpliced(-2, 0, 'under')]],
  ['b|', ['bug', 'bind']],
  ['bind |', ['app', 'web']],
  ['bind app g|', ['gpu0']],
  ['bind app gpu0 |', ['pin', 'by']],
  ['bind app gpu0 x |', []],
  ['load app |', ['heap', 'stack']],
  ['load web |', ['cache']],
  ['load nobody |', []],
  ['load constructor |', []],
  ['dma gpu0 web |', ['read', 'write', 'chase', 'execute']],
  ['dma gpu0 web read |', ['cache']],
  ['store app heap |', ['->']],
  ['store app heap -> s|', ['stack']],
  ['run |', ['until', 'only']],
  ['run until fault.|', ['fault.queued', 'fault.handled']],
  ['schedule irq |', ['gpu0', 'gpu0/1', 'irq']],
  ['process app maps |', ['python.maps', '"two words.maps"']],
  [
    'machine smmuv3 cmdq 8 oas 40 |',
    [
      ...[
        'cd-table',
        'stream-table',
        'frames',
        'evtq',
        'priq',
        'iotlb',
        'asid-bits',
        'next-asid',
        'smmus',
        'btm',
        'httu',
      ],
      ...['coherent', 'smmu-asid-bits', 'sid-bits', 'ssid-bits', 'stall-max', 'sv39', 'sv48'],
      ...['ddt', 'msi-flat'],
    ],
  ],
  ['device gpu0 platform pasid 8 |', ['stall', 'group', 'domain', 'smmu', 'unserialised']],
  ['under rfcv2 |', ['expect']],
  ['expect pasid app |', ['none']],
  ['expect cached |', ['iotlb', 'atc']],
  ['help un|', ['unplug', 'unpin', 'unbind']],
  ['help bi|nd', ['bind']],
  ['chapter "b|"', []],
  ['process app maps "two w|', ['"two words.maps"']],
  ['detach |', ['gpu0', 'dma1']],
  ['bind 1 |', []],
  ['run 0 |', []],
  ['bind # a|', []],
  ['mmap app heap |', ['4K', '64K', '2M']],
  ['mmap app heap 4K r|', ['rw-', 'r--', 'r-x', 'rwx']],
])('it completes %s', (text, words) => {
  expect(offers(text)).toEqual(words);
});

test('a completion replaces the word under the cursor, in the line where it stands', () => {
  const text = '\nrun\r\nbind ap gpu0\nrun';

  expect(complete(text, 11, known)).toMatchObject([{ text: 'app', from: 11, to: 13 }, { text: 'web' }]);
  expect(complete(text, 13, known)).toEqual([{ text: 'app', from: 11, to: 13, kind: 'name', detail: 'a process' }]);
  expect(complete(text, 0, known)[0]).toMatchObject({ text: 'machine', from: 0, to: 0 });
});

test('a command is offered with its summary', () => {
  expect(complete('unb', 3, known)).toEqual([
    { text: 'unbind', from: 0, to: 3, kind: 'verb', detail: GRAMMAR.unbind.summary },
  ]);
});
