import { expect, test } from 'vitest';
import { story, tell } from '../play/testing/story.ts';
import { viewOf } from './state.ts';

test('a device that does not answer invalidations is seen to', () => {
  const told = story('machine smmuv3', 'device gpu0 pci 00:01.0 ats pri pasid 16', 'on-invalidate gpu0 silent');
  const seen = () => viewOf(told.machine).groups[0]?.devices[0]?.capabilities;

  expect(seen()).toEqual(['PASID 16', 'ATS, silent', 'PRI']);
  tell(told, 'on-invalidate gpu0 answer');
  expect(seen()).toEqual(['PASID 16', 'ATS', 'PRI']);
});
