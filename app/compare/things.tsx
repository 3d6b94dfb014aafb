import { useEffect, useRef, useState } from 'react';
import { typeset } from '../draw/text.ts';
import type { ThingDiff } from '../engine/contract.ts';
import { useActions, usePage } from '../store/context.tsx';
import type { Comparing } from '../store/state.ts';
import { words } from '../words.ts';

type Kind = Comparing['kind'];

/** Things that are listed until more are asked for. */
const AT_ONCE = 60;

/**
 * How the machine differs between two events. Of moments that are asked for while an answer is under way the last is
 * looked at next, the others never.
 */
export function useDifferences(left: number, right: number, of: 'shown' | 'beside'): readonly ThingDiff[] | null {
  const { differences } = useActions();
  const run = usePage((page) => page.run);
  const other = usePage((page) => (page.comparing?.kind === 'runs' ? page.comparing.beside : null));
  const [found, setFound] = useState<readonly ThingDiff[] | null>(null);
  const under = useRef({ way: false, next: () => undefined as unknown });
  // biome-ignore lint/correctness/useExhaustiveDependencies: other runs differ otherwise
  useEffect(() => {
    let wanted = true;
    const ask = async () => {
      under.current.next = () => undefined;
      under.current.way = true;
      const answer = await differences(left, right, of);
      under.current.way = false;
      if (wanted) setFound(typeset(answer));
      under.current.next();
    };
    if (under.current.way) under.current.next = () => wanted && ask();
    else void ask();
    return () => {
      wanted = false;
    };
  }, [differences, left, right, of, run, other]);
  return found;
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
    const title = words.compare.kindsOfThing[thing.kind] ?? thing.kind;
    groups.set(title, [...(groups.get(title) ?? []), thing]);
  }
  return [...groups];
}

/** A thing with its fields; of one that is on one side only they are folded. */
function Difference({ thing, kind }: { readonly thing: ThingDiff; readonly kind: Kind }) {
  const { title, change, fields } = thing;
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

function Fields({ thing: { title, fields }, kind }: { readonly thing: ThingDiff; readonly kind: Kind }) {
  return (
    <table aria-label={title}>
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
        {fields.map(({ name, left, right }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="mono">{left || '\u2013'}</td>
            <td className="mono after">{right || '\u2013'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
