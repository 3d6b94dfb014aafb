import { expect, test } from 'vitest';
import { type CallStacks, enterCall, enterStep, functionOf, leaveStep } from './call-stack.ts';
import { traceEntry } from './testing.ts';

const WORKER = 3;
const at = (step: string, depth: number, depthAfter = depth) =>
  traceEntry({ actor: WORKER, step, depth, depthAfter, lane: 'iommu' });

/** Begins and level of each step, one after the other. */
function followed(...steps: ReturnType<typeof at>[]): [boolean, number][] {
  const stacks: CallStacks = new Map();
  return steps.map((entry) => {
    const { begins, level } = enterStep(stacks, entry);
    leaveStep(stacks, entry);
    return [begins, level];
  });
}

test('a step belongs to the function before its last dot', () => {
  expect(functionOf({ step: 'iommu_process_bind_device.attach' })).toBe('iommu_process_bind_device');
});

test('a function begins with its first step and lasts until it returns', () => {
  expect(followed(at('bind.look', 1), at('bind.take', 1, 2), at('alloc.get', 2, 1), at('bind.put', 1))).toEqual([
    [true, 0],
    [false, 0],
    [true, 1],
    [false, 0],
  ]);
});

test('a function called again begins again', () => {
  expect(followed(at('bind.a', 1, 2), at('alloc.get', 2, 1), at('bind.b', 1, 2), at('alloc.get', 2, 1))).toEqual([
    [true, 0],
    [true, 1],
    [false, 0],
    [true, 1],
  ]);
});

test('a function that goes on in another one at the same depth is around it', () => {
  expect(followed(at('attach.check', 2), at('write.body', 2, 3), at('sync.next', 3, 2), at('write.valid', 2))).toEqual([
    [true, 0],
    [true, 1],
    [true, 2],
    [false, 1],
  ]);
});

test('a thread that is woken begins anew, a wait inside of a call does not', () => {
  expect(followed(at('thread.wait', 1), at('thread.read', 1, 2), at('sync.wait', 2), at('sync.wait', 2, 1))).toEqual([
    [true, 0],
    [false, 0],
    [true, 1],
    [false, 1],
  ]);
  expect(followed(at('thread.wait', 1), at('thread.read', 1), at('thread.wait', 1))).toEqual([
    [true, 0],
    [false, 0],
    [true, 0],
  ]);
});

test('a call that was told does not begin a second time with its first step', () => {
  const stacks: CallStacks = new Map();
  const caller = at('bind.take', 1, 2);
  enterStep(stacks, caller);

  expect(enterCall(stacks, caller, 'alloc')).toBe(1);
  expect(enterStep(stacks, at('alloc.get', 2))).toEqual({ begins: false, level: 1 });
});
