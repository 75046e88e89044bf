/**
 * One library: its tree, its counters, its change log, locks and recycle bin. All changes go through here and are
 * complete when the method returns; who may change what, and how it looks on the wire, is for others.
 */
import type { StandinClock } from '../clock.js';
import type { Switches } from '../switches.js';
import { ChangeLog, type ChangeType } from './change-log.js';
import { type Content, MemoryContent } from './content.js';
import { GuidScheme } from './guid.js';
import { descend, extraOf, type FileItem, type FolderItem, foldName, type Item } from './item.js';
import { LockTable } from './locks.js';
import { type Birth, newFile, newFolder, type Times } from './new-item.js';
import type { StoreDatabase, StoredItem } from './store-database.js';

export interface StoreOptions {
  readonly clock: StandinClock;
  readonly switches: Switches;
  /** Lower-case GUID of the list. */
  readonly listId: string;
  readonly guidSeed: number;
  /** Null: nothing survives the process. */
  readonly database: StoreDatabase | null;
}

interface Recycled {
  readonly item: Item;
  readonly parent: FolderItem;
}

export const ROOT_NUMBER = 0;

export class DriveStore {
  readonly root: FolderItem;
  readonly listId: string;
  readonly changes: ChangeLog;
  readonly locks = new LockTable();
  readonly guids: GuidScheme;
  readonly #clock: StandinClock;
  readonly #switches: Switches;
  readonly #database: StoreDatabase | null;
  readonly #items: (Item | undefined)[] = [];
  readonly #recycled = new Map<number, Recycled>();
  #usedBytes = 0;
  #count = 0;

  constructor(options: StoreOptions) {
    this.#clock = options.clock;
    this.#switches = options.switches;
    this.#database = options.database;
    this.listId = options.listId;
    this.changes = new ChangeLog(options.listId);
    this.guids = new GuidScheme(options.guidSeed);
    this.root = newFolder(this.#birth(ROOT_NUMBER, '', {}));
    this.#items[ROOT_NUMBER] = this.root;
    if (this.#database !== null) this.#load(this.#database);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Items below the root. */
  get itemCount(): number {
    return this.#count;
  }

  /** One more than the largest number given so far. */
  get nextNumber(): number {
    return this.#items.length;
  }

  find(names: readonly string[]): Item | undefined {
    let at: Item | undefined = this.root;
    for (const name of names) {
      if (at?.kind !== 'folder') return undefined;
      at = at.children.get(foldName(name));
    }
    return at;
  }

  child(folder: FolderItem, name: string): Item | undefined {
    return folder.children.get(foldName(name));
  }

  byNumber(number: number): Item | undefined {
    return this.#items[number];
  }

  byGuid(guid: string): Item | undefined {
    const number = this.guids.numberOf(guid);
    return number === undefined ? undefined : this.#items[number];
  }

  /** The item is in the tree, not removed. */
  holds(item: Item): boolean {
    return this.#items[item.number] === item;
  }

  /** Lower case, without braces. */
  guidOf(item: Item): string {
    return this.guids.guidOf(item.number);
  }

  /** The name must be free. */
  createFolder(parent: FolderItem, name: string, times: Times = {}): FolderItem {
    const folder = newFolder(this.#birth(this.nextNumber, name, times));
    this.#insert(folder, parent);
    return folder;
  }

  /** The name must be free. Takes over the caller's hold of `content`. */
  createFile(parent: FolderItem, name: string, content: Content, times: Times = {}): FileItem {
    const file = newFile(this.#birth(this.nextNumber, name, times), content);
    this.#insert(file, parent);
    return file;
  }

  /** A new version of the file. Takes over the caller's hold of `content`. */
  replaceContent(file: FileItem, content: Content, times: Times = {}): void {
    this.#keepStale(file);
    const former = file.content;
    this.#usedBytes += content.size - former.size;
    file.content = content;
    file.version++;
    file.modifiedMs = times.modifiedMs ?? this.#clock.now();
    if (file.extra !== undefined) delete file.extra.listedSize;
    this.#log('update', file);
    former.release();
  }

  /** Metadata of the item changed; its times where given. Moves N unless told not to. */
  touch(item: Item, times: Times, makesVersion = this.#switches.metadataMakesVersion): void {
    this.#keepStale(item);
    item.modifiedMs = times.modifiedMs ?? item.modifiedMs;
    item.createdMs = times.createdMs ?? item.createdMs;
    if (makesVersion) item.version++;
    this.#log('update', item);
  }

  /** The place must be free (the item itself does not count) and not below the item. */
  move(item: Item, parent: FolderItem, name: string): void {
    const from = item.parent!;
    const within = from === parent;
    from.children.delete(foldName(item.name));
    item.name = name;
    this.#place(item, parent);
    item.version++;
    this.#lag(item);
    if (within || this.#switches.moveChange === 'rename') {
      this.#log('rename', item);
      return;
    }
    this.#log('move-away', item);
    this.#log('move-into', item);
  }

  /** A copy with new identities; the name must be free. */
  copy(item: Item, parent: FolderItem, name: string): Item {
    const times = { createdMs: this.#clock.now(), modifiedMs: item.modifiedMs };
    if (item.kind === 'file') {
      item.content.retain();
      return this.createFile(parent, name, item.content, times);
    }
    // Taken before the copy exists, which may lie inside the folder itself.
    const children = [...item.children.values()];
    const folder = this.createFolder(parent, name, times);
    for (const child of children) this.copy(child, folder, child.name);
    return folder;
  }

  /** Takes the item out of the tree. Recycled, it can come back under its GUID; otherwise its bytes are freed. */
  remove(item: Item, how: 'recycle' | 'delete'): void {
    const parent = item.parent!;
    parent.children.delete(foldName(item.name));
    this.#touchFolder(parent);
    this.together(() => {
      this.#log('delete', item);
      for (const gone of descend(item)) this.#forget(gone);
    });
    item.parent = null;
    if (how === 'recycle') this.#recycled.set(item.number, { item, parent });
    else release(item);
  }

  /** Brings a recycled item back to where it was; null when that place is gone or taken. */
  restore(guid: string): Item | null {
    const number = this.guids.numberOf(guid);
    const recycled = number === undefined ? undefined : this.#recycled.get(number);
    if (recycled === undefined || this.#items[recycled.parent.number] !== recycled.parent) return null;
    const { item, parent } = recycled;
    if (this.child(parent, item.name) !== undefined) return null;
    this.#recycled.delete(item.number);
    this.#place(item, parent);
    for (const back of descend(item)) {
      this.#remember(back);
      this.#database?.put(back, this.nextNumber);
    }
    this.#log('restore', item);
    return item;
  }

  /** Empties the library without a trace in the change log. */
  clear(): void {
    for (const child of [...this.root.children.values()]) this.remove(child, 'delete');
  }

  /** Runs `work`, writing all of its changes to disk at once. */
  together<Result>(work: () => Result): Result {
    return this.#database === null ? work() : this.#database.together(work);
  }

  close(): void {
    this.#database?.close();
  }

  #load(database: StoreDatabase): void {
    const stored = new Map<number, StoredItem>();
    for (const one of database.items()) stored.set(one.item.number, one);
    for (const { item, parent } of stored.values()) {
      const folder = stored.get(parent)?.item ?? this.root;
      item.parent = folder.kind === 'folder' ? folder : this.root;
      item.parent.children.set(foldName(item.name), item);
      this.#remember(item);
    }
    const next = database.nextNumber;
    if (next > this.nextNumber) this.#items[next - 1] = undefined;
    for (const change of database.changes()) this.changes.restore(change);
  }

  #birth(number: number, name: string, times: Times): Birth {
    return { number, name, times, nowMs: this.#clock.now() };
  }

  #insert(item: Item, parent: FolderItem): void {
    this.#place(item, parent);
    this.#remember(item);
    this.#lag(item);
    this.#log('add', item);
  }

  #place(item: Item, parent: FolderItem): void {
    parent.children.set(foldName(item.name), item);
    item.parent = parent;
    this.#touchFolder(parent);
  }

  /** A folder's time moves with its entries; its version does not. */
  #touchFolder(folder: FolderItem): void {
    folder.modifiedMs = this.#clock.now();
    if (folder !== this.root) this.#database?.put(folder, this.nextNumber);
  }

  #remember(item: Item): void {
    this.#items[item.number] = item;
    this.#count++;
    if (item.kind === 'file') this.#usedBytes += item.content.size;
  }

  #forget(item: Item): void {
    this.#items[item.number] = undefined;
    this.#count--;
    this.locks.remove(item.number);
    if (item.kind === 'file') this.#usedBytes -= item.content.size;
    this.#database?.drop(item.number);
  }

  #lag(item: Item): void {
    const lagMs = this.#switches.visibilityLagMs;
    if (lagMs > 0) extraOf(item).visibleFromMs = this.#clock.now() + lagMs;
  }

  #keepStale(item: Item): void {
    const staleMs = this.#switches.staleVersionMs;
    if (staleMs === 0) return;
    const { version, modifiedMs } = item;
    extraOf(item).stale = { version, modifiedMs, untilMs: this.#clock.now() + staleMs };
  }

  #log(type: ChangeType, item: Item): void {
    const entry = this.changes.add({
      atMs: this.#clock.now(),
      type,
      number: item.number,
      isFolder: item.kind === 'folder',
    });
    this.#database?.change(entry);
    if (type !== 'delete' && item !== this.root) this.#database?.put(item, this.nextNumber);
  }
}

function release(item: Item): void {
  for (const gone of descend(item)) {
    if (gone.kind !== 'file') continue;
    gone.content.release();
    gone.content = new MemoryContent(new Uint8Array(0));
  }
}
