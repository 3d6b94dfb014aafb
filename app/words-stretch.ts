import type { Stretch } from './draw/stretch.ts';

/** The part of a run that is looked at alone. */
export const stretch = {
  told: ({ first, last, only }: Stretch) =>
    only === null ? `events ${first + 1} to ${last}` : `${only.length} causes of event ${last}`,
  leave: 'Show the whole run (O)',
  chapter: 'Focus on this chapter',
  causes: 'Focus on the causes of this event',
  all: 'Show the whole run',
  kind: 'focus',
} as const;
