import { expect, test } from 'vitest';
import { call, done, hook, procedure, RESULT, step } from './procedure.ts';

// The types checker is the test here: each line below an expected error must be one.
const bind = procedure('typed_bind', 'iommu', { find: ['device'], attach: ['device', 'pasid'] }, (go) => ({
  find: step('finds a PASID', {}, (_world, { device }) => go.attach({ device, pasid: 1 })),
  attach: step('attaches it', {}, (_world, { pasid }) => done(pasid)),
}));

const mistakes = [
  () =>
    procedure('typed_label', 'iommu', { a: ['x'], b: ['x', 'y'] }, (go) => ({
      // @ts-expect-error there is no such label
      a: step('goes to a wrong label', {}, () => go.c({ x: 1 })),
      // @ts-expect-error y is dead at a
      b: step('keeps a dead local', {}, (_world, { x, y }) => go.a({ x, y })),
    })),
  () =>
    procedure('typed_local', 'iommu', { a: ['x'], b: ['x', 'y'] }, (go) => ({
      // @ts-expect-error y is missing
      a: step('forgets a local', {}, (_world, { x }) => go.b({ x })),
      // @ts-expect-error z is not alive here
      b: step('reads a dead local', {}, (_world, { z }) => done(z)),
    })),
  () =>
    procedure('typed_guard', 'iommu', { a: ['x'] }, () => ({
      // @ts-expect-error y is not alive where the step waits
      a: step('waits for a dead local', { when: (_world, { y }) => y > 0 }, () => done()),
    })),
  // @ts-expect-error step b is missing
  () => procedure('typed_step', 'iommu', { a: ['x'], b: ['x'] }, () => ({ a: step('', {}, () => done()) })),
  // @ts-expect-error a local is a number
  () => bind.at.find({ device: 'gpu0' }),
  // @ts-expect-error a caller, too, names a label
  () => bind.at.lookup({ device: 1 }),
  // @ts-expect-error a caller, too, gives each local
  () => bind.at.attach({ device: 1 }),
  // @ts-expect-error a step says what comes next
  () => procedure('typed_next', 'iommu', { a: [] }, () => ({ a: step('says nothing', {}, () => undefined) })),
  // @ts-expect-error a lane is a column of the chart
  () => procedure('typed_lane', 'nowhere', { a: [] }, () => ({ a: step('', {}, () => done()) })),
  // @ts-expect-error a hook is begun with its locals
  () => hook('typed_hook', ['mm']).begin({ device: 1 }),
];

test('a procedure that is written right passes the types', () => {
  const caller = procedure('typed_caller', 'self', { start: [], end: ['pasid'] }, (go) => ({
    start: step('binds', {}, () => call(bind.at.find({ device: 0 }), go.end({ pasid: RESULT }))),
    end: step('ends', {}, (_world, { pasid }) => done(pasid)),
  }));

  expect(caller.steps.map(({ name }) => name)).toEqual(['typed_caller.start', 'typed_caller.end']);
  expect(mistakes).toHaveLength(10);
});
