import { assert } from '../lib/assert.ts';
import { ok, type Result } from '../lib/result.ts';
import { spawn } from '../sim/actor.ts';
import { call, done, procedure, step } from '../sim/procedure.ts';
import { tell, writesAs } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { switchTo } from './asid.ts';
import { allocateMm, mmdrop, mmget, mmgrab } from './mm.ts';
import { mmput } from './mmput.ts';
import { closeFile, fileInWords, openFileOf } from './open-file.ts';
import { dropPins } from './pin.ts';
import { pins } from './pins.ts';

/** A thread: tasks with one mm are one process. */
export interface Task extends Row {
  readonly name: string;
  readonly pid: number;
  /** Who it runs as: the same user may trace it, and root anybody. */
  readonly user: string;
  /** -1 before it got one, and after it gave it up. */
  readonly mm: number;
  /** The actor that does its steps. */
  readonly actor: number;
  readonly state: 'new' | 'running' | 'exiting' | 'dead';
}

export const tasks = table<Task>(
  'task',
  { name: 'name', pid: 'int', user: 'text', mm: 'int', actor: 'int', state: 'text' },
  (id, r) => ({ id, h0: 0, h1: 0, name: r.name, pid: r.pid, user: r.user, mm: r.mm, actor: r.actor, state: r.state }),
);

writesAs('task', (world, task) => tasks.get(world, task).name);
writesAs('child', (world, task) => tasks.get(world, task).name);

/** The first pid of a program: smaller ones look like the system's. */
const FIRST_PID = 100;
/** Who runs what names nobody. */
const USER = 'user';

/** A thread without memory and with nothing to do: what fork() makes a child of. */
export function createTask(world: World, name: string, user = USER): Task {
  const actor = spawn(world, name, name, null).id;
  return tasks.insert(world, { name, pid: freePid(world), user, mm: -1, actor, state: 'new' });
}

/** A task with an empty mm of the same name. */
export function createProcess(world: World, name: string, user = USER): Result<Task, 'ENOMEM'> {
  const mm = allocateMm(world, name);
  if (mm.ok) switchTo(world, mm.value);
  return mm.ok ? ok(adoptMm(world, createTask(world, name, user), mm.value)) : mm;
}

/** A second task that uses the mm of the first. Kernel: clone(CLONE_VM). */
export function createThread(world: World, name: string, sibling: number): Task {
  const { mm, user } = tasks.get(world, sibling);
  mmget(world, mm);
  return adoptMm(world, createTask(world, name, user), mm);
}

function adoptMm(world: World, task: Task, mm: number): Task {
  return tasks.edit(world, task.id, (row) => {
    row.mm = mm;
    row.state = 'running';
  });
}

function freePid(world: World): number {
  let pid = FIRST_PID;
  while (tasks.first(world, (task) => task.pid === pid) !== undefined) pid++;
  return pid;
}

const hasPins = (world: World, mm: number): boolean => pins.first(world, (pin) => pin.mm === mm) !== undefined;

/**
 * The end of a task: its memory goes before its open files, so that a driver's release() finds the mm gone. The row of the
 * mm stays until the end, as it does for a lazy TLB.
 */
export const doExit = procedure(
  'do_exit',
  'mm',
  { memory: ['task'], files: ['task', 'mm'], unpin: ['task', 'mm'], dead: ['task', 'mm'] },
  (go) => ({
    memory: step('gives up its memory', { cite: 'kernel/exit.c exit_mm()' }, (world, { task }) => {
      const { mm } = tasks.get(world, task);
      assert(mm >= 0, 'a task that exits has an mm');
      tasks.edit(world, task, (row) => {
        row.mm = -1;
        row.state = 'exiting';
      });
      mmgrab(world, mm);
      return call(mmput.at.put({ mm }), go.files({ task, mm }));
    }),
    files: step('closes its files: {file}', { cite: 'kernel/exit.c exit_files()' }, (world, { task, mm }) => {
      const isShared = tasks.first(world, (row) => row.mm === mm) !== undefined;
      const file = isShared ? undefined : openFileOf(world, mm);
      tell(world, { file: isShared ? 'other threads share them' : 'no device is open' });
      if (isShared) return go.dead({ task, mm });
      if (file === undefined) return hasPins(world, mm) ? go.unpin({ task, mm }) : go.dead({ task, mm });
      tell(world, { file: fileInWords(world, file) });
      return call(closeFile(world, file), go.files({ task, mm }));
    }),
    unpin: step('unpins what was pinned through them: {pages}', { cite: 'mm/swap.c put_page()' }, (world, locals) => {
      const own = pins.all(world).filter(({ mm }) => mm === locals.mm);
      tell(world, { pages: dropPins(world, own) });
      return go.dead(locals);
    }),
    dead: step('is dead', { cite: 'kernel/exit.c do_task_dead()' }, (world, { task, mm }) => {
      tasks.edit(world, task, (row) => {
        row.state = 'dead';
      });
      mmdrop(world, mm);
      return done();
    }),
  }),
);
