const PATHS = {
  first: 'M5 4v12M16 4 8 10l8 6z',
  back: 'M14 4 6 10l8 6z',
  play: 'M6 3.5 16 10 6 16.5z',
  pause: 'M6 4h3v12H6zM11.5 4h3v12h-3z',
  forward: 'M6 4l8 6-8 6z',
  last: 'M15 4v12M4 4l8 6-8 6z',
  close: 'M5 5l10 10M15 5 5 15',
  chevron: 'M7 5l5 5-5 5',
  more: 'M3 8V3h5M12 3h5v5M17 12v5h-5M8 17H3v-5',
  less: 'M8 3v5H3M17 8h-5V3M12 17v-5h5M3 12h5v5',
  flag: 'M5 18V3h9l-2.5 3.5L14 10H5',
  table: 'M3 5h14M3 10h14M3 15h14M7 5v10',
  chart: 'M5 3v14M15 3v14M5 7h9M12 5l2.5 2L12 9M15 13H6M8 11l-2.5 2L8 15',
  fold: 'M5 12l5-5 5 5',
  undo: 'M7 4 3.5 7.5 7 11M4 7.5h7.5a4.5 4.5 0 0 1 0 9H8',
  redo: 'M13 4l3.5 3.5L13 11M16 7.5H8.5a4.5 4.5 0 0 0 0 9H12',
  search: 'M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 1 0 0-11zM13 13l4 4',
  light:
    'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 1 0 0-7zM10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M4.3 15.7l1.4-1.4M14.3 5.7l1.4-1.4',
  dark: 'M16 11.5A6.5 6.5 0 0 1 8.5 4 6.5 6.5 0 1 0 16 11.5z',
  system: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14z',
} as const;

export type IconName = keyof typeof PATHS;

const OUTLINED: readonly IconName[] = [
  'close',
  'chevron',
  'search',
  'undo',
  'redo',
  'fold',
  'flag',
  'more',
  'less',
  'table',
  'chart',
  'light',
  'dark',
  'system',
];

/** A picture of a few strokes beside a word or instead of one; it has no name of its own. */
export function Icon({ name }: { readonly name: IconName }) {
  const outlined = OUTLINED.includes(name);
  return (
    <svg viewBox="0 0 20 20" className={outlined ? 'icon outlined' : 'icon'} aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
