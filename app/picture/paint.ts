/** How a colour or a gradient of CSS is said in an SVG that any program can draw. */

export const SVG = 'http://www.w3.org/2000/svg';

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An SVG element; attributes that are undefined are left out, numbers are rounded to hundredths of a pixel. */
export function draw(tag: string, attributes: Attributes, ...children: readonly Element[]): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, typeof value === 'number' ? String(round(value)) : value);
  }
  made.append(...children);
  return made;
}

export const round = (value: number): number => Math.round(value * 100) / 100;

export interface Colour {
  readonly hex: string;
  readonly alpha: number;
}

const known = new Map<string, Colour>();
let sample: CanvasRenderingContext2D | null = null;

/** A colour in whatever notation of CSS as hex and opacity: old programs know no other. */
export function colourOf(css: string): Colour {
  const found = known.get(css);
  if (found !== undefined) return found;
  sample ??= Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', {
    willReadFrequently: true,
  });
  if (sample === null) return { hex: '#000000', alpha: 1 };
  sample.clearRect(0, 0, 1, 1);
  sample.fillStyle = css;
  sample.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = sample.getImageData(0, 0, 1, 1).data;
  const hex = `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
  const colour = { hex, alpha: alpha / 255 };
  known.set(css, colour);
  return colour;
}

/** Attributes that fill or stroke with a colour. */
export function inColour(what: 'fill' | 'stroke', css: string): Attributes {
  const { hex, alpha } = colourOf(css);
  return alpha === 0 ? { [what]: 'none' } : { [what]: hex, [`${what}-opacity`]: alpha === 1 ? undefined : alpha };
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Splits at commas, or at blanks, that stand in no parentheses. */
export function parted(text: string, at: ',' | ' '): string[] {
  const parts: string[] = [];
  let [depth, part] = [0, ''];
  for (const letter of text) {
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    if (letter === at && depth === 0) {
      parts.push(part);
      part = '';
    } else part += letter;
  }
  return [...parts, part].map((each) => each.trim()).filter((each) => each !== '');
}

/** Paint servers for the layers of a background, the lowest first; a layer of an unknown kind is left out. */
export function layersOf(style: CSSStyleDeclaration, box: Box, newId: () => string): SVGElement[] {
  const sizes = parted(style.backgroundSize, ',');
  return parted(style.backgroundImage, ',')
    .flatMap((layer, index) => {
      const [, kind = '', inside = ''] = /^([a-z-]+)\((.*)\)$/s.exec(layer) ?? [];
      const parts = parted(inside, ',');
      if (kind.endsWith('linear-gradient')) return [linear(parts, box, kind.startsWith('repeating'), newId())];
      if (kind === 'radial-gradient') return dots(parts, sizes[index % sizes.length] ?? '', box, newId());
      return [];
    })
    .reverse();
}

const TOWARDS: Readonly<Record<string, number>> = { 'to top': 0, 'to right': 90, 'to bottom': 180, 'to left': 270 };

function linear(parts: readonly string[], box: Box, repeats: boolean, id: string): SVGElement {
  const [first = ''] = parts;
  const turned = /^(-?[\d.]+)deg$/.exec(first)?.[1];
  const corner = first === 'to right bottom' || first === 'to bottom right';
  const angle = turned !== undefined ? Number(turned) : corner ? cornerAngle(box) : (TOWARDS[first] ?? 180);
  const [sine, cosine] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
  const length = Math.abs(box.width * sine) + Math.abs(box.height * cosine);
  const stops = stopsIn(turned !== undefined || first.startsWith('to ') ? parts.slice(1) : parts, length);
  const end = repeats ? (stops.at(-1)?.at ?? length) : length;
  const from = { x: box.x + box.width / 2 - (sine * length) / 2, y: box.y + box.height / 2 + (cosine * length) / 2 };
  return draw(
    'linearGradient',
    {
      id,
      gradientUnits: 'userSpaceOnUse',
      spreadMethod: repeats ? 'repeat' : undefined,
      x1: from.x,
      y1: from.y,
      x2: from.x + sine * end,
      y2: from.y - cosine * end,
    },
    ...stops.map(({ colour: { hex, alpha }, at }) =>
      draw('stop', { offset: at / end, 'stop-color': hex, 'stop-opacity': alpha === 1 ? undefined : alpha }),
    ),
  );
}

/** The angle of a gradient into the lower right corner: its middle line goes through the two other corners. */
const cornerAngle = ({ width, height }: Box): number => 90 + (Math.atan2(width, height) * 180) / Math.PI;

interface Stop {
  readonly colour: Colour;
  /** In px along the gradient. */
  readonly at: number;
}

function stopsIn(parts: readonly string[], length: number): Stop[] {
  let last = 0;
  return parts.flatMap((part, index) => {
    const [css = '', ...places] = parted(part, ' ');
    const colour = colourOf(css);
    const own = places.length > 0 ? places : [`${(100 * index) / Math.max(1, parts.length - 1)}%`];
    return own.map((place) => {
      last = Math.max(last, lengthIn(place, length));
      return { colour, at: last };
    });
  });
}

/** A length, in percent or px or a sum of both. */
function lengthIn(text: string, whole: number): number {
  const terms = text.matchAll(/([+-]?)\s*([\d.]+)(%|px)/g);
  return [...terms].reduce((sum, [, sign, value, unit]) => {
    const size = unit === '%' ? (Number(value) * whole) / 100 : Number(value);
    return sum + (sign === '-' ? -size : size);
  }, 0);
}

/** A small dot in every tile. */
function dots(parts: readonly string[], size: string, box: Box, id: string): SVGElement[] {
  const [tile] = parted(size, ' ').map(Number.parseFloat);
  const place = /at ([\d.]+)px ([\d.]+)px/.exec(parts[0] ?? '');
  const [css = '', radius = '0px'] = parted(parts[1] ?? '', ' ');
  if (tile === undefined || Number.isNaN(tile) || place === null) return [];
  const [, cx = '0', cy = '0'] = place;
  const dot = draw('circle', { cx, cy, r: Number.parseFloat(radius), ...inColour('fill', css) });
  const { x, y } = box;
  return [draw('pattern', { id, patternUnits: 'userSpaceOnUse', x, y, width: tile, height: tile }, dot)];
}
