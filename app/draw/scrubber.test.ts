import { expect, test } from 'vitest';
import { eventAt, eventForKey, segmentsOf } from './scrubber.ts';

const chapters = [
  { event: 0, title: 'Bind', fault: false },
  { event: 40, title: 'Fault', fault: true },
  { event: 42, title: 'Retry', fault: false },
];

test('chapters are as wide as they are long, and fill the bar', () => {
  const segments = segmentsOf(chapters, 100, 500);

  expect(segments.map(({ from }) => from)).toEqual([0, 0.4, 0.42]);
  expect(segments.map(({ share }) => share)).toEqual([0.4, 0.02, 0.58]);
});

test('a title that does not fit is not told', () => {
  expect(segmentsOf(chapters, 100, 500).map(({ told }) => told)).toEqual([true, false, true]);
});

test('what comes before the first chapter has no title', () => {
  expect(segmentsOf(chapters.slice(1), 100, 500)[0]).toMatchObject({ title: '', first: 0, last: 40, told: true });
});

test('a run without events has no segments', () => {
  expect(segmentsOf([], 0, 500)).toEqual([]);
});

test('a point of the bar is the event nearest to it', () => {
  expect([-5, 0, 251, 499, 900].map((x) => eventAt(x, 500, 100))).toEqual([0, 0, 50, 100, 100]);
});

test('keys of the slider stay inside the run', () => {
  expect(eventForKey('ArrowRight', 99, 100)).toBe(100);
  expect(eventForKey('ArrowRight', 100, 100)).toBe(100);
  expect(eventForKey('PageDown', 4, 100)).toBe(0);
  expect(eventForKey('PageUp', 4, 100)).toBe(14);
  expect(eventForKey('Home', 50, 100)).toBe(0);
  expect(eventForKey('End', 50, 100)).toBe(100);
  expect(eventForKey('a', 50, 100)).toBeNull();
});

test('a chapter in which nothing happens has no segment, wherever it stands', () => {
  const chapters = [
    { event: 0, title: 'Empty', fault: false },
    { event: 0, title: 'Bind', fault: false },
    { event: 10, title: 'After the stop', fault: false },
    { event: 10, title: 'The end', fault: false },
  ];

  expect(segmentsOf(chapters, 10, 100).map(({ title, from, share }) => [title, from, share])).toEqual([['Bind', 0, 1]]);
});
