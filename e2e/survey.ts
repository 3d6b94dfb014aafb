/** Edges in px of the window. */
export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A box that the page has labelled as one: it may intersect none but those around and inside it. */
export interface Box {
  readonly id: number;
  readonly name: string;
  readonly rect: Rect;
  /** The part that is not clipped or scrolled away. */
  readonly seen: Rect;
  /** Ids of the labelled boxes around it. */
  readonly around: readonly number[];
}

/** One line of a text, or of a part of it. */
export interface Words {
  readonly text: string;
  readonly rect: Rect;
  readonly seen: Rect;
  /** What clips it for good, from the inside out, and in which directions. */
  readonly frames: readonly { name: string; rect: Rect; wide: boolean; high: boolean }[];
  /** Id of the labelled box it belongs to, or -1, and whether that or something in it scrolls. */
  readonly box: number;
  readonly scrolled: boolean;
  /** What lies over its middle, or ''. */
  readonly covered: string;
}

export interface Survey {
  readonly boxes: readonly Box[];
  readonly words: readonly Words[];
  /** By how much the page is wider than the window. */
  readonly excess: number;
  readonly beyond: readonly { name: string; by: number }[];
}

/** Measures everything that lies on the page, or on the dialog that is open. It runs in the page and uses nothing else. */
export function survey(): Survey {
  /** What scrolls sideways on purpose, and what is for screen readers only. */
  const ASIDE = '.carousel, .chips, .sr-only, marker';
  const NOT_WORDS = '.sr-only, select, option, script, style, title, dialog:not([open])';
  const TEXT_SHOWN = 40;
  const scope = document.querySelector('dialog[open]') ?? document.querySelector('#root') ?? document.body;

  const nameOf = (element: Element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''}`;
  const rectOf = ({ left, top, right, bottom }: DOMRect): Rect => ({ left, top, right, bottom });
  /** Asks once about each element: nothing moves while it is being measured. */
  const once = <T>(ask: (element: Element) => T) => {
    const known = new Map<Element, T>();
    return (element: Element): T => {
      const answer = known.get(element) ?? ask(element);
      known.set(element, answer);
      return answer;
    };
  };
  const boxOf = once((element) => rectOf(element.getBoundingClientRect()));
  const overflowOf = once((element) => {
    const { overflowX, overflowY, pointerEvents } = getComputedStyle(element);
    return { overflowX, overflowY, pointerEvents };
  });
  const chain = once((element): Element[] => {
    const around = element.parentElement;
    return around === null ? [element] : [element, ...chain(around)];
  });
  const scrolls = (overflow: string) => overflow === 'auto' || overflow === 'scroll';

  /** The boxes that clip what is in an element. */
  const clippers = once((element): Rect[] =>
    chain(element)
      .filter((around) => around !== document.documentElement)
      .filter((around) => overflowOf(around).overflowX !== 'visible' || overflowOf(around).overflowY !== 'visible')
      .map(boxOf),
  );

  /** What is left of a rectangle after everything from an element outwards has clipped it. */
  const seenFrom = (element: Element | null, rect: Rect): Rect =>
    (element === null ? [] : clippers(element)).reduce((seen, frame) => {
      return {
        left: Math.max(seen.left, frame.left),
        top: Math.max(seen.top, frame.top),
        right: Math.min(seen.right, frame.right),
        bottom: Math.min(seen.bottom, frame.bottom),
      };
    }, rect);

  /** What clips the words of an element for good: nothing that lies beyond what scrolls. */
  const framesOf = once((element) => {
    let [wide, high] = [true, true];
    return chain(element).flatMap((around) => {
      const { overflowX, overflowY } = overflowOf(around);
      [wide, high] = [wide && !scrolls(overflowX), high && !scrolls(overflowY)];
      const clips = { wide: wide && overflowX !== 'visible', high: high && overflowY !== 'visible' };
      if (!clips.wide && !clips.high) return [];
      return [{ name: nameOf(around), rect: boxOf(around), ...clips }];
    });
  });

  /** What lies over the middle of some words that should be in sight. */
  const coverOf = (element: Element, { left, top, right, bottom }: Rect): string => {
    if (right - left < 1 || bottom - top < 1) return '';
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (hit === null || hit.contains(element) || element.contains(hit)) return '';
    return overflowOf(element).pointerEvents === 'none' ? '' : nameOf(hit);
  };

  const labelled = [...scope.querySelectorAll<HTMLElement>('[data-box]')];
  const boxes = labelled.map((element, id): Box => {
    const rect = boxOf(element);
    const around = labelled.flatMap((other, index) => (other !== element && other.contains(element) ? [index] : []));
    return { id, name: element.dataset['box'] ?? '', rect, seen: seenFrom(element.parentElement, rect), around };
  });

  const linesOf = (node: Text): Words[] => {
    const element = node.parentElement;
    const text = node.data.trim();
    if (element === null || text === '' || element.closest(NOT_WORDS) !== null) return [];
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return [];
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = element.closest<HTMLElement>('[data-box]');
    const between = chain(element).slice(0, box === null ? undefined : chain(element).indexOf(box) + 1);
    const scrolled = between.map(overflowOf).some((one) => [one.overflowX, one.overflowY].some(scrolls));
    return [...range.getClientRects()].map((line) => {
      const rect = rectOf(line);
      const seen = seenFrom(element, rect);
      const common = { text: text.slice(0, TEXT_SHOWN), rect, seen, frames: framesOf(element), scrolled };
      return { ...common, box: box === null ? -1 : labelled.indexOf(box), covered: coverOf(element, seen) };
    });
  };
  const texts = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
  const words: Words[] = [];
  while (texts.nextNode()) words.push(...linesOf(texts.currentNode as Text));

  const { scrollWidth, clientWidth } = document.documentElement;
  const beyond = [...scope.querySelectorAll('*')]
    .map((element) => ({ element, by: Math.round(boxOf(element).right - clientWidth) }))
    .filter(({ element, by }) => by > 1 && element.closest(ASIDE) === null)
    .map(({ element, by }) => ({ name: nameOf(element), by }));
  return { boxes, words, excess: scrollWidth - clientWidth, beyond };
}
