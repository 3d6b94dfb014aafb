import type {
  ChapterView,
  Engine,
  EventView,
  Granularity,
  InspectionView,
  Moment,
  Offer,
  Opened,
  RunInfo,
  Source,
  TakenAway,
} from '../engine/contract.ts';
import { firstTouch } from './first-touch.data.ts';
import { inspectionOf } from './inspections.data.ts';
import { realProcess } from './real-process.data.ts';
import type { Story } from './story.ts';

const VERSION = '0.1.0+fixture';
const WORDS = ['bind', 'chapter', 'dma', 'exit', 'expect', 'fork', 'help', 'mmap', 'munmap', 'run', 'step', 'unbind'];

interface Stage {
  story: Story;
  at: number;
}

/** Told once: nothing changes them. */
let stories: readonly Story[] | null = null;

/** An engine that knows two stories by heart: what the page is built and tested with, without an emulator. */
export function fixtureEngine(): Engine {
  stories ??= [firstTouch(), realProcess()];
  const known = stories;
  const stage: Stage = { story: known[0] as Story, at: 0 };
  const show = (at: number): Moment => {
    stage.at = Math.max(0, Math.min(at, stage.story.moments.length - 1));
    return stage.story.moments[stage.at] as Moment;
  };
  return {
    scenarios: async () =>
      known.map(({ id, title, summary }) => ({ id, title, summary, subject: 'First steps', counterpart: null })),
    exhibits: async () => [],
    exhibit: async () => null,
    policies: async () => [{ name: 'rfcv2', title: 'RFCv2, repaired' }],
    open: async (source) => openStory(known, stage, source, show),
    seek: async (at) => show(at),
    target: async (at, direction, by) => targetOf(stage.story, at, direction, by),
    command: async (line) => ({ ...answerTo(line), run: runOf(stage.story), moment: show(stage.at) }),
    moves: async () => ({ at: stage.at, turns: [], waits: [], orders: [], halted: false }),
    pick: async (line) => ({ ...answerTo(line), run: runOf(stage.story), moment: show(stage.at) }),
    explore: async (source) => ({ ok: false, diagnostics: [refusal(source)] }),
    exploreOn: () => Promise.reject(new Error('nothing is explored here')),
    explored: () => Promise.reject(new Error('nothing is explored here')),
    complete: async (text, cursor) => offersFor(text, cursor),
    check: async () => [],
    explain: async () => null,
    inspect: async (...keys): Promise<InspectionView | null> =>
      keys.flatMap((key) => inspectionOf(stage.story.moments[stage.at] as Moment, key) ?? [])[0] ?? null,
    why: async () => null,
    watch: async () => [],
    stop: async () => null,
    invariants: async () => ({ holding: 0, applying: 0, standings: [] }),
    causes: async (event) => [event],
    beside: async (source) => ({ ok: false, diagnostics: [refusal(source)] }),
    besideRows: async () => [],
    besideAt: async (event) => stage.story.moments[event] as Moment,
    differences: async () => [],
    events: async (first, last) => eventsOf(stage.story, first, last),
    streamPoint: async ({ pages }) => ({ ok: true, value: { pages, hitRate: 1, latency: 15 } }),
    density: async (parts) => ({ counts: [], faults: new Array<boolean>(parts).fill(false) }),
    takeAway: async (what) => takenOf(stage.story, what),
    peek: async (at) => stage.story.moments[at] as Moment,
    messages: async (first, last) => stage.story.messages.filter(({ event }) => event > first && event <= last),
  };
}

function takenOf({ id, script }: Story, what: string): TakenAway {
  return { text: script, file: `${id}.${what}`, fingerprint: '0', command: `svm run ${id}` };
}

function eventsOf({ moments }: Story, first: number, last: number): EventView[] {
  return moments.slice(first + 1, last + 1).map(({ at: event, view: { time }, now }) => {
    const { sentence, step, cite, mm, fault, why } = now;
    return { event, time, sentence, step, cite, cause: why?.event ?? 0, mm, fault };
  });
}

function openStory(stories: readonly Story[], stage: Stage, source: Source, show: (at: number) => Moment) {
  const story = stories.find(({ id }) => id === (source.scenario ?? 'first-touch'));
  if (story === undefined || source.script !== undefined) return { ok: false as const, diagnostics: [refusal(source)] };
  stage.story = story;
  const notices =
    source.version === undefined || source.version === VERSION ? [] : ['This link was made by another version.'];
  const value: Opened = { run: runOf(story), moment: show(source.at ?? 0), notices };
  return { ok: true as const, value };
}

function refusal({ scenario, script }: Source) {
  const message = script === undefined ? `there is no scenario "${scenario}"` : '"frobnicate" is not a command';
  return { line: 2, column: 5, endColumn: 9, message, expected: [] };
}

function runOf(story: Story): RunInfo {
  const { id, title, script, chapters, lanes } = story;
  const events = story.moments.length - 1;
  return {
    scenario: id,
    title,
    script,
    lines: [],
    policy: null,
    bug: null,
    backend: null,
    events,
    chapters,
    unsaid: '',
    notes: false,
    lanes,
    version: VERSION,
    report: null,
  };
}

function targetOf(story: Story, at: number, direction: 1 | -1, by: Granularity): number {
  const end = story.moments.length - 1;
  const stops: Record<Granularity, number[]> = {
    chapter: [0, ...story.chapters.map(({ event }: ChapterView) => event), end],
    call: Array.from({ length: end / 4 }, (_, index) => index * 4).concat(end),
    transaction: [0, ...story.messages.filter(({ traffic }) => traffic !== 'local').map(({ event }) => event), end],
    step: Array.from({ length: end + 1 }, (_, index) => index),
  };
  const ahead = stops[by].filter((stop) => (direction === 1 ? stop > at : stop < at));
  return (direction === 1 ? Math.min(...ahead, end) : Math.max(...ahead, 0)) as number;
}

function answerTo(line: string) {
  const [verb = ''] = line.trim().split(/\s+/);
  if (verb === 'bind') return { output: ['PASID 1, users 2'], refused: false };
  if (verb === 'help') return { output: [`commands: ${WORDS.join(', ')}`], refused: false };
  const caret = `${' '.repeat(Math.max(0, line.indexOf(verb)))}^`;
  return { output: [line, caret, `"${verb}" is not a command`], refused: true };
}

function offersFor(text: string, cursor: number): Offer[] {
  const from = text.slice(0, cursor).lastIndexOf(' ') + 1;
  return WORDS.filter((word) => word.startsWith(text.slice(from, cursor))).map((word) => ({
    text: word,
    from,
    to: cursor,
    kind: 'verb',
    detail: `do ${word}`,
  }));
}
