import { Ints } from '../world/ints.ts';
import { forget, nothingSeen, type Seen } from './seen.ts';

/** What a worker asks another one in a level: each fingerprint once. */
export interface Asked {
  /** Fingerprints by place. */
  readonly places: Seen;
  /** Those that wait to be sent, two integers each. */
  readonly unsent: Ints;
  /** By place: where the state stands in the next level. */
  readonly indices: Ints;
  /** By place, as far as there are answers: the number of the state. */
  readonly answers: Ints;
}

/** Stand for numbers of states: another worker has to look at it; nobody has said yet who has to. */
export const NOBODYS = -1;
export const UNANSWERED = -2;

export const nothingAsked = (): Asked => {
  const [unsent, indices, answers] = [new Ints(), new Ints(), new Ints()];
  return { places: nothingSeen(), unsent, indices, answers };
};

/** Forgets questions that have been answered. */
export function forgetAsked({ places, indices, answers }: Asked): void {
  forget(places);
  indices.length = 0;
  answers.length = 0;
}

export const bytesOfAsked = ({ places, indices, answers, unsent }: Asked): number =>
  places.cells.byteLength + indices.bytes + answers.bytes + unsent.bytes;
