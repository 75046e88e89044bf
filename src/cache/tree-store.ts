/**
 * The tree's rows in SQLite with the entries used lately in front: the one place that reads and writes them, without
 * asking what they mean. Synchronous; a look-up is a few microseconds. Who calls it for many rows does so in slices.
 */
import type { Database } from '../base/index.js';
import type { DriveItem, ItemId } from '../drive/index.js';
import { EntryCache } from './entry-cache.js';
import { foldName, packId } from './item-key.js';
import {
  type EntryKey,
  entryOf,
  isFolder,
  itemColumns,
  itemOf,
  type TreeEntry,
  type TreeRow,
} from './tree-entry.js';
import { ROOT_KEY, ROOT_PARENT, SILENT_BUCKET } from './tree-schema.js';
import { prepareStatements } from './tree-statements.js';

/** Where a slice of children ended. */
export interface ChildPosition {
  readonly fold: number;
  readonly key: EntryKey;
}

/** Some children's items, stand-ins left out; `next` is where the others begin, null when there are none by now. */
export interface ChildItems {
  readonly items: readonly DriveItem[];
  readonly next: ChildPosition | null;
}

/** The same of those that the snapshot under way has seen. */
export interface SeenChildren {
  readonly children: readonly TreeEntry[];
  readonly next: ChildPosition | null;
}

export const FIRST_CHILD: ChildPosition = { fold: -0x8000_0000, key: Number.MIN_SAFE_INTEGER };

export class TreeStore {
  readonly database: Database;
  readonly #entries: EntryCache;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #watchers = new Map<EntryKey, Set<(name: string) => void>>();
  #count: number;
  #standIns: number;
  #lastKey: EntryKey;
  #asked = 0;
  #hits = 0;
  /** Rows written from now on carry this mark; rows without it were not seen by the snapshot under way. */
  generation = 0;
  /** Grows whenever a name appears in a folder, or leaves it. */
  namesVersion = 0;
  /** Grows with every change of an item: its name, its place, what it is. */
  version = 0;
  /** Called when something has left the tree and waits to be deleted. */
  onLeft: () => void = () => {};

  constructor(database: Database, entriesInMemory: number) {
    this.database = database;
    this.#entries = new EntryCache(entriesInMemory);
    this.#statements = prepareStatements(database);
    this.#count = this.#statements.count.get() as number;
    this.#standIns = this.#statements.countStandIns.get() as number;
    this.#lastKey = this.#statements.lastKey.get() as number;
  }

  /** How many items there are, those still to be swept away included. */
  get count(): number {
    return this.#count;
  }

  get hasStandIns(): boolean {
    return this.#standIns > 0;
  }

  /** Which share of what was asked for was in memory; 0 while nothing was asked. */
  get hitRatio(): number {
    return this.#asked === 0 ? 0 : this.#hits / this.#asked;
  }

  byId(id: ItemId): TreeEntry | undefined {
    return this.#counted(this.#entries.byId(id)) ?? this.#remember(this.#statements.byId.get(packId(id)));
  }

  byKey(key: EntryKey): TreeEntry | undefined {
    return this.#counted(this.#entries.byKey(key)) ?? this.#remember(this.#statements.byKey.get(key));
  }

  /** The item of exactly that name. */
  named(parent: EntryKey, name: string): TreeEntry | undefined {
    const rows = this.#statements.byName.all(parent, foldName(name)) as TreeRow[];
    const row = rows.find((one) => one[3] === name && one[1] !== null);
    return row && this.#known(row);
  }

  /** An item whose name is `name` in another case. */
  variant(parent: EntryKey, name: string): TreeEntry | undefined {
    const rows = this.#statements.byName.all(parent, foldName(name)) as TreeRow[];
    const folded = name.toLowerCase();
    const row = rows.find((one) => one[3] !== name && one[1] !== null && one[3].toLowerCase() === folded);
    return row && this.#known(row);
  }

  /** A folder of that name that has no id yet. */
  standIn(parent: EntryKey, name: string): TreeEntry | undefined {
    const rows = this.#statements.byName.all(parent, foldName(name)) as TreeRow[];
    const row = rows.find((one) => one[3] === name && one[1] === null);
    return row && entryOf(row);
  }

  /** At most `limit` children after `position`, stand-ins included. */
  children(parent: EntryKey, position: ChildPosition, limit: number): TreeEntry[] {
    const rows = this.#statements.children.all(parent, position.fold, position.key, limit) as TreeRow[];
    const keeps = rows.length * 4 <= this.#entries.capacity;
    return rows.map((row) => this.#known(row, keeps));
  }

  /**
   * The same for whoever only shows them: what was used lately stays in memory, however many files are listed. Folders are
   * kept, for whoever walks goes into them next.
   */
  childItems(parent: EntryKey, { fold, key }: ChildPosition, limit: number): ChildItems {
    const rows = this.#statements.children.all(parent, fold, key, limit) as TreeRow[];
    const items: DriveItem[] = [];
    for (const row of rows)
      if (row[1] !== null) items.push(isFolder(row) ? this.#known(row).item : itemOf(row));
    const last = rows.length < limit ? undefined : rows.at(-1);
    return { items, next: last === undefined ? null : { fold: foldName(last[3]), key: last[0] } };
  }

  /** Tells of each name that appears in a folder, or leaves it, from now on. The returned function ends that. */
  watch(folder: EntryKey, changed: (name: string) => void): () => void {
    const watchers = this.#watchers.get(folder) ?? new Set();
    this.#watchers.set(folder, watchers.add(changed));
    return () => {
      watchers.delete(changed);
      if (watchers.size === 0 && this.#watchers.get(folder) === watchers) this.#watchers.delete(folder);
    };
  }

  positionOf(child: TreeEntry): ChildPosition {
    return { fold: foldName(child.item.name), key: child.key };
  }

  /** At least `limit` children? Cheap, however many there are. */
  hasChildren(parent: EntryKey, limit: number): boolean {
    return (this.#statements.countChildren.get(parent, limit) as number) >= limit;
  }

  insert(parent: EntryKey, item: DriveItem, listedAtMs: number | null): TreeEntry {
    this.#nameChanged(parent, item.name);
    const key = this.#newKey();
    this.#statements.insert.run(key, ...itemColumns(item), parent, listedAtMs, this.generation);
    this.#count += 1;
    return { key, parent, item, listedAtMs, confirmedAtMs: 0, isStandIn: false };
  }

  /** Into an empty store only. */
  insertRoot(item: DriveItem): TreeEntry {
    const entry = this.insert(ROOT_PARENT, item, null);
    if (entry.key !== ROOT_KEY) throw new Error('the tree has a root already');
    return entry;
  }

  insertStandIn(parent: EntryKey, name: string): TreeEntry {
    const item: DriveItem = {
      id: '',
      name,
      kind: 'folder',
      size: 0,
      modifiedMs: 0,
      createdMs: 0,
      version: '',
    };
    const columns = [null, ...itemColumns(item).slice(1)];
    const key = this.#newKey();
    this.#statements.insert.run(key, ...columns, parent, null, this.generation);
    this.#standIns += 1;
    return { key, parent, item, listedAtMs: null, confirmedAtMs: 0, isStandIn: true };
  }

  /** A stand-in that gets an id this way has to be looked up again. */
  update(entry: TreeEntry, parent: EntryKey, item: DriveItem): void {
    this.version += 1;
    if (entry.parent !== parent || !isShownAlike(entry, item)) {
      this.#nameChanged(entry.parent, entry.item.name);
      this.#nameChanged(parent, item.name);
    }
    this.#statements.update.run(...itemColumns(item), parent, this.generation, entry.key);
    if (entry.isStandIn) this.#isNoStandIn();
    else this.#amend(entry, { parent, item });
  }

  /** The snapshot under way has seen it. */
  mark(entry: TreeEntry): void {
    this.#statements.mark.run(this.generation, entry.key);
  }

  setListed(entry: TreeEntry, listedAtMs: number | null): void {
    this.#statements.setListed.run(listedAtMs, entry.key);
    this.#amend(entry, { listedAtMs });
  }

  move(entry: TreeEntry, parent: EntryKey): void {
    this.#nameChanged(entry.parent, entry.item.name);
    this.#nameChanged(parent, entry.item.name);
    this.#statements.move.run(parent, entry.key);
    this.#amend(entry, { parent });
    if (parent <= SILENT_BUCKET) this.onLeft();
  }

  /** Another item has the row from now on, with all that is below it. */
  takeOver(entry: TreeEntry, item: DriveItem): void {
    this.#entries.remove(entry.key);
    this.update(entry, entry.parent, item);
    entry.confirmedAtMs = 0;
  }

  /** Of at most `limit` children after `position`. */
  seenChildren(parent: EntryKey, { fold, key }: ChildPosition, limit: number): SeenChildren {
    const rows = this.#statements.childrenWithMarks.all(parent, fold, key, limit) as TreeRow[];
    const seen = rows.filter((row) => row[10]! >= this.generation);
    const last = rows.length < limit ? undefined : rows.at(-1)!;
    const next = last === undefined ? null : { fold: foldName(last[3]), key: last[0] };
    return { children: seen.map((row) => this.#known(row, false)), next };
  }

  /** Its children stay, unreachable, until they are deleted too. */
  delete(entry: TreeEntry): void {
    this.version += 1;
    const { changes } = this.#statements.remove.run(entry.key);
    this.#entries.remove(entry.key);
    if (entry.isStandIn) this.#standIns -= changes;
    else this.#count -= changes;
  }

  standIns(limit: number): TreeEntry[] {
    return (this.#statements.standIns.all(limit) as TreeRow[]).map(entryOf);
  }

  /** Rows after `key` that were not written since generation `before` began, from at most `span` keys. */
  unmarked(key: EntryKey, span: number): TreeEntry[] {
    const rows = this.#statements.unmarked.all(key, key + span, this.generation) as TreeRow[];
    return rows.map((row) => this.#known(row, false));
  }

  get lastKey(): EntryKey {
    return this.#lastKey;
  }

  /** Never one that was there before: whoever asked for that item may not have his answer yet. */
  #newKey(): EntryKey {
    this.#lastKey += 1;
    return this.#lastKey;
  }

  #isNoStandIn(): void {
    this.#standIns -= 1;
    this.#count += 1;
  }

  #nameChanged(folder: EntryKey, name: string): void {
    this.namesVersion += 1;
    this.version += 1;
    for (const changed of this.#watchers.get(folder) ?? []) changed(name);
  }

  /** An entry may be held twice: by somebody who got it before it was remembered, and here. */
  #amend(entry: TreeEntry, news: Partial<TreeEntry>): void {
    Object.assign(entry, news);
    const remembered = this.#entries.byKey(entry.key);
    if (remembered !== undefined && remembered !== entry) Object.assign(remembered, news);
  }

  #counted(found: TreeEntry | undefined): TreeEntry | undefined {
    this.#asked += 1;
    if (found !== undefined) this.#hits += 1;
    return found;
  }

  #remember(row: unknown): TreeEntry | undefined {
    return row === undefined ? undefined : this.#known(row as TreeRow);
  }

  /** The entry in memory is the same as the row, and knows more. */
  #known(row: TreeRow, keeps = true): TreeEntry {
    const present = this.#entries.byKey(row[0]);
    if (present !== undefined) return present;
    const entry = entryOf(row);
    if (keeps && !entry.isStandIn) this.#entries.add(entry);
    return entry;
  }
}

/** A listing shows the same: name, identity and kind. */
function isShownAlike({ item, isStandIn }: TreeEntry, news: DriveItem): boolean {
  return !isStandIn && item.name === news.name && item.id === news.id && item.kind === news.kind;
}
