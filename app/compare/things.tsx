import { useCallback, useState } from 'react';
import { typeset } from '../draw/text.ts';
import type { ThingDiff } from '../engine/contract.ts';
import { useActions, usePage } from '../store/context.tsx';
import type { Comparing } from '../store/state.ts';
import { words } from '../words.ts';
import { useLatest } from './latest.ts';

type Kind = Comparing['kind'];

/** Things that are listed until more are asked for. */
const AT_ONCE = 60;

/** How the machine differs between two events; null before the first answer. */
export function useDifferences(left: number, right: number, of: 'shown' | 'beside'): readonly ThingDiff[] | null {
  const { differences } = useActions();
  const run = usePage((page) => page.run);
  const other = usePage((page) => (page.comparing?.kind === 'runs' ? page.comparing.beside : null));
  // biome-ignore lint/correctness/useExhaustiveDependencies: other runs differ otherwise
  const ask = useCallback(
    async () => typeset(await differences(left, right, of)),
    [differences, left, right, of, run, other],
  );
  return useLatest(ask);
}

interface ThingsProps {
  readonly things: readonly ThingDiff[];
  readonly kind: Kind;
}

/** What differs, thing by thing, under the kind of each. */
export function Things({ things, kind }: ThingsProps) {
  const [limit, setLimit] = useState(AT_ONCE);
  if (things.length === 0) return <p className="muted">{words.compare.nothing}</p>;
  const shown = things.slice(0, limit);
  const groups = groupsOf(shown);
  return (
    <div className="things">
      {groups.map(([title, members]) => (
        <section key={title}>
          <h3>{title}</h3>
          {members.map((thing) => (
            <Difference key={`${thing.kind}/${thing.key}/${thing.title}`} thing={thing} kind={kind} />
          ))}
        </section>
      ))}
      {things.length > limit && (
        <button type="button" className="link" onClick={() => setLimit(things.length)}>
          {words.compare.more(things.length - limit)}
        </button>
      )}
    </div>
  );
}

function groupsOf(things: readonly ThingDiff[]): [string, ThingDiff[]][] {
  const groups = new Map<string, ThingDiff[]>();
  for (const thing of things) {
    const title = words.compare.kindOf(thing.kind);
    groups.set(title, [...(groups.get(title) ?? []), thing]);
  }
  return [...groups];
}

/** A thing with its fields; of one that is on one side only they are folded. */
function Difference({ thing, kind }: { readonly thing: ThingDiff; readonly kind: Kind }) {
  const { change, fields } = thing;
  const title = words.compare.titleOf(thing);
  if (change === 'changed') {
    return (
      <article className="difference">
        <h4>{title}</h4>
        <Fields thing={thing} kind={kind} />
      </article>
    );
  }
  return (
    <details className="difference">
      <summary>
        <h4>{title}</h4> <span className="badge">{words.compare.changes[kind][change]}</span>{' '}
        <span className="muted small">{words.compare.fields(fields.length)}</span>
      </summary>
      <Fields thing={thing} kind={kind} />
    </details>
  );
}

function Fields({ thing, kind }: { readonly thing: ThingDiff; readonly kind: Kind }) {
  return (
    <table aria-label={words.compare.titleOf(thing)}>
      <thead className="unseen">
        <tr>
          {[words.compare.field, ...words.compare.sidesOf[kind]].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {thing.fields.map(({ name, left, right }) => (
          <tr key={name}>
            <th scope="row" title={name}>
              {words.compare.fieldOf(thing.kind, name)}
            </th>
            <td className="mono">{left || '\u2013'}</td>
            <td className="mono after">{right || '\u2013'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
