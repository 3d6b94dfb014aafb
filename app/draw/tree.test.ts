import { expect, test } from 'vitest';
import type { MachineView, TreeView } from '../engine/contract.ts';
import { firstTouch } from '../testing/first-touch.data.ts';
import { realProcess } from '../testing/real-process.data.ts';
import { STRIP_HEIGHT } from './strips.ts';
import { layoutTree } from './tree.ts';

const BOX = { width: 300, height: 360 };
const story = firstTouch();
const BEFORE_THE_FAULT = 20;
const FAULT = 24;
const FOUND = 42;

function treeAt(at: number, of = story): TreeView {
  const view = of.moments[at]?.view as MachineView;
  return view.trees[0] as TreeView;
}

test('the tables of a level stand side by side in the order of their addresses, inside the box', () => {
  const drawn = layoutTree(treeAt(0), BOX);

  for (const { strips } of drawn.levels) {
    for (const [index, strip] of strips.entries()) {
      const before = strips[index - 1];
      if (before !== undefined) expect(strip.x).toBeGreaterThan(before.x + before.width);
      expect(strip.x + strip.width).toBeLessThanOrEqual(BOX.width + 1e-9);
    }
  }
  expect(drawn.levels.map(({ strips }) => strips.length)).toEqual([1, 3, 4, 4]);
});

test('a tick stands where its index is', () => {
  const [root] = layoutTree(treeAt(0), BOX).levels[0]?.strips ?? [];

  const stack = root?.ticks.find(({ index }) => index === 255);

  expect(stack?.middle).toBeCloseTo((255.5 / 512) * BOX.width);
});

test('every entry opens into the table that it leads to', () => {
  const drawn = layoutTree(treeAt(0), BOX);
  const entries = drawn.levels.slice(0, 3).flatMap(({ strips }) => strips.flatMap(({ ticks }) => ticks));

  expect(drawn.funnels.map(({ key }) => key)).toEqual(entries.map(({ key }) => key));
});

test('a level without tables is there, empty', () => {
  const tree = treeAt(0);

  const drawn = layoutTree({ ...tree, levels: tree.levels.slice(0, 1), leaves: [] }, BOX);

  expect(drawn.levels.map(({ empty }) => empty)).toEqual([false, true, true, true]);
});

test('a walk that finds nothing ends in a box among the frames, on the slot that is empty', () => {
  const { walk, leafY, leaves } = layoutTree(treeAt(FAULT), BOX);

  expect(walk?.end).toBe('missing');
  expect(walk?.nothing?.y).toBe(leafY);
  expect(walk?.slot?.y).toBe(layoutTree(treeAt(FAULT), BOX).levels[3]?.y);
  expect(walk?.labels.map(({ index }) => index)).toEqual([254, 0, 0, 1]);
  const { x = 0, width = 0 } = walk?.nothing ?? {};
  expect(leaves.some((leaf) => leaf.x < x + width && leaf.x + leaf.width > x)).toBe(false);
});

test('a walk that ends above the last level has its box right below that level', () => {
  const tree = treeAt(0);
  const root = tree.levels[0]?.tables[0]?.pfn ?? '';
  const path = [{ level: 0, table: root, index: 300 }];

  const { walk, levels } = layoutTree(
    { ...tree, walk: { event: 0, walker: 'cpu', who: 'CPU 0', page: '', path, end: 'missing' } },
    BOX,
  );

  expect(walk?.nothing?.y).toBeGreaterThan(STRIP_HEIGHT);
  expect((walk?.nothing?.y ?? 0) + (walk?.nothing?.height ?? 0)).toBeLessThanOrEqual(levels[1]?.y ?? 0);
});

test('the frame that a walk finds is told in full', () => {
  const { leaves } = layoutTree(treeAt(FOUND), BOX);

  expect(leaves.filter(({ walked }) => walked).map(({ leaf, form }) => [leaf.pfn, form])).toEqual([['8aa', 'card']]);
});

test('no moment, no walk', () => {
  expect(layoutTree(treeAt(BEFORE_THE_FAULT), BOX).walk).toBeNull();
});

test('frames are told less fully the more there are, and never overlap nor leave the box', () => {
  const real = realProcess();

  for (const [at, width] of [
    [0, 300],
    [0, 600],
    [101, 240],
    [102, 240],
  ] as const) {
    const { leaves } = layoutTree(treeAt(at, real), { width, height: 360 });
    expect(leaves.length).toBeGreaterThan(50);
    for (const [index, leaf] of leaves.entries()) {
      const before = leaves[index - 1];
      if (before !== undefined) expect(leaf.x).toBeGreaterThanOrEqual(before.x + before.width);
      expect(leaf.width).toBeGreaterThan(0.5);
      expect(leaf.x + leaf.width).toBeLessThanOrEqual(width + 1e-9);
    }
  }
  expect(layoutTree(treeAt(0), { width: 300, height: 360 }).leaves.every(({ form }) => form === 'chip')).toBe(true);
  expect(layoutTree(treeAt(0), { width: 600, height: 360 }).leaves.every(({ form }) => form === 'card')).toBe(true);
});
