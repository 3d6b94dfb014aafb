/**
 * The newer of two plain values, made of parts of the older one wherever they are equal: what did not change stays the
 * same object, and whoever draws it has nothing to do.
 */
export function keepEqual<T>(old: unknown, next: T): T {
  if (Object.is(old, next)) return next;
  if (typeof old !== 'object' || typeof next !== 'object' || old === null || next === null) return next;
  if (Array.isArray(next)) return Array.isArray(old) ? keepArray(old, next) : next;
  return Array.isArray(old) ? next : keepObject(old as Fields, next as Fields & T);
}

type Fields = Record<string, unknown>;

function keepArray<T>(old: readonly unknown[], next: T & readonly unknown[]): T {
  const kept = next.map((item, index) => keepEqual(old[index], item));
  const same = old.length === next.length && kept.every((item, index) => Object.is(item, old[index]));
  return (same ? old : kept) as T;
}

function keepObject<T>(old: Fields, next: Fields & T): T {
  const names = Object.keys(next);
  const kept: Fields = {};
  for (const name of names) kept[name] = keepEqual(old[name], next[name]);
  const same = names.length === Object.keys(old).length && names.every((name) => Object.is(kept[name], old[name]));
  return (same ? old : kept) as T;
}
