import { type Attributes, draw, inColour } from './paint.ts';

/** What a line of text is written in. */
export function fontOf(style: CSSStyleDeclaration): Attributes {
  const spaced = style.letterSpacing === 'normal' ? undefined : style.letterSpacing;
  const numbers = style.fontVariantNumeric === 'normal' ? '' : `font-variant-numeric:${style.fontVariantNumeric};`;
  const ligatures = style.fontVariantLigatures === 'none' ? 'font-variant-ligatures:none;' : '';
  const extra = `${numbers}${ligatures}`;
  return {
    'font-family': style.fontFamily.replaceAll('"', "'"),
    'font-size': Number.parseFloat(style.fontSize),
    'font-weight': style.fontWeight === '400' ? undefined : style.fontWeight,
    'letter-spacing': spaced,
    style: extra === '' ? undefined : extra,
  };
}

interface Line {
  text: string;
  readonly left: number;
  right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The lines that a text is broken into, as they stand on the page. */
function linesOf(node: Text): Line[] {
  const lines: Line[] = [];
  const range = document.createRange();
  for (let index = 0; index < node.data.length; index += 1) {
    range.setStart(node, index);
    range.setEnd(node, index + 1);
    const [place] = range.getClientRects();
    if (place === undefined || place.width === 0) continue;
    const letter = /\s/.test(node.data[index] ?? '') ? ' ' : (node.data[index] ?? '');
    const line = lines.at(-1);
    if (line !== undefined && Math.abs(line.top - place.top) < 1) {
      line.text += letter;
      line.right = place.right;
    } else lines.push({ text: letter, left: place.left, right: place.right, top: place.top, bottom: place.bottom });
  }
  return lines.filter(({ text }) => text.trim() !== '');
}

/** A text node as lines of SVG text, each where it stands; the origin is that of the picture. */
export function textShapes(node: Text, style: CSSStyleDeclaration, origin: DOMPoint): SVGElement[] {
  const ascent = ascentOf(style);
  const shadow = style.textShadow === 'none' ? {} : halo(style.textShadow);
  return linesOf(node).map(({ text, left, right, top, bottom }) => {
    const shown = style.textTransform === 'uppercase' ? text.toUpperCase() : text;
    const made = draw('text', {
      x: left - origin.x,
      y: top - origin.y + (bottom - top) * ascent,
      // Where the fonts are missing, another one takes as much room.
      textLength: shown.length > 1 ? right - left : undefined,
      lengthAdjust: shown.length > 1 ? 'spacingAndGlyphs' : undefined,
      'xml:space': 'preserve',
      ...fontOf(style),
      ...inColour('fill', style.color),
      ...shadow,
    });
    made.textContent = shown;
    // Blanks that stand side by side, as in a chart: the attribute is heeded in a file, the style on the page.
    if (/ {2}|^ /.test(shown)) made.style.whiteSpace = 'pre';
    if (style.textDecorationLine === 'underline') made.setAttribute('text-decoration', 'underline');
    return made;
  });
}

/** What keeps words legible on a pattern. */
function halo(shadow: string): Attributes {
  const [colour = 'transparent'] = /^[a-z]+\([^)]*\)|^#\w+/.exec(shadow) ?? [];
  return { ...inColour('stroke', colour), 'stroke-width': 4, 'stroke-linejoin': 'round', 'paint-order': 'stroke' };
}

let ruler: CanvasRenderingContext2D | null = null;
const ascents = new Map<string, number>();

/** The part of a line's height that lies over its base line. */
function ascentOf({ fontWeight, fontSize, fontFamily }: CSSStyleDeclaration): number {
  const font = `${fontWeight} ${fontSize} ${fontFamily}`;
  const found = ascents.get(font);
  if (found !== undefined) return found;
  ruler ??= document.createElement('canvas').getContext('2d');
  if (ruler === null) return 0.78;
  ruler.font = font;
  const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = ruler.measureText('x');
  ascents.set(font, above / (above + below));
  return above / (above + below);
}
