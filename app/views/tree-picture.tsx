import { memo } from 'react';
import { leafRights, type PlacedLeaf } from '../draw/leaves.ts';
import { STRIP_HEIGHT, type Strip } from '../draw/strips.ts';
import { shortAddress } from '../draw/text.ts';
import { type DrawnTree, type DrawnWalk, LEAF_HEIGHT } from '../draw/tree.ts';
import { Mark, Thing } from '../kit/thing.tsx';
import { usePage } from '../store/context.tsx';
import type { AnyTree } from '../store/state.ts';
import { words } from '../words.ts';

/** Width of the names of the levels, left of the strips. */
export const GUTTER = 50;

export const isFault = (end: DrawnWalk['end']) => end === 'missing' || end === 'denied';

/** A process's tree is walked by devices once it has a PASID; one of DMA addresses always is. */
export const hasDevice = (tree: AnyTree): boolean => !('mm' in tree) || tree.pasid !== null;

interface PictureProps {
  readonly tree: AnyTree;
  readonly drawn: DrawnTree;
}

/** The strips of a tree, its threads and its frames, with the walk of the moment over them. */
export function TreePicture({ tree, drawn }: PictureProps) {
  const walk = drawn.walk;
  return (
    <>
      <LevelNames drawn={drawn} />
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: its parts have names */}
      <svg className="tree-svg" width={drawn.width} height={drawn.height} style={{ left: GUTTER }}>
        <g className="funnels">
          {drawn.funnels.map(({ key, path }) => (
            <path key={key} d={path} />
          ))}
        </g>
        <g className="leaf-threads">
          {drawn.threads.map(({ entry, path }) => (
            <path key={entry} d={path} />
          ))}
        </g>
        {drawn.levels.map(({ level, y, empty, strips }) =>
          empty ? (
            <rect
              key={level}
              className="ghost"
              x={0.5}
              y={y + 0.5}
              width={drawn.width - 1}
              height={STRIP_HEIGHT - 1}
              rx={2}
            />
          ) : (
            strips.map((strip) => <StripMark key={strip.key} strip={strip} level={level} />)
          ),
        )}
        <RootArrows width={drawn.width} cpu={'mm' in tree} device={hasDevice(tree)} />
        {walk !== null && <Walk walk={walk} />}
      </svg>
      <div className="leaves" style={{ left: GUTTER }}>
        {drawn.leaves.map((leaf) => (
          <Leaf key={leaf.leaf.from} leaf={leaf} y={drawn.leafY} denied={leaf.walked && walk?.end === 'denied'} />
        ))}
        {walk?.nothing && <Nothing walk={walk} />}
      </div>
    </>
  );
}

function LevelNames({ drawn }: { readonly drawn: DrawnTree }) {
  return drawn.levels.map(({ level, y, empty, strips }) => (
    <div key={level} className="level-name" style={{ top: y - 10, width: GUTTER }}>
      <b>{words.tree.levels[level]}</b>
      <span className={strips.length === 1 ? 'mono muted' : 'small muted'}>
        {empty ? words.tree.level(level) : strips.length === 1 ? strips[0]?.pfn : words.tree.tables(strips.length)}
      </span>
    </div>
  ));
}

const StripMark = memo(function StripMark({ strip, level }: { readonly strip: Strip; readonly level: number }) {
  const { key, pfn, x, y, width, ticks } = strip;
  return (
    <>
      <Mark
        name={key}
        label={words.tree.strip(level, pfn, ticks.length)}
        className="strip"
        {...{ x, y, width }}
        height={STRIP_HEIGHT}
      />
      {ticks.map((tick) => (
        <Mark
          key={tick.key}
          name={tick.key}
          label={words.tree.entry(level, tick.index, tick.to)}
          className="tick"
          x={tick.x}
          y={tick.to === '' ? y + STRIP_HEIGHT / 2 : y}
          width={tick.width}
          height={tick.to === '' ? STRIP_HEIGHT / 2 : STRIP_HEIGHT}
          reach={3}
        />
      ))}
    </>
  );
});

/** Short arrows from the two tags above down into the level 0 strip. */
function RootArrows({
  width,
  cpu,
  device,
}: {
  readonly width: number;
  readonly cpu: boolean;
  readonly device: boolean;
}) {
  const x = 22;
  return (
    <g className="root-arrows">
      {cpu && <path className="cpu" d={`M${x},-13V-3`} />}
      {cpu && <path className="head" d={`M${x - 5},-7L${x},0L${x + 5},-7Z`} />}
      {device && <path className="device" d={`M${width - x},-13V-3`} />}
      {device && <path className="head" d={`M${width - x - 5},-7L${width - x},0L${width - x + 5},-7Z`} />}
    </g>
  );
}

function Walk({ walk }: { readonly walk: DrawnWalk }) {
  const fault = isFault(walk.end) ? 'fault' : '';
  return (
    <g className={`walk ${walk.walker} ${fault}`}>
      <path className="walked" d={walk.path} />
      {walk.lost !== '' && <path className="lost" d={walk.lost} />}
      {walk.slot !== null && (
        <rect
          className="empty-slot"
          x={walk.slot.x - 3}
          y={walk.slot.y - 1}
          width={6}
          height={STRIP_HEIGHT + 2}
          rx={1}
        />
      )}
      {walk.labels.map(({ level, index, at: [x, y], side }, place) => (
        <text
          key={level}
          className={fault && place === walk.labels.length - 1 ? 'index fault' : 'index'}
          x={x + side * 7}
          y={y}
          textAnchor={side === 1 ? 'start' : 'end'}
        >
          [{index}]
        </text>
      ))}
    </g>
  );
}

interface LeafProps {
  readonly leaf: PlacedLeaf;
  readonly y: number;
  readonly denied: boolean;
}

const Leaf = memo(function Leaf({ leaf: { leaf, x, width, form, walked }, y, denied }: LeafProps) {
  const rights = leafRights(leaf);
  const pinned = usePage((page) => page.moment?.view.memory.pins.some(({ pfn }) => pfn === leaf.pfn) ?? false);
  const more = `${words.tree.leaf(shortAddress(leaf.page), rights)}${pinned ? `, ${words.tree.pinned}` : ''}`;
  return (
    <Thing
      name={leaf.key}
      {...(form === 'dot' ? { label: `${words.tree.pfn(leaf.pfn)}, ${more}` } : { more })}
      className={`leaf ${form} ${walked ? 'walked' : ''} ${denied ? 'denied' : ''} ${pinned ? 'pinned' : ''}`}
      style={{ left: x, top: y, width, height: form === 'card' ? LEAF_HEIGHT : undefined }}
    >
      {form === 'card' && (
        <>
          <b className="mono">{words.tree.pfn(leaf.pfn)}</b>
          <span className="mono muted">{denied ? words.tree.denied : rights}</span>
        </>
      )}
      {form === 'chip' && <span className="mono">{leaf.pfn}</span>}
    </Thing>
  );
});

function Nothing({ walk }: { readonly walk: DrawnWalk }) {
  if (walk.nothing === null) return null;
  const { x, y, width, height } = walk.nothing;
  const last = walk.labels.at(-1)?.level === 3;
  return (
    <div className="nothing mono" style={{ left: x, top: y, width, height }}>
      <b>{last ? words.tree.noFrame : words.tree.noTable}</b>
      {last && <span>{words.tree.empty}</span>}
    </div>
  );
}
