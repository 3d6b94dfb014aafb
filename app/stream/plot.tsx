import { type Curve, ceilingOf, curveOf } from '../draw/sweep.ts';
import type { Sweep } from '../store/streaming.ts';
import { words } from '../words.ts';

const BOX = { width: 420, height: 170 };

/** Hit rate and latency against the size of the working set, as two curves and as a table. */
export function Plot({ sweep: { plan, points } }: { readonly sweep: Sweep }) {
  if (points.length === 0) return null;
  const [largest, hasAtc] = [plan.pages, plan.atc !== null];
  const rates = points.map(({ pages, hitRate }) => ({ pages, value: hitRate }));
  const latencies = points.map(({ pages, latency }) => ({ pages, value: latency }));
  const most = ceilingOf(points.map(({ latency }) => latency));
  const { hitRate, latency, percent, ns, axis, table, pages: told, source } = words.stream;
  return (
    <div className="stream-plots">
      <p className="stream-asked-for">{words.stream.asked(plan)}</p>
      <Figure title={hitRate(hasAtc)} curve={curveOf(rates, BOX, largest, 1, percent)} write={percent} />
      <Figure title={latency} curve={curveOf(latencies, BOX, largest, most, ns)} write={ns} />
      <p className="muted stream-axis">
        {axis}. {source}
      </p>
      <details>
        <summary>{table}</summary>
        <table className="stream-table">
          <thead>
            <tr>
              <th scope="col">{axis}</th>
              <th scope="col">{hitRate(hasAtc)}</th>
              <th scope="col">{latency}</th>
            </tr>
          </thead>
          <tbody>
            {points.map((point) => (
              <tr key={point.pages}>
                <th scope="row">{told(point.pages)}</th>
                <td>{percent(point.hitRate)}</td>
                <td>{ns(point.latency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}

interface FigureProps {
  readonly title: string;
  readonly curve: Curve;
  readonly write: (value: number) => string;
}

function Figure({ title, curve, write }: FigureProps) {
  const { path, dots, across, up, left, right, bottom } = curve;
  return (
    <figure className="stream-figure">
      <figcaption aria-hidden="true">{title}</figcaption>
      <svg viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={title}>
        {up.map(({ at, label }) => (
          <g key={label}>
            <line className="grid" x1={left} x2={right} y1={at} y2={at} />
            <text x={left - 6} y={at} textAnchor="end" dominantBaseline="middle">
              {label}
            </text>
          </g>
        ))}
        {across.map(({ at, label }) => (
          <text key={label} x={at} y={bottom + 16} textAnchor="middle">
            {label}
          </text>
        ))}
        <path d={path} />
        {dots.map(({ x, y, sample }) => (
          <circle key={sample.pages} cx={x} cy={y} r={3}>
            <title>{`${words.stream.pages(sample.pages)}: ${write(sample.value)}`}</title>
          </circle>
        ))}
      </svg>
    </figure>
  );
}
