import { expect, test } from 'vitest';
import { devices } from '../devices/device.ts';
import { type Story, story, tell } from '../play/testing/story.ts';
import { exitHandlerOf } from './exit-handler.ts';

const TWO = [
  ...['device gpu0 pci 00:01.0 ats pri pasid 16 group 1 domain a'],
  ...['device gpu1 pci 00:02.0 ats pri pasid 16 group 2 domain a', 'process app', 'process tool'],
];

const tokenFor = ({ world }: Story, name: string): string | undefined => {
  const device = devices.first(world, (row) => row.name === name)?.id ?? -1;
  return devices.find(world, exitHandlerOf(world, device)?.token ?? -1)?.name;
};

test('as posted the last setter of a domain wins', () => {
  const told = story(
    'machine smmuv3',
    'policy rfcv2,exit-callback=per-domain',
    ...TWO,
    'bind app gpu0',
    'bind app gpu1',
  );

  expect([tokenFor(told, 'gpu0'), tokenFor(told, 'gpu1')]).toEqual(['gpu1', 'gpu1']);
});

test('repaired, each device has its own', () => {
  const told = story('machine smmuv3', ...TWO, 'bind app gpu0', 'bind app gpu1');

  expect([tokenFor(told, 'gpu0'), tokenFor(told, 'gpu1')]).toEqual(['gpu0', 'gpu1']);
});

test('a driver sets it once, before its first bind', () => {
  const told = story('machine smmuv3', 'policy rfcv2,exit-callback=per-domain', ...TWO);
  tell(told, 'bind app gpu0', 'bind app gpu1', 'bind tool gpu0');

  expect(tokenFor(told, 'gpu0')).toBe('gpu1');
});
