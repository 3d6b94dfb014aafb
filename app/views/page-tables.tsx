import { memo, useMemo } from 'react';
import { isCrowd } from '../draw/focus.ts';
import { isIn, type Stretch } from '../draw/stretch.ts';
import { layoutTree } from '../draw/tree.ts';
import { Column } from '../kit/column.tsx';
import { Ghosts } from '../kit/ghosts.tsx';
import { Pill } from '../kit/pill.tsx';
import { useSize } from '../kit/size.ts';
import { hueOf, shapeOf } from '../kit/thing.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { type AnyTree, openTreeOf, treeKey } from '../store/state.ts';
import { words } from '../words.ts';
import { GUTTER, hasDevice, isFault, TreePicture } from './tree-picture.tsx';

/** The column of page tables: one tree per address space, and those of DMA addresses; the one of the moment is open. */
export function PageTables() {
  const trees = usePage((page) => page.moment?.view.trees);
  const dmaTrees = usePage((page) => page.moment?.view.dmaTrees);
  const open = usePage(openTreeOf);
  const all: readonly AnyTree[] = [...(trees ?? []), ...(dmaTrees ?? [])];
  const folded = all.filter((one) => treeKey(one) !== open);
  const whole = all.find((one) => treeKey(one) === open);
  const stretch = usePage((page) => page.stretch);
  const tree = useMemo(() => whole && withinStretch(whole, stretch), [whole, stretch]);
  return (
    <Column id="tables" title={words.columns.tables}>
      {tree !== undefined && <Tree tree={tree} />}
      <div className={isCrowd(folded.length) ? 'folded-trees crowd' : 'folded-trees'}>
        {folded.map((one) => (
          <FoldedTree key={treeKey(one)} tree={one} crowd={isCrowd(folded.length)} />
        ))}
      </div>
      {trees !== undefined && all.length === 0 && <p className="empty">{words.none.trees}</p>}
    </Column>
  );
}

/** A tree without a walk that is outside of what is looked at. */
function withinStretch(tree: AnyTree, stretch: Stretch | null): AnyTree {
  if (stretch === null || tree.walk === null || isIn(stretch, tree.walk.event)) return tree;
  return { ...tree, walk: null };
}

/** The memory that a tree is of; a tree of DMA addresses is of no process. */
const mmOf = (tree: AnyTree): number | null => ('mm' in tree ? tree.mm : null);

function Owner({ tree, short = false }: { readonly tree: AnyTree; readonly short?: boolean }) {
  const mm = mmOf(tree);
  return (
    <>
      <span className={`dot ${mm === null ? 'ring' : shapeOf(mm)}`} aria-hidden="true" />
      <strong>{mm === null ? words.tree.dma(tree.name) : tree.name}</strong>
      {!short && <span className="mono muted">{words.tree.root(tree.root, tree.asid)}</span>}
    </>
  );
}

const FoldedTree = memo(function FoldedTree({ tree, crowd }: { readonly tree: AnyTree; readonly crowd: boolean }) {
  const { openTree } = useActions();
  const count = tree.levels.reduce((sum, { tables }) => sum + tables.length, 0);
  return (
    <button
      type="button"
      className="folded-tree"
      data-hue={hueOf(mmOf(tree))}
      data-box={`tree of ${tree.name}`}
      onClick={() => openTree(treeKey(tree))}
    >
      <Owner tree={tree} short={crowd} />
      <span className="grow" />
      <span className="muted small">{words.tree.tables(count)}</span>
      <span className="sr-only">, {words.tree.folded}</span>
    </button>
  );
});

const Tree = memo(function Tree({ tree }: { readonly tree: AnyTree }) {
  const [box, size] = useSize<HTMLDivElement>();
  const width = Math.max(0, size.width - GUTTER);
  const mm = mmOf(tree);
  const { walk } = tree;
  const drawn = useMemo(() => layoutTree(tree, { width, height: size.height }), [tree, width, size.height]);
  return (
    <article className="tree" data-hue={hueOf(mm)}>
      <div className="tree-head">
        <Owner tree={tree} />
        <span className="grow" />
        {mm !== null && <Ghosts of={`mm/${mm}`} shown={1} />}
      </div>
      <Roots tree={tree} />
      <div className="tree-picture" ref={box}>
        {width > 0 && <TreePicture tree={tree} drawn={drawn} />}
      </div>
      <p className="caption">
        {mm === null ? words.tree.deviceOnly : tree.pasid === null ? words.tree.unbound : words.tree.rule}{' '}
        {walk !== null && (
          <span className={isFault(walk.end) ? 'fault-text' : 'ink-text'}>{words.tree.walk(walk)}</span>
        )}
      </p>
    </article>
  );
});

/** Both roots end in the same strip: the CPU's from the left, the device's from the right. */
function Roots({ tree }: { readonly tree: AnyTree }) {
  const mm = mmOf(tree);
  const [cpuRoot, deviceRoot] = words.tree.roots(usePage((page) => page.moment?.view.backend ?? ''));
  return (
    <div className="roots" style={{ marginLeft: GUTTER }}>
      {mm === null ? (
        <span className="root-none muted small">{words.tree.noCpu}</span>
      ) : (
        <span className="root-tag mono" data-anchor={`ttbr/${treeKey(tree)}`} data-box={cpuRoot}>
          {cpuRoot}
        </span>
      )}
      <span className="grow" />
      {hasDevice(tree) ? (
        <span className="root-tag device mono" data-anchor={`ttb/${treeKey(tree)}`} data-box={deviceRoot}>
          {deviceRoot} {tree.pasid === null ? words.tree.noPasid : <Pill pasid={tree.pasid} mm={mm} />}
        </span>
      ) : (
        <span className="root-none muted small">{words.tree.noDevice}</span>
      )}
    </div>
  );
}
