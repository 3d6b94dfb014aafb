import type { CellView, WalkView } from './engine/contract.ts';

/** A problem that is about no line, as a sentence of its own. */
export function sentenceOf(message: string): string {
  return `${message.slice(0, 1).toUpperCase()}${message.slice(1)}.`;
}

/** What a cell of an area stands for, and how its pages are. */
export function cellInWords({ page, pages, resident, swapped, asked }: CellView, pinned: number): string {
  const some = (count: number, what: string) => count > 0 && (pages === 1 ? what : `${count} ${what}`);
  const parts = [
    pages > 1 && `${pages} pages`,
    residency(pages, resident),
    some(swapped, 'swapped out'),
    some(pinned, 'pinned'),
    asked && 'asked for now',
  ];
  return `${page}: ${parts.filter(Boolean).join(', ')}`;
}

function residency(pages: number, resident: number): string {
  if (resident === 0) return pages === 1 ? 'no frame' : 'no frames';
  if (resident === pages) return pages === 1 ? 'has a frame' : 'all have frames';
  return `${resident} have frames`;
}

/** How far a walk has come. */
export function walkSentence({ walker, path, end }: WalkView): string {
  const last = path.at(-1);
  if (last === undefined) return '';
  const whose = walker === 'cpu' ? 'The CPU\u2019s walk' : 'The device\u2019s walk';
  const place = `level ${last.level}, slot ${last.index}`;
  switch (end) {
    case 'none':
      return `${whose} is at ${place}.`;
    case 'found':
      return `${whose} ends in a frame: ${place}.`;
    case 'missing':
      return `${whose} ended at ${place}: nothing there.`;
    case 'denied':
      return `${whose} ended at ${place}: not allowed.`;
  }
}
