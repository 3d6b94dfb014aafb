/** The part of a run that is looked at alone: the events between two moments, or of them those that led to one. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
  /** Ascending; null for all. */
  readonly only: readonly number[] | null;
}

export function isIn({ first, last, only }: Stretch, event: number): boolean {
  return event > first && event <= last && (only === null || only.includes(event));
}

/** How many events it has. */
export function countIn({ first, last, only }: Stretch): number {
  return only?.length ?? last - first;
}

/** The event in a place of it, counted from 0. */
export function eventIn({ first, only }: Stretch, place: number): number {
  return only === null ? first + place + 1 : (only[place] ?? 0);
}

/** The place of an event in it, or of the last one before that. */
export function placeIn({ first, only }: Stretch, event: number): number {
  return only === null ? event - first - 1 : only.findLastIndex((one) => one <= event);
}

/** The moment of it that is nearest to another. */
export function insideOf(stretch: Stretch | null, at: number): number {
  return stretch === null ? at : Math.max(stretch.first, Math.min(at, stretch.last));
}

/** Where a step that would end at a target ends within it. */
export function aimIn({ first, last, only }: Stretch, at: number, target: number): number {
  if (only === null) return Math.max(first, Math.min(target, last));
  const found = target > at ? only.find((event) => event > at) : only.findLast((event) => event < at);
  return found ?? (target > at ? last : first);
}
