import { beforeEach, expect, test } from 'vitest';
import { createWorld, freezeRows, schemaOf } from '../world/table.ts';
import { branch, type World } from '../world/world.ts';
import { actors, perform, spawn } from './actor.ts';
import {
  allSteps,
  call,
  done,
  fail,
  hook,
  type Next,
  procedure,
  RESULT,
  type StackFrame,
  step,
  stepOf,
} from './procedure.ts';

const SCHEMA = schemaOf([actors]);
let world: World;

beforeEach(() => {
  freezeRows(true);
  world = createWorld(SCHEMA, 0, 4);
});

/** alloc_pasid(): refuses an odd device, else answers ten times its number. */
const alloc = procedure('alloc', 'iommu', { check: ['device'], take: ['device'] }, (go) => ({
  check: step('checks', {}, (_w, { device }) => (device % 2 === 1 ? fail('EBUSY') : go.take({ device }))),
  take: step('takes', {}, (_w, { device }) => done(device * 10)),
}));

const bind = procedure('bind', 'iommu', { start: ['device'], attach: ['device', 'pasid'] }, (go) => ({
  start: step('starts', {}, (_w, { device }) => call(alloc.at.check({ device }), go.attach({ device, pasid: RESULT }))),
  attach: step('attaches', {}, (_w, { device, pasid }) => (pasid < 0 ? fail(pasid) : done(pasid + device))),
}));

/** Hands over to bind, which then returns to the caller of ioctl. */
const ioctl = procedure('ioctl', 'device-driver', { enter: ['device'] }, () => ({
  enter: step('enters', {}, (_w, { device }) => bind.at.start({ device })),
}));

const app = procedure('app', 'self', { run: ['device'], sum: ['one', 'two'] }, (go) => ({
  run: step('calls', {}, (_w, { device }) => call(ioctl.at.enter({ device }), go.sum({ one: RESULT, two: device }))),
  sum: step('sums', {}, (_w, { one, two }) => done(one + two)),
}));

function namesOf(frame: StackFrame | null): string[] {
  return frame === null ? [] : [stepOf(frame).name, ...namesOf(frame.caller)];
}

const stackOf = (id: number): string[] => namesOf(actors.get(world, id).frame);

function begin(first: Next): number {
  return spawn(world, 'app', 'app', first).id;
}

function stacks(id: number): string[] {
  const seen: string[] = [];
  while (actors.get(world, id).frame !== null) {
    seen.push(stackOf(id).join(' < '));
    perform(world, id);
  }
  return seen;
}

test('a call stacks, a tail call replaces its frame, and a value returns to where it was asked for', () => {
  const id = begin(app.at.run({ device: 4 }));

  expect(stacks(id)).toEqual([
    'app.run',
    'ioctl.enter < app.sum',
    'bind.start < app.sum',
    'alloc.check < bind.attach < app.sum',
    'alloc.take < bind.attach < app.sum',
    'bind.attach < app.sum',
    'app.sum',
  ]);
  expect(actors.get(world, id).result).toBe(40 + 4 + 4);
});

test('the result of an actor is that of the procedure it began with, not of those called on the way', () => {
  const id = begin(bind.at.start({ device: 2 }));
  for (let n = 0; n < 3; n++) perform(world, id);

  expect(stackOf(id)).toEqual(['bind.attach']);
  expect(actors.get(world, id).result).toBe(0);
  perform(world, id);
  expect(actors.get(world, id).result).toBe(22);
});

test('a failure is a negative error number that the caller sees', () => {
  const id = begin(bind.at.start({ device: 3 }));

  stacks(id);

  expect(actors.get(world, id).result).toBe(-16);
  expect([fail('EBUSY'), fail(16), fail(-16), done()]).toEqual([
    { kind: 'done', value: -16 },
    { kind: 'done', value: -16 },
    { kind: 'done', value: -16 },
    { kind: 'done', value: 0 },
  ]);
});

const pipeline = procedure('pipeline', 'self', { start: [], use: ['first'], end: ['second'] }, (go) => ({
  start: step('begins with two calls', {}, () =>
    call(alloc.at.take({ device: 1 }), call(bind.at.attach({ device: 5, pasid: RESULT }), go.end({ second: RESULT }))),
  ),
  use: step('begins with a call of a caller', {}, (_w, { first }) =>
    call(call(alloc.at.take({ device: first }), bind.at.attach({ device: 0, pasid: RESULT })), go.end({ second: 7 })),
  ),
  end: step('ends', {}, (_w, { second }) => done(second)),
}));

test('what a call returns to can itself return to a caller', () => {
  const id = begin(pipeline.at.start({}));

  expect(stacks(id)).toEqual([
    'pipeline.start',
    'alloc.take < bind.attach < pipeline.end',
    'bind.attach < pipeline.end',
    'pipeline.end',
  ]);
  expect(actors.get(world, id).result).toBe(15);
});

test('what is called can itself be a call, and a value that nobody asked for is dropped', () => {
  const id = begin(pipeline.at.use({ first: 2 }));

  expect(stacks(id)).toHaveLength(4);
  expect(actors.get(world, id).result).toBe(7);
});

test('a call needs a callee and a place to return to', () => {
  expect(() => call(done(), alloc.at.check({ device: 0 }))).toThrow('a call has a callee');
  expect(() => call(alloc.at.check({ device: 0 }), done())).toThrow('a place to return to');
});

test('equal stacks are one object, in a branch too, however their locals were written', () => {
  const one = begin(call(alloc.at.check({ device: 2 }), bind.at.attach({ device: 2, pasid: 9 })));
  const other = begin(call(alloc.at.check({ device: 2 }), bind.at.attach({ pasid: 9, device: 2 })));
  const copy = branch(world);
  const third = spawn(copy, 'b', 'b', call(alloc.at.check({ device: 2 }), bind.at.attach({ device: 2, pasid: 9 })));

  expect(actors.get(world, other).frame).toBe(actors.get(world, one).frame);
  expect(third.frame).toBe(actors.get(world, one).frame);
});

test('stacks that differ in a label, a local or a caller have other fingerprints', () => {
  const nexts = [
    alloc.at.check({ device: 2 }),
    alloc.at.take({ device: 2 }),
    alloc.at.check({ device: 3 }),
    bind.at.attach({ device: 2, pasid: 3 }),
    bind.at.attach({ device: 3, pasid: 2 }),
    call(alloc.at.check({ device: 2 }), bind.at.attach({ device: 2, pasid: RESULT })),
    call(alloc.at.check({ device: 2 }), bind.at.attach({ device: 4, pasid: RESULT })),
  ];
  const prints = nexts.map((first) => {
    const fresh = createWorld(SCHEMA, 0, 4);
    spawn(fresh, 'app', 'app', first);
    return fresh.fingerprint();
  });

  expect(new Set(prints.map(([high]) => high)).size).toBe(nexts.length);
  expect(new Set(prints.map(([, low]) => low)).size).toBe(nexts.length);
});

test('a step that edits its locals in place is caught', () => {
  const careless = procedure('careless', 'self', { go: ['n'] }, () => ({
    go: step('edits', {}, (_w, locals) => {
      (locals as { n: number }).n = 2;
      return done();
    }),
  }));
  const id = begin(careless.at.go({ n: 1 }));

  expect(() => perform(world, id)).toThrow('read only');
});

test('a hook begins what was wired, for each back end its own', () => {
  const allocate = hook('ops.alloc', ['device']);
  allocate.wire(alloc.at.check);
  allocate.wire(({ device }) => alloc.at.take({ device: device + 1 }), 'riscv');

  expect(allocate.begin({ device: 2 })).toEqual(alloc.at.check({ device: 2 }));
  expect(allocate.begin({ device: 2 }, 'riscv')).toEqual(alloc.at.take({ device: 3 }));
  expect(() => allocate.begin({ device: 2 }, 'vtd')).toThrow("ops.alloc is wired for 'vtd'");
});

test('a step is known by its number, name, lane and living locals', () => {
  const [check] = alloc.steps;

  expect(check).toMatchObject({ name: 'alloc.check', procedure: 'alloc', label: 'check', lane: 'iommu' });
  expect([check?.text, check?.keys]).toEqual(['checks', ['device']]);
  expect(allSteps().every((each, i) => each.id === i && stepOf({ step: i }) === each)).toBe(true);
  expect(() => stepOf({ step: 10_000 })).toThrow('a stack frame names a known step');
});

test('a procedure is declared once', () => {
  const twice = () => procedure('alloc', 'iommu', { a: [] }, () => ({ a: step('', {}, () => done()) }));

  expect(twice).toThrow('procedure alloc is declared once');
});
