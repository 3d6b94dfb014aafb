import { type KeyboardEvent, useRef } from 'react';
import { lastHop, nextHop } from '../draw/relations.ts';
import type { MachineView } from '../engine/contract.ts';
import { neighbour } from '../keys.ts';
import { useActions, usePage } from '../store/context.tsx';
import { treeKey } from '../store/state.ts';

/** Hops that the way back remembers. */
const TRAIL = 50;

/** The thing from which the focus came to another one along a relation, newest last; one trail for all columns. */
const trail: { from: string; to: string }[] = [];

export function thingsIn(place: Element): HTMLElement[] {
  return [...place.querySelectorAll<HTMLElement>('[data-key]')];
}

/** Arrow keys in the scene: up and down from thing to thing of a column, right to where a thing leads, left back. */
export function useRoving() {
  const view = usePage((page) => page.moment?.view ?? null);
  const { openTree } = useActions();
  const asked = useRef<number>(0);

  /** Gives the focus to a thing of the scene, once it is drawn if its tree has to be opened for it. */
  const goTo = (key: string, machine: MachineView) => {
    const thing = find(key);
    if (thing !== null) return focusOn(thing);
    const tree = treeWith(machine, key);
    if (tree === null) return;
    openTree(tree);
    cancelAnimationFrame(asked.current);
    asked.current = requestAnimationFrame(() => {
      const drawn = find(key);
      if (drawn !== null) focusOn(drawn);
    });
  };

  return (event: KeyboardEvent<HTMLElement>) => {
    const here = document.activeElement?.closest<HTMLElement>('[data-key]') ?? null;
    const key = here?.dataset['key'];
    if (here === null || key === undefined || view === null) return;
    if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      event.preventDefault();
      const to = event.key === 'ArrowRight' ? nextHop(view, key) : wayBack(view, key);
      if (to === null) return;
      if (event.key === 'ArrowRight') remember(key, to);
      return goTo(to, view);
    }
    const things = thingsIn(event.currentTarget);
    const next = neighbour(event.key, things.indexOf(here), things.length);
    if (next === null) return;
    event.preventDefault();
    const thing = things[next];
    if (thing !== undefined) focusOn(thing);
  };
}

function remember(from: string, to: string) {
  trail.push({ from, to });
  if (trail.length > TRAIL) trail.shift();
}

/** Back along the trail, or else to the first thing in sight that leads here. */
function wayBack(view: MachineView, key: string): string | null {
  const last = trail.pop();
  if (last?.to === key) return last.from;
  trail.length = 0;
  return lastHop(view, key, keysOf(document.querySelector('.scene')));
}

function keysOf(scene: Element | null): string[] {
  return scene === null ? [] : thingsIn(scene).flatMap(({ dataset }) => dataset['key'] ?? []);
}

function find(key: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`.scene [data-key="${CSS.escape(key)}"]`);
}

/** The tree in which a table is. */
function treeWith({ trees, dmaTrees }: MachineView, key: string): string | null {
  const all = [...trees, ...dmaTrees];
  const tree = all.find(({ levels }) => levels.some(({ tables }) => tables.some((table) => table.key === key)));
  return tree === undefined ? null : treeKey(tree);
}

/** The focus, and with it the one tab stop of the column. */
function focusOn(thing: HTMLElement) {
  const column = thing.closest('.column');
  for (const other of column === null ? [] : thingsIn(column)) other.setAttribute('tabindex', '-1');
  thing.setAttribute('tabindex', '0');
  thing.focus();
}
