import { expect, test } from 'vitest';
import type { Moment, RunInfo } from '../engine/contract.ts';
import { type Bookmark, type BookmarkShelf, bookmarksOf } from './bookmarks.ts';
import { createPageStore } from './state.ts';

function desk() {
  const store = createPageStore();
  const kept = new Map<string, readonly Bookmark[]>();
  const told: string[] = [];
  const shelf: BookmarkShelf = { read: (run) => kept.get(run) ?? [], write: (run, all) => void kept.set(run, all) };
  const go = (at: number, fingerprint = `state ${at}`) =>
    store.setState({ moment: { at, view: { fingerprint } } as Moment });
  const seek = async (at: number) => go(at);
  const actions = bookmarksOf(store, shelf, { seek, tell: (texts) => void told.push(...texts) });
  const open = (run: Partial<RunInfo>) => store.setState({ run: { ...RUN, ...run }, moment: null });
  const events = () => store.getState().bookmarks.map(({ event }) => event);
  return { store, actions, go, open, events, told, kept };
}

const RUN = { scenario: 'first-touch', script: '', policy: null, bug: null, events: 100 } as unknown as RunInfo;

test('a bookmark is set once at a moment, in order, and keeps the state that it found', () => {
  const { actions, open, go, store, events } = desk();
  open({});
  for (const at of [40, 12, 40]) {
    go(at);
    actions.openBookmarks(true);
  }
  actions.writeNote(12, 'the bind');

  expect(events()).toEqual([12, 40]);
  expect(store.getState().bookmarks[0]).toEqual({ event: 12, note: 'the bind', fingerprint: 'state 12' });
  expect(store.getState().notebook).toEqual({ writing: 40 });
});

test('each run has its own, and finds them again', () => {
  const { actions, open, go, events } = desk();
  open({});
  go(12);
  actions.openBookmarks(true);
  open({ policy: 'mainline' });
  expect(events()).toEqual([]);
  open({});
  expect(events()).toEqual([12]);
});

test('a command takes along what lies before it', () => {
  const { actions, open, go, store, events } = desk();
  open({});
  for (const at of [12, 40]) {
    go(at);
    actions.openBookmarks(true);
  }
  go(20);
  store.setState({ run: { ...RUN, scenario: null, script: 'another' } });

  expect(events()).toEqual([12]);
});

test('a bookmark with all letters of its note is one edit, its deletion another, and both are kept as they are undone', () => {
  const { actions, open, go, store, kept } = desk();
  open({});
  go(12);
  actions.openBookmarks(true);
  for (const note of ['t', 'th', 'the bind']) actions.writeNote(12, note);
  actions.closeBookmarks();
  actions.removeBookmark(12);
  const { past } = store.getState().edits;

  expect(past.map((each) => ('change' in each ? each.change.bookmarks?.length : null))).toEqual([0, 1]);
  const [, deleted] = past;
  store.setState(deleted !== undefined && 'change' in deleted ? deleted.change : {});
  expect([...kept.values()].flat()).toMatchObject([{ event: 12, note: 'the bind' }]);
});

test('it says so where the state of a bookmark is another one now', async () => {
  const { actions, open, go, told } = desk();
  open({});
  go(0);
  actions.takeBookmarks([
    { event: 5, note: 'same', fingerprint: 'state 5' },
    { event: 9, note: 'other', fingerprint: 'a state of old' },
  ]);
  for (let hop = 0; hop < 2; hop += 1) await actions.goToBookmark(actions.nextBookmark(1) as Bookmark);

  expect(told).toEqual([expect.stringContaining('Event 9 is not in the state')]);
  expect(actions.nextBookmark(1)).toBeNull();
  expect(actions.nextBookmark(-1)).toMatchObject({ event: 5 });
});
