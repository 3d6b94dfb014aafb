import { expect, test } from 'vitest';
import { createMuseum } from './museum.ts';

test('the picture of an exhibit ends at the event that breaks it, with few columns, drawn once', () => {
  const museum = createMuseum();
  const view = museum.view('two-binders');

  expect(view?.columns).toEqual(expect.arrayContaining(['app', 'tool']));
  expect(view?.turns.at(-1)?.event).toBe(view?.event);
  expect(view?.from).toBeLessThan(view?.event ?? 0);
  expect(view?.sentence).toBe('app has two PASIDs, 1 and 2');
  expect(museum.view('two-binders')).toBe(view);
  expect(museum.view('no-such-exhibit')).toBeNull();
});
