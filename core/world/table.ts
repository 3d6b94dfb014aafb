import { assert, InvariantError, present } from '../lib/assert.ts';
import { finish0, finish1, hashText, mix0, mix1, wide0, wide1 } from '../lib/hash.ts';
import { FrameSlots } from './page-frame.ts';
import type { Draft, FieldKind, Fields, Row, Sealed } from './row.ts';
import { World } from './world.ts';

type Cells = Readonly<Record<string, number | string | Sealed | null>>;
/** The cells of one row while it is compared with another; rows are read by for-in, which needs no look-up by name. */
const scratch: unknown[] = [];
let freezing = false;

/** Rows and stacks are frozen in tests and development: an edit in place is then an error instead of a riddle. */
export function freezeRows(on: boolean): void {
  freezing = on;
}

/** The same thing, frozen where `freezeRows` says so. */
export function frozen<T extends object>(thing: T): T {
  return freezing ? Object.freeze(thing) : thing;
}

/** A table is a handle: what its rows look like and where a world keeps them. The slice that owns it exports it. */
export class Table<R extends Row> {
  readonly name: string;
  /** Its place in the schema, given by `schemaOf`. */
  at = -1;
  private readonly fields: Fields<R>;
  private layout: readonly FieldKind[] = [];
  private readonly seed: number;
  private readonly copy: (id: number, from: Draft<R>) => R;

  constructor(name: string, fields: Fields<R>, copy: (id: number, from: Draft<R>) => R) {
    this.name = name;
    this.fields = fields;
    this.seed = hashText(name);
    this.copy = copy;
  }

  get(world: World, id: number): R {
    const row = world.rowOf(this.at, id) as R | undefined;
    if (row === undefined) throw new InvariantError(`${this.name} ${id} exists`);
    return row;
  }

  find(world: World, id: number): R | undefined {
    return world.rowOf(this.at, id) as R | undefined;
  }

  /** All slots, free ones as undefined: the id of a row is its index. */
  slots(world: World): readonly (R | undefined)[] {
    return world.rowsOf(this.at) as readonly (R | undefined)[];
  }

  all(world: World): R[] {
    return this.slots(world).filter((row): row is R => row !== undefined);
  }

  /** What `view` says of each row, from the row alone; it is one function, not made anew for each call. */
  viewed(world: World, view: (row: R) => string): string[] {
    world.reads?.views.set(view, this.at);
    const { reads } = world;
    world.reads = null;
    const texts = this.all(world).map(view);
    world.reads = reads;
    return texts;
  }

  /** The first row, in the order of ids, for which `test` holds. */
  first(world: World, test: (row: R) => boolean): R | undefined {
    if (world.reads !== null) return this.firstNoted(world, test);
    for (const row of this.slots(world)) if (row !== undefined && test(row)) return row;
    return undefined;
  }

  /** The same, noting that the rows after it were not looked at; where there is none, all of the table was. */
  private firstNoted(world: World, test: (row: R) => boolean): R | undefined {
    for (let id = 0; id < world.slotsIn(this.at); id++) {
      const row = this.find(world, id);
      if (row !== undefined && test(row)) return row;
    }
    world.rowsOf(this.at);
    return undefined;
  }

  /** Takes the lowest free id, so that equal states have equal ids. */
  insert(world: World, draft: Draft<R>): R {
    const rows = world.rowsOf(this.at);
    let id = 0;
    while (id < rows.length && rows[id] !== undefined) id++;
    return this.put(world, this.copy(id, draft));
  }

  /** Replaces the row by a copy that `change` may set fields of: the only moment when a row is mutable. */
  edit(world: World, id: number, change: (draft: Draft<R>) => void): R {
    const row = this.copy(id, this.get(world, id) as unknown as Draft<R>);
    change(row as unknown as Draft<R>);
    return this.put(world, row);
  }

  remove(world: World, id: number): void {
    this.get(world, id);
    world.setRow(this.at, id, undefined);
  }

  private put(world: World, row: R): R {
    this.hash(row);
    const kept = world.journal === null ? row : world.pool.intern(row, this.equal);
    world.setRow(this.at, kept.id, frozen(kept));
    return kept;
  }

  /** A row that a world elsewhere has made, as this one keeps it. Its sealed cells have to be this world's own already. */
  adopt(world: World, row: R): R {
    const own = this.copy(row.id, row as unknown as Draft<R>);
    this.hash(own);
    return frozen(world.pool.intern(own, this.equal));
  }

  /** Sets the row's share of the fingerprint from all that is not a name. */
  hash(row: R): void {
    const layout = this.layoutOf(row);
    const cells = row as unknown as Cells;
    let a = this.seed;
    let b = this.seed;
    let i = 0;
    for (const key in cells) {
      const kind = layout[i++];
      if (kind === 'name') continue;
      const value = cells[key];
      if (kind === 'int') {
        a = wide0(a, value as number);
        b = wide1(b, value as number);
      } else if (kind === 'text') {
        const word = hashText(value as string);
        a = mix0(a, word);
        b = mix1(b, word);
      } else {
        a = mix0(a, value === null ? 1 : (value as Sealed).h0);
        b = mix1(b, value === null ? 1 : (value as Sealed).h1);
      }
    }
    row.h0 = finish0(a);
    row.h1 = finish1(b);
  }

  /** The kinds of all properties in the order in which `copy` lays them out, learnt from the first row. */
  private layoutOf(row: R): readonly FieldKind[] {
    if (this.layout.length === 0) {
      const kinds: Readonly<Record<string, FieldKind>> = { id: 'int', h0: 'name', h1: 'name', ...this.fields };
      this.layout = Object.keys(row).map((key) => present(kinds[key], `${this.name}.${key} is a declared field`));
    }
    return this.layout;
  }

  /** Whether two rows of this table are the same in every field; rows of one table list their fields in one order. */
  readonly equal = (a: R, b: R): boolean => {
    let i = 0;
    for (const key in a) {
      const value = a[key];
      scratch[i++] = value;
    }
    i = 0;
    for (const key in b) {
      const value = b[key];
      if (scratch[i++] !== value) return false;
    }
    return true;
  };

  /** The fields of a row with their kinds, for export and inspection. */
  describe(): readonly { readonly key: string; readonly kind: FieldKind }[] {
    return Object.entries<FieldKind>(this.fields).map(([key, kind]) => ({ key, kind }));
  }

  /** A row with the same cells and its hashes taken anew: what the fingerprint test compares with. */
  fresh(row: R): R {
    const again = this.copy(row.id, row as unknown as Draft<R>);
    this.hash(again);
    return again;
  }
}

export function table<R extends Row>(
  name: string,
  fields: Fields<R>,
  copy: (id: number, from: Draft<R>) => R,
): Table<R> {
  return new Table(name, fields, copy);
}

/** All tables of a machine, listed by whoever assembles it. */
export interface Schema {
  readonly tables: readonly Table<Row>[];
}

/** Gives each table its place. A table can be in one schema only. */
// biome-ignore lint/suspicious/noExplicitAny: tables of all row types stand in one list
export function schemaOf(tables: readonly Table<any>[]): Schema {
  const names = new Set(tables.map((each) => each.name));
  assert(names.size === tables.length, 'table names are unique');
  tables.forEach((each, at) => {
    assert(each.at === -1 || each.at === at, `table ${each.name} is in one schema only`);
    each.at = at;
  });
  return { tables };
}

/** A world without a row, whose memory is `ramPages` pages from page `ramFirst` on. */
export function createWorld(schema: Schema, ramFirst: number, ramPages: number, densePages = ramPages): World {
  return new World(schema, new FrameSlots(ramFirst, ramPages, densePages));
}
