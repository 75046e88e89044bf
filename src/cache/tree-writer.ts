/**
 * Brings one answer of the server into the store and finds what it changes: the one place where the server's word
 * meets what is known. Newer truth beats a late answer; what is new is handed to `RemoteChanges`. Never asks anybody.
 * All methods are meant to run in a transaction of the caller, who calls `settle` when the answer is complete.
 */
import type { Clock } from '../base/index.js';
import type { DriveItem, ItemId } from '../drive/index.js';
import type { FormerPlaces } from './former-places.js';
import type { NegativeNames } from './negative-names.js';
import type { Answer, RecentTruth } from './recent-truth.js';
import type { RemoteChanges } from './remote-changes.js';
import { type EntryKey, isSameItem, type TreeEntry } from './tree-entry.js';
import { isPlaced } from './tree-paths.js';
import { DISPLACED_BUCKET, LOUD_BUCKET, ROOT_KEY, SILENT_BUCKET } from './tree-schema.js';
import type { TreeState } from './tree-state.js';
import type { TreeStore } from './tree-store.js';
import type { LastSeen, UnplacedItems } from './unplaced-items.js';

export interface TreeParts {
  readonly store: TreeStore;
  readonly state: TreeState;
  readonly recent: RecentTruth;
  readonly changes: RemoteChanges;
  readonly negatives: NegativeNames;
  readonly formerPlaces: FormerPlaces;
  /** Where items were that lost their place to another one and were not seen elsewhere yet. */
  readonly displaced: Map<EntryKey, EntryKey>;
  readonly unplaced: UnplacedItems;
  readonly clock: Clock;
}

/**
 * - `refused` newer truth is known; or the item would have been put below itself
 * - `echo`    it is what was there before we changed it: what we did will be shown yet
 */
export type Placing = 'stored' | 'refused' | 'echo';

export class TreeWriter {
  readonly #parts: TreeParts;
  readonly #answer: Answer;
  /** What this answer displaced. */
  readonly #toSettle: TreeEntry[] = [];

  constructor(parts: TreeParts, answer: Answer) {
    this.#parts = parts;
    this.#answer = answer;
  }

  /** The server showed `item` in the folder with the key `parent`. */
  place(parent: EntryKey, item: DriveItem): Placing {
    const { store, recent } = this.#parts;
    const entry = store.byId(item.id);
    this.#coveredBySnapshot(entry, parent, item);
    if (recent.isEcho(item.id, { parent, name: item.name, version: item.version })) return 'echo';
    if (recent.isNewer(item.id, this.#answer)) return 'refused';
    if (entry !== undefined && (entry.key === ROOT_KEY || this.#isBelow(parent, entry))) return 'refused';
    const stays = entry?.parent === parent && entry.item.name === item.name;
    const displaced = stays ? undefined : this.#displace(parent, item);
    if (entry === undefined) this.#added(parent, item);
    else if (entry.parent <= SILENT_BUCKET && entry.parent !== DISPLACED_BUCKET) {
      this.#returned(entry, parent, item);
    } else this.#seen(entry, parent, item);
    if (displaced !== undefined && this.#answer.kind === 'snapshot') this.#inherit(item, displaced);
    return 'stored';
  }

  /**
   * A folder that somebody listed its parent for while the snapshot was on its way is newer than the snapshot's row of
   * it, but what is in it comes with the snapshot all the same: it need not be listed for itself.
   */
  #coveredBySnapshot(entry: TreeEntry | undefined, parent: EntryKey, item: DriveItem): void {
    if (this.#answer.kind !== 'snapshot' || entry === undefined || entry.listedAtMs !== 0) return;
    if (entry.parent === parent && entry.item.name === item.name) this.#parts.store.setListed(entry, null);
  }

  /** The root is where it always is; what it is like may be news. */
  placeRoot(item: DriveItem): void {
    const { store, clock } = this.#parts;
    const root = store.byKey(ROOT_KEY);
    if (root === undefined) return;
    if (root.item.version !== item.version)
      store.update(root, root.parent, { ...item, id: root.item.id, name: '' });
    root.confirmedAtMs = clock.now();
  }

  /** The server says that the item is gone, with all that is below it. */
  remove(entry: TreeEntry): void {
    const { store, recent, changes } = this.#parts;
    if (entry.key === ROOT_KEY) return;
    const last = this.#lastSeen(entry);
    this.#isPlacedAnew(entry);
    if (last.parent <= SILENT_BUCKET) return;
    recent.heard(entry.item.id, this.#answer);
    const parent = this.#folderOf(last);
    store.move(entry, LOUD_BUCKET);
    if (parent !== undefined) changes.add({ kind: 'removed', parent, item: entry.item });
  }

  /** Something lost its place; the change feed may know where it is. */
  get hasDisplaced(): boolean {
    return this.#toSettle.some((entry) => this.#parts.displaced.has(entry.key));
  }

  /** The answer is complete: what was displaced and not seen elsewhere is gone. */
  settle(): void {
    for (const entry of this.#toSettle.splice(0)) {
      if (this.#parts.displaced.has(entry.key)) this.remove(entry);
    }
  }

  #added(parent: EntryKey, item: DriveItem): void {
    const { kind } = this.#answer;
    const { store, recent, clock } = this.#parts;
    const standIn = item.kind === 'folder' ? store.standIn(parent, item.name) : undefined;
    recent.heard(item.id, this.#answer);
    // A folder that a change log tells of may hold more than the log tells of (restored, moved in from outside).
    const listedAtMs = kind === 'snapshot' ? null : 0;
    if (standIn === undefined) {
      const entry = store.insert(parent, item, listedAtMs);
      if (kind === 'direct') entry.confirmedAtMs = clock.now();
    } else {
      store.update(standIn, parent, item);
      store.setListed(standIn, listedAtMs);
      this.#tellRevealed(standIn.key, standIn.key);
    }
    this.#tellAdded(parent, item);
  }

  /** It had been taken for removed. */
  #returned(entry: TreeEntry, parent: EntryKey, item: DriveItem): void {
    this.#parts.recent.heard(item.id, this.#answer);
    this.#parts.store.update(entry, parent, item);
    this.#parts.store.setListed(entry, 0);
    this.#tellAdded(parent, item);
  }

  #seen(entry: TreeEntry, parent: EntryKey, item: DriveItem): void {
    const { store, state, clock } = this.#parts;
    const isMoved = entry.parent !== parent || entry.item.name !== item.name;
    if (isMoved || !isSameItem(entry.item, item)) this.#changed(entry, parent, item, isMoved);
    else if (state.progress.kind !== 'followed' && state.progress.kind !== 'unknown') store.mark(entry);
    if (this.#answer.kind === 'direct') entry.confirmedAtMs = clock.now();
    if (this.#answer.kind === 'snapshot' && entry.listedAtMs === 0) store.setListed(entry, null);
  }

  #changed(entry: TreeEntry, parent: EntryKey, item: DriveItem, isMoved: boolean): void {
    const { store, recent } = this.#parts;
    const last = this.#lastSeen(entry);
    if (isMoved) this.#mergeStandIn(parent, entry, item);
    recent.heard(item.id, this.#answer);
    store.update(entry, parent, item);
    this.#isPlacedAnew(entry);
    const folder = this.#folderOf(last);
    const isUnplaced = isMoved && this.#idOf(parent) === undefined && folder !== undefined;
    if (isUnplaced && this.#parts.unplaced.add(parent, { ...last, folder })) return;
    this.#tellSeen(last, parent, item);
  }

  /** Where an item was when somebody was told of it last. */
  #lastSeen({ key, parent, item }: TreeEntry): LastSeen {
    const { displaced, unplaced } = this.#parts;
    return unplaced.get(item.id) ?? { parent: displaced.get(key) ?? parent, item };
  }

  #folderOf({ parent, folder }: LastSeen): ItemId | undefined {
    return this.#idOf(parent) ?? folder;
  }

  #isPlacedAnew({ key, item }: TreeEntry): void {
    this.#parts.displaced.delete(key);
    this.#parts.unplaced.delete(item.id);
  }

  #tellSeen(last: LastSeen, parent: EntryKey, item: DriveItem): void {
    const { item: before } = last;
    const isElsewhere = last.parent !== parent || before.name !== item.name;
    if (isElsewhere && !this.#tellMoved(last, parent, item)) return;
    if (!isSameItem(before, item)) this.#parts.changes.add({ kind: 'changed', before, item });
  }

  /** False: nobody is shown it any more, or it is told of as new. Nothing is shown of what is in a stand-in. */
  #tellMoved(last: LastSeen, toKey: EntryKey, item: DriveItem): boolean {
    const { changes } = this.#parts;
    const { item: before } = last;
    const from = this.#folderOf(last);
    const to = this.#idOf(toKey);
    if (from !== undefined && to !== undefined) {
      if (from !== to || before.name !== item.name)
        changes.add({ kind: 'moved', item, from: { parent: from, name: before.name }, to });
      return true;
    }
    if (from !== undefined) changes.add({ kind: 'removed', parent: from, item: before });
    else this.#tellAdded(toKey, item);
    return false;
  }

  /** Something in the folder was seen at its new path before the folder itself. */
  #mergeStandIn(parent: EntryKey, entry: TreeEntry, item: DriveItem): void {
    const { store } = this.#parts;
    const standIn = item.kind === 'folder' ? store.standIn(parent, item.name) : undefined;
    if (standIn !== undefined) this.reveal(standIn, entry);
  }

  /** What was seen in a stand-in is in `folder`, and is told of as what that makes of it. */
  reveal(standIn: TreeEntry, folder: TreeEntry): void {
    const { store } = this.#parts;
    store.adoptChildren(standIn.key, folder.key);
    store.delete(standIn);
    this.#tellRevealed(standIn.key, folder.key);
  }

  #tellRevealed(standIn: EntryKey, folder: EntryKey): void {
    const { store, unplaced } = this.#parts;
    for (const last of unplaced.take(standIn)) {
      const entry = store.byId(last.item.id);
      if (entry?.parent === folder) this.#tellSeen(last, folder, entry.item);
    }
  }

  /** The whole tree was read: what was not seen in a known folder is gone, with what is below it. */
  giveUp(last: LastSeen): void {
    const { store, changes } = this.#parts;
    const entry = store.byId(last.item.id);
    const parent = this.#folderOf(last);
    if (isPlaced(entry) && this.#idOf(entry.parent) !== undefined) {
      this.#tellSeen(last, entry.parent, entry.item);
      return;
    }
    if (entry !== undefined) store.move(entry, LOUD_BUCKET);
    if (parent !== undefined) changes.add({ kind: 'removed', parent, item: last.item });
  }

  /**
   * What the snapshot showed in a folder of that path before the folder itself is in the one that it showed there. It
   * was told of as in the other one.
   */
  #inherit(item: DriveItem, displaced: TreeEntry): void {
    const { store } = this.#parts;
    const heir = store.byId(item.id);
    if (heir?.item.kind !== 'folder') return;
    for (const child of store.adoptMarkedChildren(displaced.key, heir.key))
      this.#tellMoved({ parent: displaced.key, item: child }, heir.key, child);
  }

  /** Whoever is known under the name that `item` has now is no longer there. */
  #displace(parent: EntryKey, item: DriveItem): TreeEntry | undefined {
    const { store, recent, displaced } = this.#parts;
    const other = store.named(parent, item.name);
    if (other === undefined || other.item.id === item.id) return undefined;
    displaced.set(other.key, parent);
    this.#toSettle.push(other);
    recent.heard(other.item.id, this.#answer);
    store.move(other, DISPLACED_BUCKET);
    return other;
  }

  #tellAdded(parent: EntryKey, item: DriveItem): void {
    const { store, state, negatives, changes } = this.#parts;
    const folder = store.byKey(parent);
    if (folder === undefined || folder.isStandIn) return;
    if (!isWhole(folder, state) && !negatives.has(parent, item.name)) return;
    changes.add({ kind: 'added', parent: folder.item.id, item });
  }

  #isBelow(place: EntryKey, entry: TreeEntry): boolean {
    if (entry.item.kind !== 'folder' || entry.parent === place) return false;
    for (let at = place; at > ROOT_KEY; ) {
      if (at === entry.key) return true;
      at = this.#parts.store.byKey(at)?.parent ?? ROOT_KEY;
    }
    return false;
  }

  #idOf(key: EntryKey): ItemId | undefined {
    const id = this.#parts.store.byKey(key)?.item.id;
    return id === '' ? undefined : id;
  }
}

/** All children of the folder were known once. */
export function isWhole(folder: TreeEntry, state: TreeState): boolean {
  return folder.listedAtMs === null ? state.wholeAtMs !== null : folder.listedAtMs > 0;
}
