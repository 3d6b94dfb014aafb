import type { Page } from '@playwright/test';
import type { Playground } from './playground.ts';
import { type Box, type Rect, type Survey, survey, type Words } from './survey.ts';

/** Constants and functions that are sent to the page: a survey of it is much larger than what is wrong with it. */
const IN_PAGE = [
  // Rectangles that meet in less than SLACK px only touch; a line's box is up to LEADING px higher than its letters.
  'const SLACK = 1, LEADING = 3;',
  ...[survey, problemsOf, intersections, wordsOverWords, wordsCut, wordsOutside, sideways, overlap, letters, pairs],
].join('\n');
declare const SLACK: number;
declare const LEADING: number;

/** What is wrong with how the page lies there now: boxes that intersect, words that are cut, a page that scrolls sideways. */
export async function geometryProblems(page: Page): Promise<string[]> {
  // Sizes are measured once per frame: only then is everything where it is painted.
  const painted = 'new Promise((done) => requestAnimationFrame(() => setTimeout(done)))';
  // It is compiled once for each document: a page is measured hundreds of times.
  const tell = `globalThis.geometryProblems ??= (() => { ${IN_PAGE}; return () => problemsOf(survey()); })()`;
  return page.evaluate<string[]>(`${painted}.then(() => (${tell})())`);
}

/** Where each region and the bar of chapters lies; the columns of a carousel may travel sideways. */
export async function places(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('section[aria-label], [role="slider"]')].map((region) => {
        const { top, bottom, left, right } = region.getBoundingClientRect();
        const sides = region.closest('.carousel') === null ? [top, bottom, left, right] : [top, bottom];
        return [String(region.getAttribute('aria-label')), sides.map(Math.round).join(' ')];
      }),
    ),
  );
}

/** Goes from chapter to chapter, and stops at each. */
export async function* everyChapter(playground: Playground): AsyncGenerator<number> {
  for (let [at, next] = [-1, await playground.event()]; at !== next; next = await playground.press('.')) {
    at = next;
    yield at;
  }
}

function problemsOf(found: Survey): string[] {
  return [
    ...intersections(found.boxes),
    ...wordsOverWords(found.words),
    ...wordsCut(found.words),
    ...wordsOutside(found),
    ...found.words
      .filter(({ covered }) => covered !== '')
      .map(({ text, covered }) => `"${text}" lies under ${covered}`),
    ...sideways(found),
  ];
}

/** Labelled boxes that can be seen and cover each other, unless one is inside the other. */
function intersections(boxes: readonly Box[]): string[] {
  const found: string[] = [];
  for (const [one, other] of pairs(boxes)) {
    const nested = other.around.includes(one.id) || one.around.includes(other.id);
    if (!nested && overlap(one.seen, other.seen)) found.push(`"${one.name}" and "${other.name}" intersect`);
  }
  return found;
}

function wordsOverWords(words: readonly Words[]): string[] {
  const inked = words
    .filter(({ seen }) => seen.right > seen.left && seen.bottom > seen.top)
    .map(({ text, seen }) => ({ text, ink: letters(seen) }));
  const found: string[] = [];
  for (const [one, other] of pairs(inked)) {
    if (overlap(one.ink, other.ink)) found.push(`"${one.text}" and "${other.text}" lie on each other`);
  }
  return found;
}

/** Words that a box around them cuts off, other than by scrolling. */
function wordsCut(words: readonly Words[]): string[] {
  return words.flatMap(({ text, rect, frames }) => {
    const by = frames.find(({ rect: frame, wide, high }) => {
      const tooWide = wide && (rect.right > frame.right + SLACK || rect.left < frame.left - SLACK);
      const tooHigh = high && (rect.bottom > frame.bottom + LEADING || rect.top < frame.top - LEADING);
      return tooWide || tooHigh;
    });
    return by === undefined ? [] : [`"${text}" is cut by ${by.name}`];
  });
}

/** Words that stick out of the labelled box that they belong to. */
function wordsOutside({ words, boxes }: Survey): string[] {
  return words.flatMap(({ text, rect, box: id, scrolled }) => {
    const box = boxes.find((one) => one.id === id);
    if (box === undefined || scrolled) return [];
    const { left, top, right, bottom } = box.rect;
    const wide = rect.right > right + SLACK || rect.left < left - SLACK;
    const high = rect.bottom > bottom + LEADING || rect.top < top - LEADING;
    return wide || high ? [`"${text}" sticks out of "${box.name}"`] : [];
  });
}

/** A page that scrolls sideways, or would if it could. */
function sideways({ excess, beyond }: Survey): string[] {
  const tooWide = excess > 0 ? [`the page is ${excess} px too wide`] : [];
  return [...tooWide, ...beyond.map(({ name, by }) => `${name} sticks out ${by} px on the right`)];
}

function overlap(one: Rect, other: Rect): boolean {
  const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return width > SLACK && height > SLACK;
}

/** The part of a line that is certainly ink: without the room above and below its letters. */
function letters({ left, top, right, bottom }: Rect): Rect {
  const spare = (bottom - top) / 4;
  return { left, right, top: top + spare, bottom: bottom - spare };
}

function* pairs<T>(all: readonly T[]): Generator<[T, T]> {
  for (let one = 0; one < all.length; one += 1)
    for (let other = one + 1; other < all.length; other += 1) yield [all[one] as T, all[other] as T];
}
