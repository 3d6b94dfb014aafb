import { draw } from './paint.ts';

/** Dots of a PNG for each pixel of the page: enough for paper and for a big screen. */
const SCALE = 2;

/** An SVG that stands alone: with the fonts it is written in, what it is called and where it comes from. */
export async function svgFile(picture: SVGSVGElement, title: string, source: string): Promise<Blob> {
  const copy = picture.cloneNode(true) as SVGSVGElement;
  const name = draw('title', {});
  name.textContent = title;
  const from = draw('desc', {});
  from.textContent = source;
  const style = draw('style', {});
  style.textContent = await fontFaces();
  copy.prepend(name, from, style);
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' });
}

/** The same as dots. */
export async function pngFile(svg: Blob, { width, height }: { readonly width: number; readonly height: number }) {
  const url = URL.createObjectURL(svg);
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: width * SCALE, height: height * SCALE });
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  return new Promise<Blob>((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error('no PNG could be made')) : resolve(blob)), 'image/png');
  });
}

let faces: Promise<string> | null = null;

/** The page's own font faces, each with its file inside. */
function fontFaces(): Promise<string> {
  faces ??= Promise.all(fontRules().map(faceOf)).then((all) => all.join('\n'));
  return faces;
}

function fontRules(): CSSFontFaceRule[] {
  return [...document.styleSheets].flatMap((sheet) =>
    [...sheet.cssRules].filter((rule): rule is CSSFontFaceRule => rule instanceof CSSFontFaceRule),
  );
}

async function faceOf({ style, parentStyleSheet }: CSSFontFaceRule): Promise<string> {
  const [, path = ''] = /url\("?([^")]+)"?\)/.exec(style.getPropertyValue('src')) ?? [];
  const answer = await fetch(new URL(path, parentStyleSheet?.href ?? location.href));
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  const family = style.getPropertyValue('font-family');
  const weight = style.getPropertyValue('font-weight');
  const source = `url(data:font/woff2;base64,${btoa(letters)}) format("woff2")`;
  return `@font-face{font-family:${family};font-weight:${weight};src:${source}}`;
}
