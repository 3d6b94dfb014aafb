import { createStore } from 'zustand/vanilla';
import type { Branches } from '../draw/branches.ts';
import { type Focus, NOWHERE } from '../draw/focus.ts';
import type { Stretch } from '../draw/stretch.ts';
import type {
  Beside,
  Diagnostic,
  DmaTreeView,
  Exhibit,
  ExhibitView,
  Granularity,
  InspectionView,
  InvariantsView,
  MessageView,
  Moment,
  MovesView,
  PolicyInfo,
  RunInfo,
  ScenarioInfo,
  Source,
  TreeView,
  WatchView,
  WhyView,
} from '../engine/contract.ts';
import type { Bookmark } from './bookmarks.ts';
import type { Exploration } from './exploring.ts';
import type { Sweep } from './streaming.ts';

export const GRANULARITIES: readonly Granularity[] = ['chapter', 'call', 'transaction', 'step'];
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8] as const;
export const PANELS = ['lanes', 'inspector', 'events', 'console', 'watches', 'scheduler', 'script'] as const;
export type Panel = (typeof PANELS)[number];
/** Of the panels those that share a place on a wide page. */
export const RAIL_PANELS = ['console', 'watches', 'scheduler'] as const satisfies readonly Panel[];
export type RailPanel = (typeof RAIL_PANELS)[number];

/** A line of the console: what was typed, or what came of it. */
export interface ConsoleLine {
  readonly id: number;
  readonly kind: 'typed' | 'said' | 'refused';
  readonly text: string;
}

export interface Pointed {
  readonly by: 'scene' | 'lanes';
  readonly lanes: readonly string[];
}

export const POINTS_NOWHERE: Pointed = { by: 'scene', lanes: [] };

export interface Notice {
  readonly id: number;
  readonly text: string;
}

/** An expression over the state that is watched all the way. */
export interface Watch {
  readonly text: string;
  /** Whether the run stops where it becomes true. */
  readonly stops: boolean;
}

/** What is watched, and in which part of the run. */
export function watchedIn({ watches, stretch }: Pick<PageState, 'watches' | 'stretch'>) {
  const texts = watches.map(({ text }) => text);
  return [texts, stretch === null ? undefined : { first: stretch.first, last: stretch.last }] as const;
}

/** The expressions that the run stops at. */
export function stopsOf({ watches }: Pick<PageState, 'watches'>): readonly string[] {
  return watches.filter(({ stops }) => stops).map(({ text }) => text);
}

/** What is compared: two moments of the run, or two runs, of which the one shown is the left one. */
export type Comparing =
  | { readonly kind: 'moments'; readonly from: number }
  | {
      readonly kind: 'runs';
      readonly source: Source;
      readonly beside: Beside;
      /** The row that both runs stand at, 0 for the start. */
      readonly row: number;
      readonly look: Look;
    };

/** What of two runs is shown: the events of both in rows, or both machines. */
export const LOOKS = ['events', 'machines'] as const;
export type Look = (typeof LOOKS)[number];

/** A question where a value comes from, and its answer. */
export interface Why {
  readonly key: string;
  readonly field: string | null;
  /** The moment at which it was asked: the way back. */
  readonly asked: number;
  /** Null where nothing is known. */
  readonly answer: WhyView | null;
}

/**
 * What a person changes beside the run: lanes that are hidden, things that are unfolded, the table in place of the chart, the
 * tree that is open, the part that is looked at alone, watches, bookmarks, the tree of runs, and the script that is not played yet.
 */
export type Change = Partial<
  Pick<
    PageState,
    'laneWishes' | 'unfolded' | 'asTable' | 'opened' | 'stretch' | 'watches' | 'bookmarks' | 'branches' | 'draft'
  >
>;

/** What an undo brings back: the run that an edit has left, or what a change has replaced. */
export type Undone = Edit | { readonly change: Change };

/** A moment that an edit has left, and the runs that there were then. */
export interface Edit {
  readonly source: Source;
  readonly at: number;
  readonly branches: Branches;
}

/** All that the page knows. The machine itself lives behind the engine. */
export interface PageState {
  readonly scenarios: readonly ScenarioInfo[];
  readonly policies: readonly PolicyInfo[];
  readonly run: RunInfo | null;
  readonly moment: Moment | null;
  readonly touched: ReadonlySet<string>;
  /** What the machine is called beside another one, empty where it stands alone. */
  readonly machine: string;
  /** Keys of what another machine has otherwise that this one is compared with. */
  readonly differing: ReadonlySet<string>;
  /** Keys of what the sentence of an invariant names that this moment's event broke. */
  readonly concerned: ReadonlySet<string>;
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
  /** Where a value comes from that the person asked about; null while nobody asks. */
  readonly why: Why | null;
  readonly watches: readonly Watch[];
  /** What each watch says at the moment shown, in the same order. */
  readonly watched: readonly WatchView[];
  /** What came of the last search for a stop, if it found none. */
  readonly noStop: 1 | -1 | null;
  /** How the invariants stood when they were last looked at, null before. */
  readonly invariants: InvariantsView | null;
  /** Key of the tree that this moment, or else the last one that was about any, is about. */
  readonly about: string | null;
  /** The tree that the person opened, and the one that the moment was about then. */
  readonly opened: { readonly tree: string; readonly during: string | null } | null;
  /** The device and the IOMMU that this moment, or else the last one that was about any, is about. */
  readonly focus: Focus;
  /** Keys of what the person has unfolded where much is told in a line each. */
  readonly unfolded: ReadonlySet<string>;
  /** All events as a table, in place of the chart. */
  readonly asTable: boolean;
  /** Lanes of the chart that the person wants to see, or not to see. */
  readonly laneWishes: ReadonlyMap<string, boolean>;
  /** Lanes of what the pointer or the focus is on, and on which side of the page that is. */
  readonly pointed: Pointed;
  readonly lines: readonly ConsoleLine[];
  /** The search that was asked for last, null before the first. */
  readonly exploration: Exploration | null;
  /** The sweep of working sets that was asked for last, null before the first. */
  readonly sweep: Sweep | null;
  /** The bug museum, and the pictures of it that are drawn already, by exhibit. */
  readonly exhibits: readonly Exhibit[];
  readonly pictures: ReadonlyMap<string, ExhibitView>;
  /** Somebody looks at who can move next: that is looked up at every moment. */
  readonly scheduling: boolean;
  readonly moves: MovesView | null;
  /** Why the line that was picked last could not be done. */
  readonly pickRefused: { readonly line: string; readonly told: string } | null;
  /** The runs that go out from the first one; null before it. */
  readonly branches: Branches | null;
  /** What can be undone and done again, apart from going through time; the last one is the next. */
  readonly edits: { readonly past: readonly Undone[]; readonly future: readonly Undone[] };
  readonly notices: readonly Notice[];
  /** Moments of this run that somebody wants to find again, in their order. */
  readonly bookmarks: readonly Bookmark[];
  /** The list of bookmarks while it is open, and the event whose note is to be written. */
  readonly notebook: { readonly writing: number | null } | null;
  /** Why the emulator no longer answers. */
  readonly dead: string | null;
  readonly panel: Panel;
  readonly rail: RailPanel;
  /** The script as the person has changed it and not played it yet, null for no change. */
  readonly draft: string | null;
  /** Why the draft could not be played. */
  readonly mistakes: readonly Diagnostic[];
  /** The part of the run that is looked at alone, null for all of it. */
  readonly stretch: Stretch | null;
  /** What is compared, in place of the picture; null while nothing is. */
  readonly comparing: Comparing | null;
  /** Key of the thing whose name somebody looks at in the script. */
  readonly named: string | null;
}

export type PageStore = ReturnType<typeof createPageStore>;

export function createPageStore() {
  return createStore<PageState>()(() => ({
    scenarios: [],
    policies: [],
    run: null,
    moment: null,
    touched: new Set(),
    concerned: new Set(),
    machine: '',
    differing: new Set(),
    busy: true,
    stepped: false,
    spoken: '',
    playing: false,
    granularity: 'chapter',
    speed: 1,
    messages: [],
    selected: null,
    inspection: null,
    why: null,
    watches: [],
    watched: [],
    noStop: null,
    invariants: null,
    about: null,
    opened: null,
    focus: NOWHERE,
    unfolded: new Set(),
    asTable: false,
    laneWishes: new Map(),
    pointed: POINTS_NOWHERE,
    lines: [],
    exploration: null,
    sweep: null,
    exhibits: [],
    pictures: new Map(),
    scheduling: false,
    moves: null,
    pickRefused: null,
    branches: null,
    edits: { past: [], future: [] },
    notices: [],
    bookmarks: [],
    notebook: null,
    dead: null,
    panel: 'lanes',
    rail: 'console',
    draft: null,
    mistakes: [],
    stretch: null,
    comparing: null,
    named: null,
  }));
}

/** A tree of page tables: of an address space, or of DMA addresses, which devices alone walk. */
export type AnyTree = TreeView | DmaTreeView;

/** What tells the trees of a machine apart. */
export function treeKey(tree: AnyTree): string {
  return 'mm' in tree ? `mm/${tree.mm}` : tree.key;
}

/** Key of the tree that is drawn open: the person's pick while the moment is about the same one. */
export function openTreeOf({ moment, opened, about }: Pick<PageState, 'moment' | 'opened' | 'about'>): string | null {
  if (moment === null) return null;
  const { trees, dmaTrees } = moment.view;
  const all = [...trees, ...dmaTrees];
  const picked = opened !== null && opened.during === about ? opened.tree : null;
  const wanted = [picked, about].map((key) => all.find((tree) => treeKey(tree) === key));
  const open = wanted[0] ?? wanted[1] ?? trees.find(({ pasid }) => pasid !== null) ?? all[0];
  return open === undefined ? null : treeKey(open);
}

/** Key of the tree that a moment is about: that of its sentence, one of DMA addresses that it changed, or that of the last walk. */
export function treeOfMoment({ view, now, touched }: Moment): string | null {
  if (now.mm !== null) return `mm/${now.mm}`;
  const changed = new Set(touched);
  const isChanged = ({ levels }: DmaTreeView) =>
    levels.some(({ tables }) => tables.some(({ entries }) => entries.some(({ key }) => changed.has(key))));
  const walked = [...view.trees, ...view.dmaTrees]
    .filter(({ walk }) => walk !== null)
    .sort((one, other) => (other.walk?.event ?? 0) - (one.walk?.event ?? 0));
  const tree = view.dmaTrees.find(isChanged) ?? walked[0];
  return tree === undefined ? null : treeKey(tree);
}
