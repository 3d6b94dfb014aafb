import type { Page } from '@playwright/test';

/** What is wrong with how the page lies there now: boxes that intersect, words that are cut, a page that scrolls sideways. */
export async function geometryProblems(page: Page): Promise<string[]> {
  const found = [
    await page.evaluate(intersections),
    await page.evaluate(wordsWiderThanTheirBox),
    await page.evaluate(wordsCut),
    await page.evaluate(wordsOutside),
    await page.evaluate(sideways),
  ];
  return found.flat();
}

// Each of these runs in the page, so it uses nothing from outside itself.

/** Labelled boxes that can be seen and cover each other, unless one is inside the other. */
function intersections(): string[] {
  const SLACK = 1;
  const seen = (element: Element) => {
    let { left, top, right, bottom } = element.getBoundingClientRect();
    for (let around = element.parentElement; around !== null; around = around.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(around);
      if (overflowX === 'visible' && overflowY === 'visible') continue;
      const frame = around.getBoundingClientRect();
      [left, right] = [Math.max(left, frame.left), Math.min(right, frame.right)];
      [top, bottom] = [Math.max(top, frame.top), Math.min(bottom, frame.bottom)];
    }
    return { left, top, right, bottom };
  };
  const boxes = [...document.querySelectorAll<HTMLElement>('[data-box]')].map((element) => ({
    element,
    name: element.dataset['box'] ?? '',
    rect: seen(element),
  }));
  return boxes.flatMap((one, index) =>
    boxes.slice(index + 1).flatMap((other) => {
      if (one.element.contains(other.element) || other.element.contains(one.element)) return [];
      const width = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
      const height = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
      return width > SLACK && height > SLACK ? [`"${one.name}" and "${other.name}" intersect`] : [];
    }),
  );
}

/** Words that need more room than their own box has, where nothing scrolls. */
function wordsWiderThanTheirBox(): string[] {
  const SLACK = 1;
  return [...document.querySelectorAll<HTMLElement>('#root *')].flatMap((element) => {
    if (element.closest('.sr-only, svg, select, dialog:not([open])') !== null || element.clientWidth === 0) return [];
    if (!element.checkVisibility()) return [];
    if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim()))
      return [];
    if (/auto|scroll/.test(getComputedStyle(element).overflowX)) return [];
    const excess = element.scrollWidth - element.clientWidth;
    return excess > SLACK ? [`"${element.textContent?.trim().slice(0, 40)}" is ${excess} px wider than its box`] : [];
  });
}

/** Words that a box around them cuts off, other than by scrolling. */
function wordsCut(): string[] {
  const SLACK = 1;
  const cutter = (element: Element): Element | null => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const words = range.getBoundingClientRect();
    for (let around: Element | null = element; around !== null; around = around.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(around);
      if (/auto|scroll/.test(overflowX + overflowY)) return null;
      if (overflowX === 'visible' && overflowY === 'visible') continue;
      const frame = around.getBoundingClientRect();
      const wide = words.right > frame.right + SLACK || words.left < frame.left - SLACK;
      // A line's box is a little higher than its letters.
      const high = words.bottom > frame.bottom + 3 || words.top < frame.top - 3;
      if (wide || high) return around;
    }
    return null;
  };
  return [...document.querySelectorAll<HTMLElement>('#root *')].flatMap((element) => {
    if (element.closest('.sr-only, svg, select, dialog:not([open])') !== null) return [];
    if (!element.checkVisibility()) return [];
    if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim()))
      return [];
    const by = cutter(element);
    return by === null ? [] : [`"${element.textContent?.trim().slice(0, 40)}" is cut by ${by.className || by.tagName}`];
  });
}

/** Words that stick out of the labelled box that they belong to. */
function wordsOutside(): string[] {
  const SLACK = 1;
  return [...document.querySelectorAll<HTMLElement>('[data-box] *')].flatMap((element) => {
    if (element.closest('.sr-only, svg, select, dialog:not([open])') !== null) return [];
    if (!element.checkVisibility()) return [];
    if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim()))
      return [];
    const box = element.closest<HTMLElement>('[data-box]');
    const range = document.createRange();
    range.selectNodeContents(element);
    const [words, frame] = [range.getBoundingClientRect(), box?.getBoundingClientRect()];
    if (frame === undefined || (words.right <= frame.right + SLACK && words.left >= frame.left - SLACK)) return [];
    return [`"${element.textContent?.trim().slice(0, 40)}" sticks out of "${box?.dataset['box']}"`];
  });
}

/** A page that scrolls sideways, or would if it could. */
function sideways(): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  const tooWide = scrollWidth > clientWidth ? [`the page is ${scrollWidth - clientWidth} px too wide`] : [];
  const out = [...document.querySelectorAll<HTMLElement>('#root *')].flatMap((element) => {
    const beyond = Math.round(element.getBoundingClientRect().right - clientWidth);
    // The carousel and the row of chips scroll sideways on purpose.
    if (beyond <= 1 || element.closest('.carousel, .chips, .sr-only, marker') !== null) return [];
    return [`${element.tagName}.${element.getAttribute('class')} sticks out ${beyond} px on the right`];
  });
  return [...tooWide, ...out];
}
