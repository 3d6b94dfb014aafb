/** What is told beside the machine: the sentence of the moment, the sequence chart, chapters, and one thing inspected. */

/** The sentence of the moment. */
export interface NowView {
  readonly event: number;
  readonly who: string;
  readonly sentence: string;
  /** What the script has to say to the reader here, often nothing. */
  readonly note: string;
  readonly cite: string;
  readonly step: string;
  /** The event that made this one possible, null at the start. */
  readonly why: { readonly event: number; readonly sentence: string } | null;
  readonly next: { readonly event: number; readonly sentence: string } | null;
  readonly chapter: string;
  /** Whose memory it is about. */
  readonly mm: number | null;
  /** This moment is a fault: shown in red. */
  readonly fault: boolean;
}

/** A row of the sequence chart. */
export interface MessageView {
  readonly event: number;
  readonly traffic: 'call' | 'response' | 'message' | 'wakeup' | 'local';
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly mm: number | null;
  readonly fault: boolean;
}

/** One event as a row of a table. */
export interface EventView {
  readonly event: number;
  /** Simulated nanoseconds since the machine was switched on. */
  readonly time: number;
  readonly sentence: string;
  readonly step: string;
  readonly cite: string;
  /** The event that made it possible, 0 for the start. */
  readonly cause: number;
  readonly mm: number | null;
  readonly fault: boolean;
}

export interface LaneView {
  readonly id: string;
  readonly label: string;
}

export interface ChapterView {
  /** Number of events performed when it begins. */
  readonly event: number;
  readonly title: string;
  readonly fault: boolean;
}

/** What the inspector shows of one thing. */
export interface InspectionView {
  readonly key: string;
  readonly title: string;
  readonly subtitle: string;
  readonly fields: readonly { readonly name: string; readonly value: string; readonly link?: string }[];
  readonly records: readonly RecordView[];
  /** Newest first. */
  readonly history: readonly { readonly event: number; readonly what: string; readonly sentence: string }[];
}

/** Where a value comes from, and what led to it. */
export interface WhyView {
  readonly key: string;
  /** Name of the field in the inspector, null for the thing as a whole. */
  readonly field: string | null;
  /** The thing's title. */
  readonly thing: string;
  readonly value: string;
  /** What was there before the first link of the chain, null if the thing was not. */
  readonly before: string | null;
  /** Whether anything keeps a journal of it: what is read off several places has none. */
  readonly kept: boolean;
  /** The event that gave the value and its causes, newest first; empty: it has been so since event 0. */
  readonly chain: readonly WhyLink[];
  /** Links that were left out at the far end. */
  readonly more: number;
}

/** One event of a chain of causes, with those of the same actor that led to it. */
export interface WhyLink {
  readonly event: number;
  readonly actor: number;
  readonly lane: string;
  readonly sentence: string;
  readonly step: string;
  readonly cite: string;
  readonly mm: number | null;
  readonly fault: boolean;
  readonly steps: number;
}

/** A hardware record, bit by bit. */
export interface RecordView {
  readonly name: string;
  readonly cite: string;
  readonly bytes: number;
  /** Lowest 64-bit word first, hex with 16 digits. */
  readonly words: readonly string[];
  readonly bits: readonly BitsView[];
}

export interface BitsView {
  readonly name: string;
  readonly hi: number;
  readonly lo: number;
  readonly hex: string;
  readonly meaning: string;
  /** Name of the value where the specification gives one. */
  readonly value: string;
}
