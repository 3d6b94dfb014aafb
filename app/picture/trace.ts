import { boxShapes } from './boxes.ts';
import { textShapes } from './letters.ts';
import { type Box, draw, inColour } from './paint.ts';
import { vectorShapes } from './vectors.ts';

/** Air around what is drawn, in px. */
const MARGIN = 12;

/** What all parts of one picture have in common. */
interface Sheet {
  /** The upper left corner of the picture on the page. */
  readonly origin: DOMPoint;
  /** Names for paint servers; they must differ from those of every other picture of the page. */
  newId(): string;
}

let pictures = 0;

/**
 * A part of the page, as it stands there, as an SVG of shapes and text alone: no HTML inside, no style sheet, nothing that
 * only a browser can draw. What is scrolled away is cut.
 */
export function pictureOf(element: HTMLElement): SVGSVGElement {
  const { left, top, width, height } = element.getBoundingClientRect();
  pictures += 1;
  const serial = pictures;
  let ids = 0;
  const sheet: Sheet = {
    origin: new DOMPoint(left - MARGIN, top - MARGIN),
    newId: () => {
      ids += 1;
      return `p${serial}-${ids}`;
    },
  };
  const [whole, high] = [Math.ceil(width) + 2 * MARGIN, Math.ceil(height) + 2 * MARGIN];
  const paper = draw('rect', {
    width: whole,
    height: high,
    ...inColour('fill', getComputedStyle(element).backgroundColor),
  });
  return draw(
    'svg',
    { width: whole, height: high, viewBox: `0 0 ${whole} ${high}` },
    paper,
    ...shapesOf(element, sheet),
  ) as SVGSVGElement;
}

function shapesOf(element: Element, sheet: Sheet): SVGElement[] {
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden') return [];
  if (element instanceof SVGSVGElement) return vectorShapes(element, sheet.origin);
  const place = element.getBoundingClientRect();
  const isForEarsOnly = style.overflowX !== 'visible' && place.width <= 1 && place.height <= 1;
  if (isForEarsOnly) return [];
  const box = { x: place.x - sheet.origin.x, y: place.y - sheet.origin.y, width: place.width, height: place.height };
  if (element instanceof HTMLCanvasElement) return [draw('image', { ...box, href: element.toDataURL() })];
  const inside = [...seenOf(element)].flatMap((child): SVGElement[] => {
    if (child instanceof Text) return textShapes(child, style, sheet.origin);
    return child instanceof Element ? shapesOf(child, sheet) : [];
  });
  const content = cuts(element, style) ? clipped(inside, box, sheet) : inside;
  const own = isInline(style) ? [] : boxShapes(style, box, sheet.newId);
  const before = beside(element, style, '::before', box, sheet);
  const all = [...own, ...before, ...content, ...beside(element, style, '::after', box, sheet)];
  return style.opacity === '1' || all.length === 0 ? all : [draw('g', { opacity: style.opacity }, ...all)];
}

/** What stands in an element: of what is folded up, the line that says so. */
function seenOf(element: Element): Iterable<ChildNode> {
  if (!(element instanceof HTMLDetailsElement) || element.open) return element.childNodes;
  return element.querySelectorAll(':scope > summary');
}

/** A run of text within a line has no box of its own, unless it is drawn as one. */
function isInline({ display, backgroundColor, borderTopWidth }: CSSStyleDeclaration): boolean {
  return display === 'inline' && borderTopWidth === '0px' && backgroundColor === 'rgba(0, 0, 0, 0)';
}

function cuts(element: Element, { overflowX, overflowY }: CSSStyleDeclaration): boolean {
  if (overflowX === 'visible' && overflowY === 'visible') return false;
  return element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight;
}

function clipped(inside: readonly SVGElement[], box: Box, sheet: Sheet): SVGElement[] {
  const id = sheet.newId();
  return [draw('clipPath', { id }, draw('rect', { ...box })), draw('g', { 'clip-path': `url(#${id})` }, ...inside)];
}

/** A mark that a style sheet puts into an element: those that are placed, without words. */
function beside(
  element: Element,
  { borderTopWidth, borderLeftWidth }: CSSStyleDeclaration,
  which: '::before' | '::after',
  box: Box,
  sheet: Sheet,
): SVGElement[] {
  const style = getComputedStyle(element, which);
  if (style.content === 'none' || style.position !== 'absolute' || style.display === 'none') return [];
  const [left, top, width, height] = [style.left, style.top, style.width, style.height].map(Number.parseFloat);
  if ([left, top, width, height].some((length) => length === undefined || Number.isNaN(length))) return [];
  const place = {
    x: box.x + Number.parseFloat(borderLeftWidth) + (left ?? 0),
    y: box.y + Number.parseFloat(borderTopWidth) + (top ?? 0),
    width: (width ?? 0) + edges(style, 'Left', 'Right'),
    height: (height ?? 0) + edges(style, 'Top', 'Bottom'),
  };
  return boxShapes(style, place, sheet.newId);
}

function edges(style: CSSStyleDeclaration, one: 'Left' | 'Top', other: 'Right' | 'Bottom'): number {
  if (style.boxSizing === 'border-box') return 0;
  return Number.parseFloat(style[`border${one}Width`]) + Number.parseFloat(style[`border${other}Width`]);
}
