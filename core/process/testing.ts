/** A small world for tests of the process side: no devices; the hooks tell whoever listens. */
import { ARM64 } from '../hardware/arm64/format.ts';
import { settleFormat } from '../hardware/cpus.ts';
import type { PageFormatName } from '../hardware/page-format.ts';
import { assert } from '../lib/assert.ts';
import { bugs, DEFAULT_POLICY, type NamedPolicy, policies, settlePolicy } from '../policy/policy.ts';
import { actors, enabled, nextStep, perform, post, spawn } from '../sim/actor.ts';
import { locks } from '../sim/lock.ts';
import { done, type Next, procedure, step } from '../sim/procedure.ts';
import type { Draft } from '../world/row.ts';
import { createWorld, freezeRows, schemaOf } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { initAsids } from './asid.ts';
import { cpuLoad, cpuStore } from './cpu-access.ts';
import { initFrames } from './frame.ts';
import { migratePages } from './migrate.ts';
import { mmgrab } from './mm.ts';
import { invalidateRange, mmReleased } from './notifier.ts';
import { fileReleased } from './open-file.ts';
import { shrinkPageList } from './reclaim.ts';
import { sysMmap } from './syscalls.ts';
import { PROCESS_TABLES } from './tables.ts';
import { createProcess, type Task } from './task.ts';
import { newVma, type Vma, vmas } from './vma.ts';

const MOST_STEPS = 100_000;
export const RAM_FIRST = 0x80000;
export const USER_PAGES = ARM64.userPages;

type Listener = (world: World, text: string) => void;
let listener: Listener = () => {};

/** Hears the hooks from now on: 'release MM', 'invalidate MM START END' (hex), 'device DEVICE closed by MM'. */
export function listen(to: Listener): void {
  listener = to;
}

const heard = (world: World, text: string): Next => {
  listener(world, text);
  return done();
};
const testRelease = procedure('test_release', 'iommu', { hear: ['mm'] }, () => ({
  hear: step('hears of the release', {}, (world, { mm }) => heard(world, `release ${mm}`)),
}));
const testInvalidate = procedure('test_invalidate', 'iommu', { hear: ['mm', 'start', 'end'] }, () => ({
  hear: step('hears of the invalidation', {}, (world, { mm, start, end }) =>
    heard(world, `invalidate ${mm} ${start.toString(16)} ${end.toString(16)}`),
  ),
}));
const testClose = procedure('test_close', 'device-driver', { hear: ['mm', 'minor'] }, () => ({
  hear: step('hears of the close', {}, (world, { mm, minor }) => heard(world, `device ${minor} closed by ${mm}`)),
}));

/** A world with so many pages of memory, the first of them the zero page, ASIDs of so many bits, and page tables of a format. */
export function smallWorld(
  pages = 64,
  policy: NamedPolicy = DEFAULT_POLICY,
  asidBits = 16,
  format: PageFormatName = 'arm64',
): World {
  freezeRows(true);
  listener = () => {};
  mmReleased.wire(testRelease.at.hear);
  invalidateRange.wire(testInvalidate.at.hear);
  fileReleased.wire(testClose.at.hear, 'accel');
  const world = createWorld(schemaOf([actors, locks, policies, bugs, ...PROCESS_TABLES]), RAM_FIRST, pages);
  settlePolicy(world, { policy, bug: null });
  settleFormat(world, format);
  initFrames(world);
  initAsids(world, asidBits, 1);
  return world;
}

/** A process with an empty mm, in a world that has room for it. */
export function aProcess(world: World, name = 'app'): Task {
  const task = createProcess(world, name);
  assert(task.ok, 'a test has memory for its processes');
  return task.value;
}

/** Lets an idle actor do something until it is done, and gives what that returned. */
export function run(world: World, actor: number, first: Next): number {
  post(world, actor, first);
  finish(world, actor);
  return actors.get(world, actor).result;
}

/** Lets a busy actor go on until it is done. */
export function finish(world: World, actor: number): void {
  for (let i = 0; i < MOST_STEPS && actors.get(world, actor).frame !== null; i++) perform(world, actor);
  assert(actors.get(world, actor).frame === null, 'a test comes to an end');
}

/** Lets a busy actor go on until the step of this name (procedure.label) is the next. */
export function runTo(world: World, actor: number, name: string): void {
  for (let i = 0; i < MOST_STEPS && nextStep(actors.get(world, actor))?.name !== name; i++) perform(world, actor);
}

/** Lets everybody move, the lowest id first, until all wait. */
export function settle(world: World): void {
  for (let i = 0; i < MOST_STEPS; i++) {
    const [move] = enabled(world);
    if (move === undefined) return;
    perform(world, move.actor, move.choice);
  }
}

/** mmap() by a task; gives the first page or an errno. */
export function map(world: World, task: Task, fields: Partial<Draft<Vma>> & Pick<Draft<Vma>, 'start' | 'end'>): number {
  const vma = vmas.insert(world, newVma({ name: 'heap', ...fields }));
  return run(world, task.actor, sysMmap.at.call({ mm: task.mm, vma: vma.id }));
}

/** Reclaim of `pages` pages of a task, by a thread of its own; gives how many were freed. */
export function swapOut(world: World, task: Task, page: number, pages = 1): number {
  return run(world, spawn(world, 'kswapd', 'kswapd', null).id, reclaimOf(world, task, page, pages));
}

/** The beginning of reclaim, for a thread to do. */
export function reclaimOf(world: World, { mm }: Task, page: number, pages = 1): Next {
  mmgrab(world, mm);
  return shrinkPageList.at.isolate({ mm, page, end: page + pages, count: 0 });
}

/** Migration of `pages` pages of a task, by a thread of its own; gives how many were moved. */
export function migrate(world: World, task: Task, page: number, pages = 1): number {
  return run(world, spawn(world, 'kcompactd', 'kcompactd', null).id, migrationOf(world, task, page, pages));
}

/** The beginning of a migration, for a thread to do. */
export function migrationOf(world: World, { mm }: Task, page: number, pages = 1): Next {
  mmgrab(world, mm);
  return migratePages.at.isolate({ mm, page, end: page + pages, count: 0 });
}

export function load(world: World, task: Task, page: number, offset = 0): number {
  return run(world, task.actor, cpuLoad.at.access({ mm: task.mm, page, offset }));
}

export function store(world: World, task: Task, page: number, value: number, offset = 0): number {
  return run(world, task.actor, cpuStore.at.access({ mm: task.mm, page, offset, value }));
}
