import { expect, test } from 'vitest';
import { counted, SEARCHED } from './testing/counted.ts';

const MOST = 20_000;

/** Each recalled answer is compared with what the machine says; one that is not the same ends the search. */
test.each(SEARCHED)('in %s nothing is remembered that the machine would not say again', (id) => {
  expect(counted(id, { asking: 'doubting' }, MOST)).toEqual(counted(id, {}, MOST));
});
