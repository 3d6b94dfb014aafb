/** Thrown where only a bug of ours can have led; the message states the truth that should hold. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** States a truth about the emulator itself; what the modelled machine can suffer is a value instead. */
export function assert(condition: boolean, truth: string): asserts condition {
  if (!condition) throw new InvariantError(truth);
}

/** The value, where only a bug of ours could have left it out. */
export function present<T>(value: T | undefined | null, truth: string): T {
  if (value === undefined || value === null) throw new InvariantError(truth);
  return value;
}
