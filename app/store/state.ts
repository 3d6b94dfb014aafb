import { createStore } from 'zustand/vanilla';
import type {
  Granularity,
  InspectionView,
  InvariantsView,
  MessageView,
  Moment,
  PolicyInfo,
  RunInfo,
  ScenarioInfo,
} from '../engine/contract.ts';

export const GRANULARITIES: readonly Granularity[] = ['chapter', 'call', 'transaction', 'step'];
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8] as const;
export const PANELS = ['lanes', 'inspector', 'console'] as const;
export type Panel = (typeof PANELS)[number];

/** A line of the console: what was typed, or what came of it. */
export interface ConsoleLine {
  readonly id: number;
  readonly kind: 'typed' | 'said' | 'refused';
  readonly text: string;
}

export interface Notice {
  readonly id: number;
  readonly text: string;
}

/** All that the page knows. The machine itself lives behind the engine. */
export interface PageState {
  readonly scenarios: readonly ScenarioInfo[];
  readonly policies: readonly PolicyInfo[];
  readonly run: RunInfo | null;
  readonly moment: Moment | null;
  readonly touched: ReadonlySet<string>;
  /** Requests to the engine are outstanding, or what was asked for is not yet shown. */
  readonly busy: boolean;
  /** The moment was reached by one step, not by a jump: what it touched may move. */
  readonly stepped: boolean;
  /** What a screen reader is told: set by steps of the person, not while playing. */
  readonly spoken: string;
  readonly playing: boolean;
  readonly granularity: Granularity;
  readonly speed: number;
  readonly messages: readonly MessageView[];
  /** Key that the person picked; null: the inspector follows the moment. */
  readonly selected: string | null;
  readonly inspection: InspectionView | null;
  /** How the invariants stood when they were last looked at, null before. */
  readonly invariants: InvariantsView | null;
  /** Address space that this moment, or else the last one that was about any, is about. */
  readonly about: number | null;
  /** Address space whose tree the person opened, and the one the moment was about then. */
  readonly opened: { readonly mm: number; readonly during: number | null } | null;
  readonly lines: readonly ConsoleLine[];
  readonly notices: readonly Notice[];
  /** Why the emulator no longer answers. */
  readonly dead: string | null;
  readonly panel: Panel;
}

export type PageStore = ReturnType<typeof createPageStore>;

export function createPageStore() {
  return createStore<PageState>()(() => ({
    scenarios: [],
    policies: [],
    run: null,
    moment: null,
    touched: new Set(),
    busy: true,
    stepped: false,
    spoken: '',
    playing: false,
    granularity: 'chapter',
    speed: 1,
    messages: [],
    selected: null,
    inspection: null,
    invariants: null,
    about: null,
    opened: null,
    lines: [],
    notices: [],
    dead: null,
    panel: 'lanes',
  }));
}

/** The address space whose tree is drawn open: the person's pick while the moment is about the same one. */
export function openTreeOf({ moment, opened, about }: Pick<PageState, 'moment' | 'opened' | 'about'>): number | null {
  const trees = moment?.view.trees ?? [];
  const picked = opened !== null && opened.during === about ? opened.mm : null;
  const wanted = picked ?? about ?? trees.find(({ pasid }) => pasid !== null)?.mm;
  return (trees.find(({ mm }) => mm === wanted) ?? trees[0])?.mm ?? null;
}

/** The address space that a moment is about: that of its walk, else that of its sentence. */
export function mmOfMoment({ view, now }: Moment): number | null {
  return view.trees.find(({ walk }) => walk !== null)?.mm ?? now.mm;
}
