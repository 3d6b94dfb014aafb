import { assert, present } from '../lib/assert.ts';
import { ERRNO, type Errno } from '../lib/errno.ts';
import { finish0, finish1, hashText, mix0, mix1, wide0, wide1 } from '../lib/hash.ts';
import type { Sealed } from '../world/row.ts';
import { frozen } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { type Cost, delayOf } from './cost.ts';

/** The phases of a shared-virtual-memory story; a step can open one. */
export const CHAPTERS = [
  'Bind',
  'Submit',
  'Translate',
  'Fault',
  'Resolve',
  'Respond',
  'Retry',
  'Invalidate',
  'Unbind',
] as const;
export type Chapter = (typeof CHAPTERS)[number];

/** In whose name a step is done: the column of a sequence chart. `self` is the actor's own. */
export type Lane = 'self' | 'mm' | 'iommu' | 'faults' | 'smmu-driver' | 'device-driver';

export type Locals = Readonly<Record<string, number>>;

/** One frame of an actor's stack: all plain numbers, so it can be copied, hashed, compared and replayed. */
export interface StackFrame extends Sealed {
  /** Number of the step to do next (`stepOf`). */
  readonly step: number;
  readonly locals: Locals;
  readonly caller: StackFrame | null;
}

/** What a step says comes next. */
export type Next =
  | { readonly kind: 'go'; readonly step: number; readonly locals: Locals }
  | { readonly kind: 'call'; readonly callee: Go; readonly then: Next & { kind: 'go' | 'call' } }
  | { readonly kind: 'done'; readonly value: number };
type Go = Next & { kind: 'go' | 'call' };

export interface Notes<L> {
  /** The step waits until this holds. */
  readonly when?: (world: World, locals: L) => boolean;
  /** Whether the waiter may hold a spinlock (spin) or may not (sleep). */
  readonly wait?: 'spin' | 'sleep';
  /** What it waits for, in words. */
  readonly awaits?: string;
  /** What makes it one step: a lock, one register write, a rule of the specification. */
  readonly atomic?: string;
  /** Patch, kernel function or section of a specification. */
  readonly cite?: string;
  readonly cost?: Cost;
  readonly chapter?: Chapter;
  /** It comes because what was waited for has not come; its cost is how long that was. */
  readonly timeOut?: true;
  /** Number of ways in which the step can be done; 1 where it has none. */
  readonly choices?: (world: World, locals: L) => number;
  /** The step is seen outside its actor as a bus message, a queue record or a register write. */
  readonly transaction?: true;
}

export interface Step<L> {
  readonly text: string;
  readonly notes: Notes<L>;
  readonly run: (world: World, locals: L, choice: number) => Next;
}

/** A step as the machine holds it: its name is `procedure.label`. */
export interface StepDef {
  readonly id: number;
  readonly name: string;
  readonly procedure: string;
  readonly label: string;
  readonly lane: Lane;
  /** The locals alive at this label, in canonical order. */
  readonly keys: readonly string[];
  readonly seed: number;
  text: string;
  notes: Notes<Locals>;
  /** The guard of its notes, null for none: asked at every event, and all steps are of one shape where notes are not. */
  when: ((world: World, locals: Locals) => boolean) | null;
  /** What its notes say that it takes, in nanoseconds. */
  delay: number;
  run: (world: World, locals: Locals, choice: number) => Next;
}

type Shape = Readonly<Record<string, readonly string[]>>;
type LocalsAt<S extends Shape, K extends keyof S> = { readonly [P in S[K][number]]: number };
export type Makers<S extends Shape> = { readonly [K in keyof S]: (locals: LocalsAt<S, K>) => Go };

export interface Procedure<S extends Shape> {
  readonly name: string;
  /** One maker per label: `bindDevice.at.lookup({ device, mm })`. An unknown label, a missing or a dead local is a type error. */
  readonly at: Makers<S>;
  readonly steps: readonly StepDef[];
}

const steps: StepDef[] = [];
const names = new Set<string>();

/** The step behind the number in a stack frame. */
export function stepOf(frame: { readonly step: number }): StepDef {
  return present(steps[frame.step], 'a stack frame names a known step');
}

/** The frames of a stack, innermost first; none of an actor that has nothing to do. */
export function framesOf(frame: StackFrame | null): StackFrame[] {
  const frames: StackFrame[] = [];
  for (let at = frame; at !== null; at = at.caller) frames.push(at);
  return frames;
}

/** Every step of every procedure that was loaded. */
export function allSteps(): readonly StepDef[] {
  return steps;
}

export function step<L>(
  text: string,
  notes: Notes<L>,
  run: (world: World, locals: L, choice: number) => Next,
): Step<L> {
  return { text, notes, run };
}

const unset = (): Next => {
  throw new Error('a procedure has a body for each label');
};

/** `shape` is the table of contents: each label with the locals alive there. */
export function procedure<const S extends Shape>(
  name: string,
  lane: Lane,
  shape: S,
  body: (go: Makers<S>) => { readonly [K in keyof S]: Step<LocalsAt<S, K>> },
): Procedure<S> {
  assert(!names.has(name), `procedure ${name} is declared once`);
  names.add(name);
  const at: Record<string, (locals: Locals) => Go> = {};
  const own: StepDef[] = [];
  for (const [label, keys] of Object.entries(shape)) {
    const full = `${name}.${label}`;
    const def: StepDef = {
      id: steps.length,
      name: full,
      procedure: name,
      label,
      lane,
      keys,
      seed: hashText(full),
      text: '',
      notes: {},
      when: null,
      delay: 0,
      run: unset,
    };
    steps.push(def);
    own.push(def);
    at[label] = (locals) => ({ kind: 'go', step: def.id, locals });
  }
  const bodies = body(at as Makers<S>) as Readonly<Record<string, Step<Locals>>>;
  for (const def of own) {
    const { text, notes, run } = present(bodies[def.label], 'each label has a step');
    def.text = text;
    def.notes = notes;
    def.when = notes.when ?? null;
    def.delay = delayOf(notes.cost ?? 'code');
    def.run = run;
  }
  return { name, at: at as Makers<S>, steps: own };
}

/** Stands for the value of a called procedure; it is put in on return. */
export const RESULT = -(2 ** 52);

/** Runs `callee`, then goes on at `then`. */
export function call(callee: Next, then: Next): Next {
  assert(callee.kind !== 'done' && then.kind !== 'done', 'a call has a callee and a place to return to');
  return { kind: 'call', callee, then };
}

/** Returns to the caller with a value. */
export function done(value = 0): Next {
  return { kind: 'done', value };
}

/** Returns to the caller with a negative error number, as kernel functions do. */
export function fail(errno: Errno | number): Next {
  return { kind: 'done', value: typeof errno === 'number' ? -Math.abs(errno) : -ERRNO[errno] };
}

/** Builds and hashes a frame; equal frames of a world and its branches are one object. */
export function seal(world: World, stepId: number, locals: Locals, caller: StackFrame | null): StackFrame {
  const def = present(steps[stepId], 'a frame is sealed for a known step');
  let a = mix0(def.seed, caller === null ? 0 : caller.h0);
  let b = mix1(def.seed, caller === null ? 0 : caller.h1);
  for (const key of def.keys) {
    const value = locals[key] as number;
    a = wide0(a, value);
    b = wide1(b, value);
  }
  const frame = frozen({ step: stepId, locals: frozen(locals), caller, h0: finish0(a), h1: finish1(b) });
  return world.pool.intern(frame, sameFrame);
}

function sameFrame(a: StackFrame, b: StackFrame): boolean {
  if (a.step !== b.step || a.caller !== b.caller) return false;
  const { keys } = stepOf(a);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (a.locals[key] !== b.locals[key]) return false;
  }
  return true;
}

/** The stack that a step's answer leads to, above `caller`. */
export function stackOf(world: World, next: Next, caller: StackFrame | null): StackFrame | null {
  if (next.kind === 'go') return seal(world, next.step, next.locals, caller);
  if (next.kind === 'call') return stackOf(world, next.callee, stackOf(world, next.then, caller));
  return caller === null ? null : resume(world, caller, next.value);
}

function resume(world: World, frame: StackFrame, value: number): StackFrame {
  const { keys } = stepOf(frame);
  if (!keys.some((key) => frame.locals[key] === RESULT)) return frame;
  const locals = { ...frame.locals };
  for (const key of keys) if (locals[key] === RESULT) locals[key] = value;
  return seal(world, frame.step, locals, frame.caller);
}

/** A procedure that a lower layer calls and a higher one provides; wired in machine/. */
export interface Hook<K extends readonly string[]> {
  readonly name: string;
  /** `backend` picks one of several providers; most hooks have just one. */
  begin(locals: { readonly [P in K[number]]: number }, backend?: string): Next;
  wire(maker: (locals: { readonly [P in K[number]]: number }) => Next, backend?: string): void;
}

export function hook<const K extends readonly string[]>(name: string, _locals: K): Hook<K> {
  const makers = new Map<string, (locals: { readonly [P in K[number]]: number }) => Next>();
  return {
    name,
    begin: (locals, backend = '') => present(makers.get(backend), `${name} is wired for '${backend}'`)(locals),
    wire: (maker, backend = '') => {
      makers.set(backend, maker);
    },
  };
}
