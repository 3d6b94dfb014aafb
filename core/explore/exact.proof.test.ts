import { expect, test } from 'vitest';
import { counted, SEARCHED } from './testing/counted.ts';

const MOST = 100_000;

test.each(SEARCHED)('in %s fingerprints tell apart what whole states do', (id) => {
  expect(counted(id, { exact: true }, MOST)).toEqual(counted(id, {}, MOST));
});
