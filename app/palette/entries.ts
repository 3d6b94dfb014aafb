import type { Actions } from '../store/actions.ts';
import { sourceOf } from '../store/comparing.ts';
import { GRANULARITIES, PANELS, type PageState } from '../store/state.ts';
import { applyTheme, THEMES } from '../theme.ts';
import { words } from '../words.ts';

/** Something that can be done, or gone to, from the command palette. */
export interface Entry {
  readonly id: string;
  /** What it is called: this is what is searched. */
  readonly label: string;
  /** What kind of thing it is. */
  readonly kind: string;
  run(): void;
}

/** What the palette may do beside the actions of the store. */
export interface PaletteHost {
  help(): void;
  takeAway(): void;
  explore(): void;
  stream(): void;
  handout(): void;
  present(): void;
  museum(): void;
}

type Known = Pick<PageState, 'bookmarks' | 'run' | 'moment' | 'scenarios' | 'policies' | 'playing' | 'stretch'>;

/** Everything that the palette offers at this moment, in the order in which it is shown where nothing is typed. */
export function entriesOf(page: Known, actions: Actions, host: PaletteHost): readonly Entry[] {
  return [
    ...movesIn(page, actions),
    ...panels(actions),
    ...comparisons(page, actions),
    ...bookmarksIn(page, actions),
    ...edits(actions),
    ...stretches(page, actions),
    ...chaptersOf(page, actions),
    ...thingsOf(page, actions),
    ...runsOf(page, actions),
    ...settings(actions),
    { id: 'explore', label: words.explore.title, kind: words.palette.kinds.page, run: host.explore },
    { id: 'museum', label: words.museum.title, kind: words.palette.kinds.page, run: host.museum },
    { id: 'stream', label: words.stream.title, kind: words.palette.kinds.page, run: host.stream },
    { id: 'takeaway', label: words.takeaway.title, kind: words.palette.kinds.page, run: host.takeAway },
    { id: 'handout', label: words.handout.open, kind: words.palette.kinds.page, run: host.handout },
    { id: 'present', label: words.present.open, kind: words.palette.kinds.page, run: host.present },
    { id: 'help', label: words.top.help, kind: words.palette.kinds.page, run: host.help },
  ];
}

/** The entry of a number that was typed: an event. */
export function eventEntry(text: string, { run }: Pick<PageState, 'run'>, actions: Actions): Entry | null {
  if (run === null || !/^\d{1,9}$/.test(text.trim())) return null;
  const event = Math.min(Number(text), run.events);
  return {
    id: 'event',
    label: words.palette.event(event),
    kind: words.palette.kinds.move,
    run: () => void actions.seek(event),
  };
}

function movesIn({ run, playing }: Known, { seek, step, toggle }: Actions): Entry[] {
  const { forward, back, play, pause, first, last } = words.timeline;
  const move = (label: string, act: () => unknown): Entry => {
    return { id: `move/${label}`, label, kind: words.palette.kinds.move, run: () => void act() };
  };
  return [
    move(forward, () => step(1)),
    move(back, () => step(-1)),
    move(playing ? pause : play, toggle),
    move(first, () => seek(0)),
    move(last, () => seek(run?.events ?? 0)),
  ];
}

function panels({ showPanel }: Actions): Entry[] {
  return PANELS.map((panel) => ({
    id: `panel/${panel}`,
    label: words.palette.panels[panel],
    kind: words.palette.kinds.page,
    run: () => showPanel(panel),
  }));
}

function stretches({ stretch }: Known, { toggleFocus, focusOnCauses, showAll }: Actions): Entry[] {
  const { kind, chapter, causes, all } = words.stretch;
  const whole = { id: 'focus/all', label: all, kind, run: () => void showAll() };
  return [
    stretch === null ? { id: 'focus/chapter', label: chapter, kind, run: () => void toggleFocus() } : whole,
    { id: 'focus/causes', label: causes, kind, run: () => void focusOnCauses() },
  ];
}

function edits({ undo, redo }: Actions): Entry[] {
  const { kind, undo: undoName, redo: redoName } = words.branches;
  return [
    { id: 'undo', label: undoName, kind, run: () => void undo() },
    { id: 'redo', label: redoName, kind, run: () => void redo() },
  ];
}

const backEnds = (): [string, string][] => Object.entries(words.top.backEnds);

function comparisons({ run, scenarios, policies }: Known, { compareRuns, compareMoments }: Actions): Entry[] {
  if (run === null) return [];
  const { kind, with: beside, under, on, moments } = words.compare.palette;
  const partner = scenarios.find(({ id }) => id === scenarios.find((own) => own.id === run.scenario)?.counterpart);
  const entry = (label: string, act: () => unknown): Entry => ({
    id: `compare/${label}`,
    label,
    kind,
    run: () => void act(),
  });
  return [
    ...(partner === undefined ? [] : [entry(beside(partner.title), () => compareRuns({ scenario: partner.id }))]),
    entry(moments, () => compareMoments(null)),
    ...policies.map(({ name }) => entry(under(name), () => compareRuns({ ...sourceOf(run), policy: name }))),
    ...backEnds().map(([backend, name]) => entry(on(name), () => compareRuns({ ...sourceOf(run), backend }))),
  ];
}

function bookmarksIn({ bookmarks }: Known, { openBookmarks, goToBookmark }: Actions): Entry[] {
  const { move, page } = words.palette.kinds;
  return [
    { id: 'bookmarks', label: words.bookmarks.title, kind: page, run: () => openBookmarks(false) },
    ...bookmarks.map((bookmark) => ({
      id: `bookmark/${bookmark.event}`,
      label: words.bookmarks.palette(bookmark.event, bookmark.note),
      kind: move,
      run: () => void goToBookmark(bookmark),
    })),
  ];
}

function chaptersOf({ run }: Known, { seek }: Actions): Entry[] {
  return (run?.chapters ?? []).map(({ title, event }) => ({
    id: `chapter/${event}`,
    label: words.palette.chapter(title, event),
    kind: words.palette.kinds.move,
    run: () => void seek(event),
  }));
}

function thingsOf({ moment }: Known, { select }: Actions): Entry[] {
  if (moment === null) return [];
  const { processes, groups } = moment.view;
  const things = [
    ...processes.flatMap(({ key, name, vmas }) => [
      { key, name },
      ...vmas.map((vma) => ({ key: vma.key, name: words.palette.areaOf(vma.name, name) })),
    ]),
    ...groups.flatMap(({ devices }) => devices.map(({ key, name }) => ({ key, name }))),
  ];
  return things.map(({ key, name }) => ({
    id: `thing/${key}`,
    label: words.palette.inspect(name),
    kind: words.palette.kinds.thing,
    run: () => void select(key),
  }));
}

function runsOf({ scenarios, policies, run }: Known, { open }: Actions): Entry[] {
  const source = run === null || run.scenario !== null ? { scenario: run?.scenario ?? '' } : { script: run.script };
  return [
    ...scenarios.map(({ id, title, subject }) => ({
      id: `scenario/${id}`,
      label: `${title} \u00b7 ${id}`,
      kind: subject,
      run: () => void open({ scenario: id }),
    })),
    ...policies.map(({ name, title }) => ({
      id: `policy/${name}`,
      label: `${words.top.policy}: ${name}`,
      kind: title,
      run: () => void open({ ...source, policy: name }),
    })),
    ...backEnds().map(([backend, name]) => ({
      id: `backend/${backend}`,
      label: `${words.top.backEnd}: ${name}`,
      kind: words.palette.kinds.setting,
      run: () => void open({ ...source, backend }),
    })),
  ];
}

function settings({ setGranularity }: Actions): Entry[] {
  return [
    ...GRANULARITIES.map((size) => ({
      id: `size/${size}`,
      label: words.palette.stepBy(words.timeline.sizes[size]),
      kind: words.palette.kinds.setting,
      run: () => setGranularity(size),
    })),
    ...THEMES.map((theme) => ({
      id: `theme/${theme}`,
      label: words.top.theme[theme],
      kind: words.palette.kinds.setting,
      run: () => applyTheme(theme),
    })),
  ];
}
