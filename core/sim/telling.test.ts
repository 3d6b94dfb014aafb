import { expect, test } from 'vitest';
import { createWorld, schemaOf } from '../world/table.ts';
import { inWords, reach, send, tell, writesAs } from './telling.ts';

function emptyWorld() {
  return createWorld(schemaOf([]), 0, 4);
}

test('what a step tells reaches the listener, and nobody where none listens', () => {
  const world = emptyWorld();
  const heard: unknown[] = [];
  tell(world, { level: 1 });
  world.listener = (topic, facts) => heard.push([topic, facts]);

  tell(world, { level: 3 });
  send(world, 'message', 'gpu0', 'smmu0', 'ATS request', { page: 5 });
  reach(world, 'fault.queued');

  expect(heard).toEqual([
    ['facts', { level: 3 }],
    ['message', { page: 5, traffic: 'message', from: 'gpu0', to: 'smmu0', text: 'ATS request' }],
    ['moment', { moment: 'fault.queued' }],
  ]);
});

test('what is told does not change the world', () => {
  const world = emptyWorld();
  const before = world.fingerprint();
  world.listener = () => undefined;

  tell(world, { level: 3 });

  expect(world.fingerprint()).toEqual(before);
});

test('a value is written as its name says, else as it is', () => {
  writesAs('pasid', (_world, value) => `PASID ${value}`);

  expect(inWords(emptyWorld(), 'pasid', 5)).toBe('PASID 5');
  expect(inWords(emptyWorld(), 'pasid', 'none')).toBe('none');
  expect(inWords(emptyWorld(), 'level', 3)).toBe('3');
});
