import type { Stretch } from './draw/stretch.ts';
import type { AskedFocus } from './link-focus.ts';

/** The part of a run that is looked at alone. */
export const stretch = {
  told: ({ first, last, only }: Stretch) =>
    only === null ? `events ${first + 1} to ${last}` : `${only.length} causes of event ${last}`,
  leave: 'Show the whole run (O)',
  chapter: 'Focus on this chapter',
  causes: 'Focus on the causes of this event',
  all: 'Show the whole run',
  kind: 'focus',
  bad: (text: string) => `The link's part of the run "${text.slice(0, 40)}" cannot be read, so the whole run is shown.`,
  gone: (asked: AskedFocus, events: number) => {
    const part =
      'causes' in asked ? `the causes of event ${asked.causes}` : `events ${asked.first + 1} to ${asked.last}`;
    return `The link looks at ${part} alone, but this run has ${events} events: the whole run is shown.`;
  },
  outside: (events: number) => `And ${events} outside of what is looked at.`,
} as const;
