import type { ColumnId } from '../draw/columns.ts';

/** The columns of the scene from left to right, and how much room each takes where not all are shown, in px. */
const COLUMNS = [
  { id: 'processes', width: 220 },
  { id: 'tables', width: 372 },
  { id: 'iommu', width: 250 },
  { id: 'devices', width: 216 },
] as const;
/** Room between two columns, in px. */
const GAP = 30;

/**
 * Which columns of the scene to show so that a moment is told: all from the first to the last in which something happens,
 * and a neighbour of one that would stand alone. Nothing happens anywhere: all.
 */
export function toldColumns(happens: readonly boolean[]): readonly boolean[] {
  const [first, last] = [happens.indexOf(true), happens.lastIndexOf(true)];
  if (first < 0) return happens.map(() => true);
  if (first < last) return happens.map((_, place) => place >= first && place <= last);
  const beside = first === 0 ? 1 : first - 1;
  return happens.map((_, place) => place === first || place === beside);
}

/** Leaves out of a scene the columns in which nothing happens at its moment, but some; says which are left. */
export function leaveOutUntold(place: HTMLElement, also: ReadonlySet<ColumnId>): readonly string[] {
  const columns = COLUMNS.map(({ id }) => place.querySelector<HTMLElement>(`#column-${id}`));
  const happens = COLUMNS.map(
    ({ id }, index) => also.has(id) || columns[index]?.querySelector('.touched, .asked, .walk') != null,
  );
  const told = toldColumns(happens);
  const scene = place.querySelector<HTMLElement>('.scene');
  const shown = COLUMNS.filter((_, index) => told[index]);
  for (const [index, column] of columns.entries()) if (column !== null && !told[index]) column.style.display = 'none';
  if (scene !== null) scene.style.gridTemplateColumns = shown.map(({ width }) => `${width}px`).join(' ');
  if (scene !== null) scene.style.columnGap = `${GAP}px`;
  place.style.width = `${shown.reduce((sum, { width }) => sum + width + GAP, -GAP)}px`;
  return columns.filter((_, index) => told[index]).map((column) => column?.getAttribute('aria-label') ?? '');
}
