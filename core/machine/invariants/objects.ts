import { unbindIoctl } from '../../drivers/accel/accel.ts';
import type { Actor } from '../../sim/actor.ts';
import { type StackFrame, stepOf } from '../../sim/procedure.ts';
import type { Row } from '../../world/row.ts';
import type { Table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { type Invariant, ofActors, stepIn } from './invariant.ts';

export const OBJECT_INVARIANTS: readonly Invariant[] = [
  {
    id: 'freed-objects',
    stands: ['I25'],
    claim: 'Nobody goes on with an object that was freed.',
    cases: 'actors with something to do',
    ...ofActors((actor) => actor.frame !== null, freedObject),
  },
];

/** What a program names in a call: it is looked for under a lock, and may be gone by then (ENODEV). */
const HANDLES = ['space'];
/** So is the process whose bond is to be ended: until the driver has looked for it, and answers ESRCH. */
const UNBIND = stepIn(unbindIoctl, 'enter');
const UNBIND_HANDLES = ['mm', 'task'];

const isHandle = ({ step }: StackFrame, key: string): boolean =>
  HANDLES.includes(key) || (step === UNBIND && UNBIND_HANDLES.includes(key));

/** A local that is named after a table is the id of a row of it, negative for none. */
function freedObject(world: World, { frame, name }: Actor): string | null {
  for (let each = frame; each !== null; each = each.caller) {
    const { keys, procedure } = stepOf(each);
    for (const key of keys) {
      const id = each.locals[key] as number;
      const table = id < 0 || isHandle(each, key) ? undefined : tableNamed(world, key);
      if (table !== undefined && table.find(world, id) === undefined)
        return `${name} goes on in ${procedure}() with a freed ${key}`;
    }
  }
  return null;
}

const tables = new Map<string, Table<Row> | undefined>();

/** The table of a name, found once: the tables of all machines are the same. */
function tableNamed({ schema }: World, name: string): Table<Row> | undefined {
  if (!tables.has(name))
    tables.set(
      name,
      schema.tables.find((table) => table.name === name),
    );
  return tables.get(name);
}
