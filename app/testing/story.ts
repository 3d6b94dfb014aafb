import type { ChapterView, LaneView, MachineView, MessageView, Moment } from '../engine/contract.ts';
import type { Draft } from './model.ts';

/** One event of a story: what is said, and what it changes. */
export interface Beat {
  readonly who: string;
  readonly sentence: string;
  readonly cite: string;
  readonly chapter?: string;
  readonly fault?: boolean;
  readonly touched?: readonly string[];
  /** traffic, from, to, text. */
  readonly message?: readonly [MessageView['traffic'], string, string, string];
  readonly change?: (view: Draft<MachineView>) => void;
}

/** A whole run, every moment of it at hand. */
export interface Story {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly script: string;
  readonly lanes: readonly LaneView[];
  readonly chapters: readonly ChapterView[];
  readonly moments: readonly Moment[];
  readonly messages: readonly MessageView[];
}

type Head = Pick<Story, 'id' | 'title' | 'summary' | 'script' | 'lanes'>;

const NANOSECONDS_PER_EVENT = 37;

/** Tells the beats one after another from `start` on. */
export function tellStory(head: Head, start: Draft<MachineView>, beats: readonly Beat[]): Story {
  const moments = [momentOf(head, start, [], beats[0])];
  const view = start;
  for (const [index, beat] of beats.entries()) {
    for (const tree of view.trees) tree.walk = null;
    beat.change?.(view);
    view.event = index + 1;
    view.time += NANOSECONDS_PER_EVENT;
    view.fingerprint = fingerprintOf(view);
    moments.push(momentOf(head, view, beats.slice(0, index + 1), beats[index + 1]));
  }
  return { ...head, moments, chapters: chaptersOf(beats), messages: messagesOf(beats) };
}

function momentOf(head: Head, view: Draft<MachineView>, told: readonly Beat[], next: Beat | undefined): Moment {
  const beat = told.at(-1);
  const event = told.length;
  const before = told.at(-2);
  return {
    at: event,
    view: structuredClone(view) as MachineView,
    touched: beat?.touched ?? [],
    concerned: [],
    ghosts: [],
    now: {
      event,
      who: beat?.who ?? '',
      sentence: beat?.sentence ?? `${head.title}: ${head.summary}`,
      note: '',
      cite: beat?.cite ?? '',
      step: '',
      why: before === undefined ? null : { event: event - 1, sentence: before.sentence },
      next: next === undefined ? null : { event: event + 1, sentence: next.sentence },
      chapter: chaptersOf(told).at(-1)?.title ?? 'Start',
      mm: beat === undefined ? null : 0,
      fault: beat?.fault ?? false,
    },
  };
}

function chaptersOf(beats: readonly Beat[]): ChapterView[] {
  return beats.flatMap(({ chapter }, index) => {
    return chapter === undefined ? [] : [{ event: index, title: chapter, fault: chapter === 'Fault' }];
  });
}

function messagesOf(beats: readonly Beat[]): MessageView[] {
  return beats.map(({ who, sentence, message, fault = false }, index) => {
    const [traffic, from, to, text] = message ?? ['local', who, who, sentence.split(/[:,.]/)[0] ?? ''];
    return { event: index + 1, traffic, from, to, text, mm: 0, fault };
  });
}

/** Some 64 bits that differ between moments. */
function fingerprintOf(view: Draft<MachineView>): string {
  const mixed = Math.imul(view.event + 1, 0x9e3779b1) >>> 0;
  return mixed.toString(16).padStart(8, '0').repeat(2);
}
