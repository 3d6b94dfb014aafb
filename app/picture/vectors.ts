import { fontOf } from './letters.ts';
import { type Attributes, draw, inColour } from './paint.ts';

/** Attributes that say what a shape is; everything else of it comes from the style sheets. */
const GEOMETRY = [
  ...['d', 'x', 'y', 'x1', 'y1', 'x2', 'y2', 'cx', 'cy', 'r', 'rx', 'ry', 'width', 'height', 'points'],
  ...['transform', 'text-anchor'],
];
const SHAPES = ['path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon', 'text'];

/** An SVG of the page as a group, with its styles written into it. */
export function vectorShapes(svg: SVGSVGElement, origin: DOMPoint): SVGElement[] {
  const place = svg.getScreenCTM();
  if (place === null) return [];
  const { a, b, c, d, e, f } = place;
  const moved = [a, b, c, d, e - origin.x, f - origin.y].map((part) => Math.round(part * 1000) / 1000);
  return [draw('g', { transform: `matrix(${moved.join(' ')})` }, ...[...svg.children].flatMap(shapesOf))];
}

function shapesOf(element: Element): SVGElement[] {
  if (element.localName === 'g') {
    const inside = [...element.children].flatMap(shapesOf);
    const { opacity } = getComputedStyle(element);
    const transform = element.getAttribute('transform') ?? undefined;
    return inside.length === 0
      ? []
      : [draw('g', { opacity: opacity === '1' ? undefined : opacity, transform }, ...inside)];
  }
  if (!SHAPES.includes(element.localName)) return [];
  const style = getComputedStyle(element);
  if (style.visibility === 'hidden' || style.display === 'none') return [];
  const shape = draw(element.localName, { ...geometryOf(element), ...inkOf(style, element.localName) });
  if (element.localName === 'text') shape.textContent = element.textContent;
  const head = style.markerEnd === 'none' ? null : headOf(element, style);
  return head === null ? [shape] : [shape, head];
}

function geometryOf(element: Element): Attributes {
  return Object.fromEntries(GEOMETRY.map((name) => [name, element.getAttribute(name) ?? undefined]));
}

function inkOf(style: CSSStyleDeclaration, tag: string): Attributes {
  const dashes = style.strokeDasharray === 'none' ? undefined : style.strokeDasharray.replaceAll('px', '');
  const hasLine = style.stroke !== 'none';
  return {
    ...(style.fill === 'none' ? { fill: 'none' } : inColour('fill', style.fill)),
    ...(hasLine ? inColour('stroke', style.stroke) : {}),
    'stroke-width': hasLine ? Number.parseFloat(style.strokeWidth) : undefined,
    'stroke-dasharray': hasLine ? dashes : undefined,
    'stroke-linecap': style.strokeLinecap === 'butt' ? undefined : style.strokeLinecap,
    'stroke-linejoin': style.strokeLinejoin === 'miter' ? undefined : style.strokeLinejoin,
    'paint-order': style.paintOrder === 'normal' ? undefined : style.paintOrder,
    opacity: style.opacity === '1' ? undefined : style.opacity,
    ...(tag === 'text' ? fontOf(style) : {}),
  };
}

const HEAD = 8;

/** The head of an arrow as a shape of its own: not every program knows markers that take the colour of their line. */
function headOf(element: Element, style: CSSStyleDeclaration): SVGElement | null {
  if (!(element instanceof SVGPathElement)) return null;
  const length = element.getTotalLength();
  const [end, before] = [element.getPointAtLength(length), element.getPointAtLength(Math.max(0, length - 2))];
  const angle = (Math.atan2(end.y - before.y, end.x - before.x) * 180) / Math.PI;
  return draw('path', {
    d: `M${1 - HEAD},${-HEAD / 2}L1,0L${1 - HEAD},${HEAD / 2}Z`,
    transform: `translate(${end.x.toFixed(2)} ${end.y.toFixed(2)}) rotate(${angle.toFixed(1)})`,
    ...inColour('fill', style.stroke),
  });
}
