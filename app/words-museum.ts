/** The gallery of bugs. */
export const museum = {
  title: 'The bug museum',
  /** The subject of the catalogue that its scenarios stand under. */
  group: 'Bug museum',
  all: 'All exhibits, with pictures \u2026',
  close: 'Close the museum',
  told: (count: number) =>
    `${count} bugs that drivers had, that reviews found, or that the posted series has. Each is put into the kernel of this machine by one switch, which changes one guard or one order, or by an answer of the design as posted. A picture shows who took the last steps before it broke.`,
  loading: 'Getting the exhibits ready \u2026',
  drawing: 'Being drawn \u2026',
  exhibits: 'Exhibits',
  hypothetical: 'hypothetical',
  hypotheticalTold: 'The rule is real; no release that we know of broke it.',
  mechanism: 'by its mechanism',
  mechanismTold: 'The original is about other silicon: here is its mechanism.',
  before: 'With the bug',
  after: 'Repaired',
  source: 'Found or mended in',
  said: 'Said about it',
  byline: (who: string, when: string, where: string) => `${who}, ${when}, ${where}`,
  rule: 'The rule is stated in',
  carried: 'Carried over',
  breaks: 'Breaks',
  show: (event: number) => `Show it: event ${event}`,
  showOf: (event: number, title: string) => `${museum.show(event)} of: ${title}`,
  mend: 'Run it repaired',
  mendOf: (title: string) => `${museum.mend}: ${title}`,
  search: 'Search for it',
  searchOf: (title: string) => `${museum.search}: ${title}`,
  picture: (columns: readonly string[], turns: number, event: number) =>
    `The last ${turns} steps of ${columns.join(', ')}, up to event ${event}, which breaks it`,
} as const;
