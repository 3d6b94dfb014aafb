import { expect, test } from 'vitest';
import { at, fingerprintAt } from '../machine/machine.ts';
import { tasks } from '../process/task.ts';
import { actors, nextStep } from '../sim/actor.ts';
import { cutAt } from './cut.ts';
import { machineOf } from './play.ts';
import { playScript } from './script.ts';
import { actorNamed, attempt, processNamed, type Story, story, tell } from './testing/story.ts';
import { writtenScript } from './written.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000', 'thread app worker', 'process tool'] as const;

const stage = (...lines: readonly string[]): Story => story('machine smmuv3', GPU, ...APP, ...lines);
const nextOf = (told: Story, name: string): string | undefined =>
  nextStep(actors.get(told.world, actorNamed(told, name)))?.name;

test('a thread has the memory of its process, and finds its regions by name, also those that come later', () => {
  const told = stage('store app heap 7', 'mmap app late 4K rw-', 'store worker late 8', 'load worker heap');

  expect(processNamed(told, 'worker').mm).toBe(processNamed(told, 'app').mm);
  tell(told, 'expect memory worker heap 7', 'expect memory app late 8');
});

test('the name of a thread is its own', () => {
  const told = stage();

  expect(attempt(told, 'thread app tool')).toMatchObject({ state: 'refused', errno: 'EEXIST' });
  expect(attempt(told, 'thread nobody worker2')).toMatchObject({ state: 'refused', errno: 'ESRCH' });
});

test('a thread that exits takes its process along', () => {
  const told = stage('bind app gpu0', 'exit worker', 'run');

  expect(tasks.all(told.world).map(({ name, state }) => `${name} ${state}`)).toEqual([
    ...['app dead', 'worker dead', 'tool running'],
  ]);
});

test('a process can be bound and unbound by another, and it is the one that is bound', () => {
  const told = stage('bind app gpu0 by tool', 'expect bound app gpu0 1', 'expect pasid tool none');

  tell(told, 'unbind app gpu0 by tool', 'run', 'expect pasid app none');
});

test('an actor that runs alone stops before the named step, while other threads stand still', () => {
  const told = stage('bind app gpu0 &', 'load tool text &');

  tell(told, 'run only app until accel_bind.program');

  expect([nextOf(told, 'app'), nextOf(told, 'tool')]).toEqual(['accel_bind.program', 'cpu_load.access']);
  tell(told, 'run only app');
  expect([nextOf(told, 'app'), nextOf(told, 'tool')]).toEqual([undefined, 'cpu_load.access']);
  tell(told, 'expect bound app gpu0 1');
});

test('an actor that cannot come to a step says so, and a step that does not exist is refused', () => {
  const told = stage('bind app gpu0 &');

  expect(attempt(told, 'run only app until fork.call')).toMatchObject({ state: 'failed' });
  expect(attempt(told, 'run only app until fork.cal')).toMatchObject({ state: 'refused', errno: 'EINVAL' });
  expect(attempt(told, 'run only nobody')).toMatchObject({ state: 'refused', errno: 'ESRCH' });
});

test('an actor that waits for a thread that stands still goes no further', () => {
  const told = stage('bind app gpu0 &', 'run only app until iommu_process_bind_device.attach', 'bind tool gpu0 &');

  expect(attempt(told, 'run only tool').output).toEqual(['tool waits for the mutex of the driver']);
  expect(attempt(told, 'run only tool until accel_bind.program').state).toBe('failed');
});

test('a play that is cut while one actor runs alone leads to the same moment again', () => {
  const { play } = playScript(['machine smmuv3', GPU, ...APP, 'bind app gpu0 &', 'run only app'].join('\n'));
  const machine = machineOf(play);
  const cut = at(machine) - 7;
  while (at(machine) > cut) machine.world.back();
  const fingerprint = fingerprintAt(machine);

  cutAt(play, cut);

  expect(writtenScript(play).text).toMatch(/\nrun only app \d+$/);
  const again = machineOf(playScript(writtenScript(play).text).play);
  expect([at(again), fingerprintAt(again)]).toEqual([cut, fingerprint]);
});
