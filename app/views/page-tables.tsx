import { memo, useMemo } from 'react';
import { leafRights, type PlacedLeaf } from '../draw/leaves.ts';
import { STRIP_HEIGHT, type Strip } from '../draw/strips.ts';
import { shortAddress } from '../draw/text.ts';
import { type DrawnTree, type DrawnWalk, LEAF_HEIGHT, layoutTree } from '../draw/tree.ts';
import type { TreeView } from '../engine/contract.ts';
import { Column } from '../kit/column.tsx';
import { Pill } from '../kit/pill.tsx';
import { useSize } from '../kit/size.ts';
import { hueOf, Mark, shapeOf, Thing } from '../kit/thing.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { openTreeOf } from '../store/state.ts';
import { words } from '../words.ts';

/** Width of the names of the levels, left of the strips. */
const GUTTER = 50;

/** The column of page tables: one tree per address space, the one of the moment open. */
export function PageTables() {
  const trees = usePage((page) => page.moment?.view.trees);
  const open = usePage(openTreeOf);
  const folded = trees?.filter(({ mm }) => mm !== open) ?? [];
  const tree = trees?.find(({ mm }) => mm === open);
  return (
    <Column id="tables" title={words.columns.tables}>
      {tree !== undefined && <Tree tree={tree} />}
      {folded.map((one) => (
        <FoldedTree key={one.mm} tree={one} />
      ))}
      {trees?.length === 0 && <p className="empty">{words.none.trees}</p>}
    </Column>
  );
}

const FoldedTree = memo(function FoldedTree({ tree }: { readonly tree: TreeView }) {
  const { openTree } = useActions();
  const count = tree.levels.reduce((sum, { tables }) => sum + tables.length, 0);
  return (
    <button
      type="button"
      className="folded-tree"
      data-hue={hueOf(tree.mm)}
      data-box={`tree of ${tree.name}`}
      onClick={() => openTree(tree.mm)}
    >
      <span className={`dot ${shapeOf(tree.mm)}`} aria-hidden="true" />
      <strong>{tree.name}</strong>
      <span className="mono muted">{words.tree.root(tree.root, tree.asid)}</span>
      <span className="grow" />
      <span className="muted small">{words.tree.tables(count)}</span>
      <span className="sr-only">, {words.tree.folded}</span>
    </button>
  );
});

const Tree = memo(function Tree({ tree }: { readonly tree: TreeView }) {
  const [box, size] = useSize<HTMLDivElement>();
  const width = Math.max(0, size.width - GUTTER);
  const drawn = useMemo(() => layoutTree(tree, { width, height: size.height }), [tree, width, size.height]);
  return (
    <article className="tree" data-hue={hueOf(tree.mm)}>
      <div className="tree-head">
        <span className={`dot ${shapeOf(tree.mm)}`} aria-hidden="true" />
        <strong>{tree.name}</strong>
        <span className="mono muted">{words.tree.root(tree.root, tree.asid)}</span>
      </div>
      <Roots tree={tree} />
      <div className="tree-picture" ref={box}>
        {width > 0 && <TreePicture tree={tree} drawn={drawn} />}
      </div>
      <p className="caption">
        {tree.pasid === null ? words.tree.unbound : words.tree.rule}{' '}
        {tree.walk !== null && (
          <span className={isFault(tree.walk.end) ? 'fault-text' : 'ink-text'}>{words.tree.walk(tree.walk)}</span>
        )}
      </p>
    </article>
  );
});

const isFault = (end: DrawnWalk['end']) => end === 'missing' || end === 'denied';

/** Both roots end in the same strip: the CPU's from the left, the device's from the right. */
function Roots({ tree }: { readonly tree: TreeView }) {
  return (
    <div className="roots" style={{ marginLeft: GUTTER }}>
      <span className="root-tag mono" data-anchor={`ttbr/${tree.mm}`} data-box="TTBR0">
        {words.tree.cpuRoot}
      </span>
      <span className="grow" />
      {tree.pasid === null ? (
        <span className="root-none muted small">{words.tree.noDevice}</span>
      ) : (
        <span className="root-tag device mono" data-anchor={`ttb/${tree.mm}`} data-box="TTB0">
          {words.tree.deviceRoot} <Pill pasid={tree.pasid} mm={tree.mm} />
        </span>
      )}
    </div>
  );
}

interface PictureProps {
  readonly tree: TreeView;
  readonly drawn: DrawnTree;
}

function TreePicture({ tree, drawn }: PictureProps) {
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
        <RootArrows width={drawn.width} device={tree.pasid !== null} />
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
          y={y}
          width={tick.width}
          height={STRIP_HEIGHT}
          reach={3}
        />
      ))}
    </>
  );
});

/** Short arrows from the two tags above down into the level 0 strip. */
function RootArrows({ width, device }: { readonly width: number; readonly device: boolean }) {
  const x = 22;
  return (
    <g className="root-arrows">
      <path className="cpu" d={`M${x},-13V-3`} />
      <path className="head" d={`M${x - 5},-7L${x},0L${x + 5},-7Z`} />
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
  const more = words.tree.leaf(shortAddress(leaf.page), rights);
  return (
    <Thing
      name={leaf.key}
      {...(form === 'dot' ? { label: `${words.tree.pfn(leaf.pfn)}, ${more}` } : { more })}
      className={`leaf ${form} ${walked ? 'walked' : ''} ${denied ? 'denied' : ''}`}
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
