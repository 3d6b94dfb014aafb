import { EXHIBIT_WIDTH, exhibitPicture, HEAD_LINE } from '../draw/exhibit.ts';
import type { ExhibitView } from '../engine/contract.ts';
import { hueOf } from '../kit/thing.tsx';
import { words } from '../words.ts';

const CROSS = 6;

/** Who moved in which order, up to the event that breaks the invariant. */
export function Picture({ view }: { readonly view: ExhibitView | undefined }) {
  if (view === undefined) return <div className="exhibit-picture muted small">{words.museum.drawing}</div>;
  const { height, top, heads, dots, path, cross } = exhibitPicture(view);
  return (
    <div className="exhibit-picture">
      <svg
        viewBox={`0 0 ${EXHIBIT_WIDTH} ${height}`}
        width={EXHIBIT_WIDTH}
        height={height}
        role="img"
        aria-label={words.museum.picture(view.columns, view.turns.length, view.event)}
      >
        {heads.map(({ x, lines }) => (
          <g key={x}>
            {lines.map((line, index) => (
              <text key={line} x={x} y={HEAD_LINE * (index + 1) - 1}>
                {line}
              </text>
            ))}
            <path className="lane" d={`M${x},${top - 8}V${height - 4}`} />
          </g>
        ))}
        <path className="turns" d={path} />
        {dots.map(({ x, y, mm }) => (
          <circle key={y} cx={x} cy={y} r={2.6} data-hue={hueOf(mm)} />
        ))}
        <path
          className="cross"
          d={`M${cross.x - CROSS},${cross.y - CROSS}l${2 * CROSS},${2 * CROSS}M${cross.x + CROSS},${cross.y - CROSS}l${-2 * CROSS},${2 * CROSS}`}
        />
      </svg>
    </div>
  );
}
