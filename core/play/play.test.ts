import { expect, test } from 'vitest';
import { files } from '../process/file.ts';
import { tasks } from '../process/task.ts';
import { vmasOf } from '../process/vma.ts';
import { actors } from '../sim/actor.ts';
import { eventNow, machineOf, startPlay } from './play.ts';
import { playScript } from './script.ts';
import { actorNamed, attempt, processNamed, settle, story, tell } from './testing/story.ts';
import { writtenScript } from './written.ts';

const STAGE = [
  'machine smmuv3',
  'device gpu0 pci 00:01.0 ats pri pasid 16',
  'process app',
  'mmap app heap 64K rw- at 0x7f0000000000',
] as const;

test('what sets the stage happens before event 0, and again after it has begun as an event', () => {
  const told = story(...STAGE, 'store app heap 1');
  expect(eventNow(told.play)).toBe(0);

  tell(told, 'bind app gpu0', 'process tool');
  expect(eventNow(told.play)).toBeGreaterThan(1);
});

test('a script that cannot be read is not begun', () => {
  const { play, diagnostics } = playScript('machine smmuv3\nbind app\n');

  expect(diagnostics).toMatchObject([{ line: 2 }]);
  expect([play.machine, play.outcomes]).toEqual([null, []]);
});

test('the script of a play, played again, leads to the same fingerprint', () => {
  const told = story(...STAGE, 'bind app gpu0', 'dma gpu0 app write heap 64 &', 'run', 'chapter "End"');
  const again = playScript(writtenScript(told.play).text).play;

  expect(machineOf(again).world.fingerprint()).toEqual(told.world.fingerprint());
  expect(again.marks).toEqual(told.play.marks);
  expect(again.outcomes.map(({ first, last }) => [first, last])).toEqual(
    told.play.outcomes.map(({ first, last }) => [first, last]),
  );
});

test('posted commands take a thread each, and a thread that has finished is used again', () => {
  const told = story(...STAGE);
  tell(told, 'store app heap 1 &', 'store app heap+0x1000 2 &', 'store app heap+0x2000 3 &');
  expect(tasks.all(told.world).map(({ name }) => name)).toEqual(['app', 'app.1', 'app.2']);

  tell(told, 'run', 'store app heap 4 &', 'run', 'expect memory app heap 4', 'expect memory app heap+0x2000 3');
  expect(tasks.all(told.world)).toHaveLength(3);
  tell(told, 'exit app');
  expect(tasks.all(told.world).map(({ state }) => state)).toEqual(['dead', 'dead', 'dead']);
});

test('a posted store of a pointer writes both its words', () => {
  const told = story(...STAGE);

  tell(told, 'store app heap -> heap+0x1008 &', 'run');

  tell(told, 'expect memory app heap -> heap+0x1008');
});

test('a name that a dead process had can be used again, also to move its thread', () => {
  const told = story(...STAGE, 'exit app', 'process app', 'mmap app heap 64K rw- at 0x7f0000000000');
  tell(told, 'store app heap 1 &');

  tell(told, 'step app 2');

  expect(actors.all(told.world).filter(({ name }) => name === 'app')).toHaveLength(2);
  tell(told, 'run', 'expect memory app heap 1');
});

test('a fork that fails for want of memory gives the name of the child back', () => {
  const told = story('machine smmuv3 frames 128', 'process app', 'mmap app heap 1M rw-');
  for (let page = 0; page < 128; page++) attempt(told, `store app heap+0x${(page * 4096).toString(16)} 1`);

  expect(tell(told, 'fork app child')).toBe('ENOMEM');
  expect(attempt(told, 'load child heap')).toMatchObject({ state: 'refused', errno: 'ESRCH' });
  tell(told, 'munmap app heap 64');
  expect(tell(told, 'fork app child')).toBeNull();
  tell(told, 'exit app', 'expect memory child heap+0x50000 1');
});

test('a mapping without an address goes into the first hole, and one of a file shows the file', () => {
  const told = story(...STAGE);

  tell(told, 'mmap app second 8K r-- file /lib/x.so offset 4K', 'load app second');

  const [area] = vmasOf(told.world, processNamed(told, 'app').mm).filter(({ name }) => name === 'second');
  expect(area).toMatchObject({ start: 0x7f0000010, end: 0x7f0000012, kind: 'file', offset: 1 });
  expect(files.all(told.world).map(({ name, size }) => [name, size])).toContainEqual(['/lib/x.so', 3]);
  expect(tell(told, 'mmap app heap 4K rw- at heap')).toBe('EEXIST');
});

test('a run stops at the moment, at the count, or when all wait', () => {
  const told = story(...STAGE, 'bind app gpu0', 'dma gpu0 app write heap 64');
  tell(told, 'run until fault.reported');
  expect(told.machine.trace.at(-1)?.moments).toContain('fault.reported');

  const before = eventNow(told.play);
  tell(told, 'run 5');
  expect(eventNow(told.play)).toBe(before + 5);
  tell(told, 'run');
  expect(attempt(told, 'run 5').output).toEqual(['nothing more happens after 0 events']);
  expect(attempt(told, 'run until dma.done')).toMatchObject({ state: 'failed' });
});

test('an expectation that does not hold says what is there instead', () => {
  const told = story(...STAGE, 'store app heap 7', 'bind app gpu0');
  const said = (line: string): string => attempt(told, line).output.join();

  expect(said('expect memory app heap 8')).toBe('memory holds 0x7');
  expect(said('expect pasid app 2')).toBe('its PASID is 1');
  expect(said('expect bound app gpu0 2')).toBe('it is bound 1 times');
  expect(said('expect unmapped app heap')).toBe('the page is mapped');
  expect(said('expect memory app heap+0x1000 0')).toBe('the page is not mapped');
  expect(said('expect dma gpu0 done')).toBe('it was given no work');
  expect(said('expect frames app 9')).toBe('it has 1 frames of its own');
  expect(said('expect cached atc app heap')).toBe('no atc has it');
  expect(said('expect errno ENODEV')).toBe('the command before was answered with no error');
  expect(said('expect broken pasid-entries')).toBe('nothing is broken');
  expect(said('expect fault 3')).toBe('0 page request groups were answered');
  expect(told.play.outcomes.at(-1)).toMatchObject({ state: 'failed', errno: null });
});

test('what the kernel answers is kept for the next expectations, over notes too', () => {
  const told = story(...STAGE);

  tell(told, 'unbind app gpu0', 'expect errno ESRCH', 'note "It was not bound."', 'expect errno ESRCH');
  tell(told, 'bind app gpu0', 'expect ok');

  expect(startPlay().lastErrno).toBeNull();
});

test('a command that waits for another says for what', () => {
  const told = story(...STAGE, 'bind app gpu0', 'run');
  tell(told, 'unbind app gpu0 &');
  settle(told, [actorNamed(told, 'app')]);
  tell(told, 'step app');

  expect(attempt(told, 'bind app gpu0')).toMatchObject({ state: 'done' });
  tell(told, 'run', 'expect bound app gpu0 1');
});
