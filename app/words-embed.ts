/** What a page that embeds the playground is told, and the little that the embedded page says of itself. */
export const embed = {
  open: 'Open the whole playground',
  noObject: 'A message is an object, such as {svm: 1, id: 1, do: "seek", at: 17}.',
  badId: 'An id is a number, or a text of at most 200 characters.',
  noVersion: (version: number) => `The message does not say its version: svm: ${version}.`,
  otherVersion: (given: number, version: number) =>
    `The message is of version ${given}; this playground speaks version ${version}.`,
  unknown: (given: string, known: string) => `There is no order ${given}; there are ${known}.`,
  missing: (order: string, field: string) => `${order} needs the field ${field}.`,
  noField: (order: string, field: string) => `${order} has no field ${field}.`,
  inField: (field: string, problem: string) => `In the field ${field}: ${problem}`,
  noText: 'this is not a text.',
  tooLong: (longest: number) => `a text has at most ${longest} characters.`,
  noEvent: 'an event is a whole number from 0 to 999999999.',
  notOneOf: (known: string) => `this is none of ${known}.`,
  notSomeOf: (known: string) => `this is not a list of some of ${known}.`,
  oneSource: 'load needs either a scenario or a script.',
  tooMany: (most: number) => `More than ${most} messages wait for an answer.`,
  otherOrigin: (origin: string) => `This frame takes no orders from ${origin}.`,
} as const;
