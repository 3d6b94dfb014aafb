import { type Attributes, type Box, colourOf, draw, inColour, layersOf } from './paint.ts';

const SIDES = ['Top', 'Right', 'Bottom', 'Left'] as const;

interface Edge {
  readonly width: number;
  readonly style: string;
  readonly colour: string;
}

/** The background, the border and the outline of an element that stands in a box. */
export function boxShapes(style: CSSStyleDeclaration, box: Box, newId: () => string): SVGElement[] {
  if (box.width <= 0 || box.height <= 0) return [];
  const edges = SIDES.map((side) => ({
    width: Number.parseFloat(style[`border${side}Width`]),
    style: style[`border${side}Style`],
    colour: style[`border${side}Color`],
  }));
  const radius = Math.min(Number.parseFloat(style.borderTopLeftRadius) || 0, box.width / 2, box.height / 2);
  if (isTurned(style)) return diamond(style, box, edges[0] as Edge);
  return [...backgrounds(style, box, radius, newId), ...borders(edges, box, radius), ...outline(style, box, radius)];
}

function backgrounds(style: CSSStyleDeclaration, box: Box, radius: number, newId: () => string): SVGElement[] {
  const shape = { ...box, rx: radius === 0 ? undefined : radius };
  const plain = colourOf(style.backgroundColor).alpha === 0 ? [] : [inColour('fill', style.backgroundColor)];
  const layers = layersOf(style, box, newId);
  return [
    ...plain.map((fill) => draw('rect', { ...shape, ...fill })),
    ...layers.flatMap((layer) => [layer, draw('rect', { ...shape, fill: `url(#${layer.id})` })]),
  ];
}

const isSeen = ({ width, style, colour }: Edge): boolean =>
  width > 0 && style !== 'none' && style !== 'hidden' && colourOf(colour).alpha > 0;

function borders(edges: readonly Edge[], box: Box, radius: number): SVGElement[] {
  const [top] = edges;
  const even = edges.every(
    ({ width, style, colour }) => width === top?.width && style === top.style && colour === top.colour,
  );
  if (top !== undefined && even) return isSeen(top) ? [ring(top, box, radius)] : [];
  return edges.flatMap((edge, side) => (isSeen(edge) ? [oneSide(edges, side, box)] : []));
}

function ring(edge: Edge, { x, y, width, height }: Box, radius: number): SVGElement {
  const half = edge.width / 2;
  return draw('rect', {
    ...{ x: x + half, y: y + half, width: width - edge.width, height: height - edge.width },
    rx: radius === 0 ? undefined : Math.max(0, radius - half),
    fill: 'none',
    ...lineOf(edge),
  });
}

function lineOf({ width, style, colour }: Edge): Attributes {
  const dashes = style === 'dashed' ? `${width * 2.4} ${width * 1.8}` : undefined;
  const points = style === 'dotted' ? `0 ${width * 2}` : undefined;
  return {
    ...inColour('stroke', colour),
    'stroke-width': width,
    'stroke-dasharray': dashes ?? points,
    'stroke-linecap': points === undefined ? undefined : 'round',
  };
}

/** One side where they are not alike: as CSS mitres them, so that a box of nothing but borders is a triangle. */
function oneSide(edges: readonly Edge[], side: number, box: Box): SVGElement {
  const [top = 0, right = 0, bottom = 0, left = 0] = edges.map(({ width }) => width);
  const outer = cornersOf(box);
  const inner = cornersOf({
    ...{ x: box.x + left, y: box.y + top },
    ...{ width: box.width - left - right, height: box.height - top - bottom },
  });
  const next = (side + 1) % 4;
  const edge = edges[side] as Edge;
  const corners = [outer[side], outer[next], inner[next], inner[side]].map((corner) => corner ?? [0, 0]);
  if (edge.style === 'solid') return draw('polygon', { points: corners.join(' '), ...inColour('fill', edge.colour) });
  const middle = (one = 0, other = 1) =>
    [0, 1].map((axis) => ((corners[one]?.[axis] ?? 0) + (corners[other]?.[axis] ?? 0)) / 2);
  return draw('path', { d: `M${middle(0, 3)}L${middle(1, 2)}`, fill: 'none', ...lineOf(edge) });
}

/** From the upper left one clockwise. */
function cornersOf({ x, y, width, height }: Box): readonly (readonly number[])[] {
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
}

function outline(style: CSSStyleDeclaration, { x, y, width, height }: Box, radius: number): SVGElement[] {
  const edge = {
    width: Number.parseFloat(style.outlineWidth),
    style: style.outlineStyle,
    colour: style.outlineColor,
  };
  if (!isSeen(edge)) return [];
  const away = Number.parseFloat(style.outlineOffset) + edge.width;
  return [
    ring(
      edge,
      { x: x - away, y: y - away, width: width + 2 * away, height: height + 2 * away },
      radius === 0 ? 0 : radius + away,
    ),
  ];
}

/** A square that stands on its corner: nothing else on the page is turned. */
function isTurned({ transform }: CSSStyleDeclaration): boolean {
  const [, skew = '0'] = /^matrix\([^,]+, ([^,]+),/.exec(transform) ?? [];
  return Math.abs(Number(skew)) > 0.1;
}

function diamond(style: CSSStyleDeclaration, { x, y, width, height }: Box, edge: Edge): SVGElement[] {
  const [right, bottom] = [x + width, y + height];
  const [middle, centre] = [x + width / 2, y + height / 2];
  const points = `${middle},${y} ${right},${centre} ${middle},${bottom} ${x},${centre}`;
  const stroke = isSeen(edge) ? lineOf(edge) : {};
  return [draw('polygon', { points, ...inColour('fill', style.backgroundColor), ...stroke })];
}
