import type { TraceEntry } from '../machine/trace.ts';

/** A function that an actor is in, and how many frames its stack had there. */
interface Called {
  readonly name: string;
  readonly depth: number;
}

/**
 * The functions that each actor is in, as its steps show them. A function that goes on in another one at the same depth
 * (a tail call) counts as its caller.
 */
export type CallStacks = Map<number, Called[]>;

/** The name of the function that a step belongs to. */
export function functionOf(entry: Pick<TraceEntry, 'step'>): string {
  return entry.step.slice(0, entry.step.lastIndexOf('.'));
}

/** Notes a step: whether its function begins with it, and how many functions are around that. */
export function enterStep(stacks: CallStacks, entry: TraceEntry): { readonly begins: boolean; readonly level: number } {
  const stack = stackOf(stacks, entry.actor);
  const name = functionOf(entry);
  while ((stack.at(-1)?.depth ?? 0) > entry.depth) stack.pop();
  // A thread that was woken for more work begins its function anew.
  if (entry.depth === 1 && entry.step.endsWith('.wait')) stack.length = 0;
  const known = stack.findLastIndex((called) => called.depth === entry.depth && called.name === name);
  if (known >= 0) stack.length = known + 1;
  else stack.push({ name, depth: entry.depth });
  return { begins: known < 0, level: stack.length - 1 };
}

/** Notes that the step called a function, and says how many functions are around that. */
export function enterCall(stacks: CallStacks, entry: TraceEntry, callee: string): number {
  const stack = stackOf(stacks, entry.actor);
  stack.push({ name: callee, depth: entry.depthAfter });
  return stack.length - 1;
}

/** Notes what the step returned from. */
export function leaveStep(stacks: CallStacks, entry: TraceEntry): void {
  const stack = stackOf(stacks, entry.actor);
  while ((stack.at(-1)?.depth ?? 0) > entry.depthAfter) stack.pop();
}

function stackOf(stacks: CallStacks, actor: number): Called[] {
  const known = stacks.get(actor) ?? [];
  stacks.set(actor, known);
  return known;
}
