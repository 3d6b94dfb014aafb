const plural = (count: number, one: string) => `${count} ${count === 1 ? one : `${one}s`}`;

/** Expressions that are watched over the whole run. */
export const watches = {
  label: 'Watches',
  hint: 'What the inspector shows, and counts of it, over the whole run. A watch can stop the run where it becomes true.',
  examples: ['job/0.state', 'count(job where state = waiting)', 'length(smmu0/cmdq)', 'message ~ CMD_SYNC'],
  field: 'New watch',
  placeholder: 'job/0.state = waiting',
  remove: (text: string) => `Remove the watch ${text}`,
  changes: (count: number) => plural(count, 'change'),
  stop: 'Stop',
  stopTold: (count: number) =>
    `Stops play where this becomes true: ${count === 0 ? 'nowhere in this run' : plural(count, 'event')}`,
  nextStop: 'Run to the next stop (N)',
  lastStop: 'Run back to the previous stop (P)',
  noStop: (direction: 1 | -1) => (direction === 1 ? 'no stop after this' : 'no stop before this'),
  problem: ({ column, message }: { readonly column: number; readonly message: string }) =>
    `Column ${column}: ${message}.`,
  add: 'watch',
  addOf: (name: string) => `Watch ${name}`,
} as const;
