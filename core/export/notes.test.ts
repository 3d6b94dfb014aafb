import { expect, test } from 'vitest';
import { eventsOf, seek } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { boundariesOf } from './boundaries.ts';
import { nowOf } from './story.ts';

const SCRIPT = `machine smmuv3
device gpu0 pci 00:01.0 ats pri pasid 16
process app
mmap app heap 64K rw- at 0x7f0000000000
chapter "Bind"
bind app gpu0
note "Bound."
note "One PASID."
chapter "Submit"
note "Work begins."
dma gpu0 app write heap 64
run until fault.queued
note "A fault."
run
`;

const { play } = playScript(SCRIPT);
const machine = machineOf(play);
const noteAt = (event: number): string => {
  seek(machine, event);
  return nowOf(play, machine).note;
};
const [, , begun, fault] = play.marks.filter(({ kind }) => kind === 'note').map(({ event }) => event) as number[];

test('notes of one moment are told together, and end with the first event of a chapter', () => {
  expect(noteAt((begun as number) - 1)).toBe('');
  expect(noteAt(begun as number)).toContain('Bound. One PASID.');
  expect(noteAt((begun as number) + 1)).not.toContain('Bound.');
});

test('a note that opens a chapter stays through it, until the next one is told', () => {
  expect(noteAt((begun as number) + 1)).toBe('Work begins.');
  expect(noteAt((fault as number) - 1)).toBe('Work begins.');
  expect(noteAt(fault as number)).toBe('A fault.');
  expect(noteAt(eventsOf(machine))).toBe('A fault.');
});

test('a step by chapters stops where the script says something', () => {
  expect(boundariesOf(machine.trace, play.marks, 'chapter')).toEqual([0, begun, fault, eventsOf(machine)]);
});
