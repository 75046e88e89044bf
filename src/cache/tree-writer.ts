/**
 * Brings one answer of the server into the store and finds what it changes: the one place where the server's word
 * meets what is known. Newer truth beats a late answer; what is new is handed to `RemoteChanges`. Never asks anybody.
 * All methods are meant to run in a transaction of the caller, who calls `settle` when the answer is complete.
 */
import type { Clock } from '../base/index.js';
import type { DriveItem, ItemId } from '../drive/index.js';
import { doubtedPlace } from './doubted-place.js';
import type { FilesToList } from './files-to-list.js';
import type { FolderMoves } from './folder-moves.js';
import { InheritedChildren } from './inherited-children.js';
import type { NegativeNames } from './negative-names.js';
import { type NameIn, noteMove } from './note-move.js';
import { type Objection, Objections } from './objections.js';
import { placedAnew } from './placed-anew.js';
import type { Answer, RecentTruth } from './recent-truth.js';
import type { RemoteChanges } from './remote-changes.js';
import type { RemovedFolders } from './removed-folders.js';
import { RevealedItems } from './revealed-items.js';
import { type ShownState, shownOf } from './states-before.js';
import { type EntryKey, isSameItem, isToList, type TreeEntry } from './tree-entry.js';
import { TreeNews } from './tree-news.js';
import { isPlaced } from './tree-paths.js';
import { DISPLACED_BUCKET, LOUD_BUCKET, ROOT_KEY, SILENT_BUCKET } from './tree-schema.js';
import { listedNow, type TreeState } from './tree-state.js';
import type { TreeStore } from './tree-store.js';
import type { LastSeen, UnplacedItems } from './unplaced-items.js';

export interface TreeParts {
  readonly store: TreeStore;
  readonly state: TreeState;
  readonly recent: RecentTruth;
  readonly changes: RemoteChanges;
  readonly negatives: NegativeNames;
  readonly folderMoves: FolderMoves;
  /** Where items were that lost their place to another one and were not seen elsewhere yet. */
  readonly displaced: Map<EntryKey, EntryKey>;
  /** Those of them that a page of a snapshot displaced: another page may show where they are. */
  readonly awaited: Set<EntryKey>;
  /** Where the change log put what newer truth speaks against. */
  readonly doubted: Map<ItemId, NameIn>;
  readonly removedFolders: RemovedFolders;
  readonly unplaced: UnplacedItems;
  readonly filesToList: FilesToList;
  readonly clock: Clock;
}

/** `displacing`: another item is known there, and where that one is now is to be asked for first. */
export type Placing = 'stored' | 'displacing' | Objection;

export class TreeWriter {
  readonly #parts: TreeParts;
  readonly #answer: Answer;
  readonly #news: TreeNews;
  /** What this answer displaced. */
  readonly #toSettle = new Set<TreeEntry>();
  /** What was seen before the folder that it is in. */
  readonly revealed: RevealedItems;
  readonly #inherited: InheritedChildren;
  readonly #objections: Objections;

  constructor(parts: TreeParts, answer: Answer) {
    this.#parts = parts;
    this.#answer = answer;
    this.#news = new TreeNews(parts);
    this.revealed = new RevealedItems(parts, this.#news);
    this.#inherited = new InheritedChildren(parts, answer, this.#news);
    this.#objections = new Objections(parts, answer);
  }

  /** Worth asking what is `ahead`? */
  mayBeLong({ kind }: DriveItem): boolean {
    return kind === 'folder' && (this.#parts.store.hasStandIns || this.#answer.kind === 'snapshot');
  }

  /**
   * What has to be done before `place`, where that would be long: what was seen in a folder before the folder itself is
   * put into it while it is still where it was, some children with each piece.
   */
  *ahead(parent: EntryKey, item: DriveItem): Iterable<void> {
    const entry = this.#parts.store.byId(item.id);
    const there = this.#there(entry, parent, item);
    if (!isPlaced(entry) || this.#objections.to({ entry, parent, item, there }) !== undefined) return;
    const standIn = this.#standInFor(parent, item);
    if (standIn !== undefined) yield* this.revealed.bring(standIn, item.id);
    const other = this.#inherited.otherThan(item, there);
    if (other !== undefined && this.#inherited.mayComeAhead(other, entry))
      yield* this.#inherited.bring(other.key, item.id);
  }

  /** The server showed `item` in the folder with the key `parent`. */
  place(parent: EntryKey, item: DriveItem, { mayDisplace = true } = {}): Placing {
    const { store } = this.#parts;
    const entry = store.byId(item.id);
    this.#coveredBySnapshot(entry, parent, item);
    const there = this.#there(entry, parent, item);
    const objection = this.#objections.to({ entry, parent, item, there });
    if (objection !== undefined) return objection;
    if (there !== undefined && !mayDisplace) return 'displacing';
    const other = this.#inherited.otherThan(item, there);
    if (isAt(entry, parent, item)) this.#seen(entry, parent, item);
    else if (entry === undefined && other !== undefined) this.#succeeded(other, parent, item);
    else this.#came(entry, parent, item, there);
    return 'stored';
  }

  /** Another item that is known under the name that `item` has now. */
  #there(entry: TreeEntry | undefined, parent: EntryKey, item: DriveItem): TreeEntry | undefined {
    if (isAt(entry, parent, item)) return undefined;
    const there = this.#parts.store.named(parent, item.name);
    return there?.item.id === item.id ? undefined : there;
  }

  /** It was elsewhere, or nowhere, until now. */
  #came(entry: TreeEntry | undefined, parent: EntryKey, item: DriveItem, there?: TreeEntry): void {
    const other = this.#inherited.otherThan(item, there);
    const isToInherit = other !== undefined && !this.#inherited.mayComeAhead(other, entry);
    if (there !== undefined) this.#displace(there, parent);
    if (entry === undefined) this.#added(parent, item);
    else if (entry.parent <= SILENT_BUCKET && entry.parent !== DISPLACED_BUCKET) {
      this.#returned(entry, parent, item);
    } else this.#seen(entry, parent, item);
    if (isToInherit) for (const _ of this.#inherited.bring(other.key, item.id));
  }

  /**
   * A folder that somebody listed its parent for while the snapshot was on its way is newer than the snapshot's row of
   * it, but what is in it comes with the snapshot all the same: it need not be listed for itself.
   */
  #coveredBySnapshot(entry: TreeEntry | undefined, parent: EntryKey, item: DriveItem): void {
    if (this.#answer.kind !== 'snapshot' || entry === undefined || !isToList(entry)) return;
    if (isAt(entry, parent, item)) this.#parts.store.setListed(entry, null);
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
    const { store, changes } = this.#parts;
    if (entry.key === ROOT_KEY) return;
    const last = this.#lastSeen(entry);
    placedAnew(this.#parts, entry);
    if (last.parent <= SILENT_BUCKET) return;
    this.#heard(entry.item.id, shownOf(entry));
    const parent = this.#news.folderOf(last);
    store.move(entry, LOUD_BUCKET);
    if (parent !== undefined) changes.add({ kind: 'removed', parent, item: entry.item });
  }

  /** The answer is complete: what was displaced and not seen elsewhere is gone, unless it is one page of many. */
  settle(): void {
    for (const _ of this.settling());
  }

  /** The same in short pieces: others may have a turn in between. */
  *settling(): Iterable<void> {
    yield* this.revealed.telling();
    yield* this.#inherited.telling();
    for (const entry of this.#toSettle) {
      this.#toSettle.delete(entry);
      this.#settle(entry);
      yield;
    }
  }

  #settle(entry: TreeEntry): void {
    const { displaced, awaited } = this.#parts;
    if (!displaced.has(entry.key)) return;
    const said = doubtedPlace(this.#parts, entry);
    if (this.#answer.kind === 'snapshot') awaited.add(entry.key);
    else if (said !== undefined) this.#changed(entry, said.parent, { ...entry.item, name: said.name }, true);
    else this.remove(entry);
  }

  /** The whole tree was read: no page showed where it is. */
  awaitedInVain(key: EntryKey): void {
    const { store, displaced, awaited } = this.#parts;
    awaited.delete(key);
    const entry = displaced.has(key) ? store.byKey(key) : undefined;
    if (entry !== undefined) this.remove(entry);
  }

  #added(parent: EntryKey, item: DriveItem): void {
    const { kind } = this.#answer;
    const { store, clock } = this.#parts;
    const standIn = this.#standInFor(parent, item);
    this.#heard(item.id, null);
    // A folder that a change log tells of may hold more than the log tells of (restored, moved in from outside).
    const listedAtMs = kind === 'snapshot' ? null : 0;
    if (standIn === undefined) {
      const entry = store.insert(parent, item, listedAtMs);
      if (kind === 'direct') entry.confirmedAtMs = clock.now();
    } else {
      store.update(standIn, parent, item);
      store.setListed(standIn, listedAtMs);
      this.revealed.became(standIn);
    }
    this.#news.added(parent, item);
  }

  /** It had been taken for removed. */
  #returned(entry: TreeEntry, parent: EntryKey, item: DriveItem): void {
    this.#heard(item.id, null);
    this.#parts.store.update(entry, parent, item);
    this.#parts.store.setListed(entry, 0);
    this.#news.added(parent, item);
  }

  #seen(entry: TreeEntry, parent: EntryKey, item: DriveItem): void {
    const { store, state, clock } = this.#parts;
    const isMoved = !isAt(entry, parent, item);
    if (isMoved || !isSameItem(entry.item, item)) this.#changed(entry, parent, item, isMoved);
    else if (state.progress.kind !== 'followed' && state.progress.kind !== 'unknown') store.mark(entry);
    if (this.#answer.kind === 'direct') entry.confirmedAtMs = clock.now();
    if (this.#answer.kind === 'snapshot' && isToList(entry)) store.setListed(entry, listedNow(entry, state));
  }

  #changed(entry: TreeEntry, parent: EntryKey, item: DriveItem, isMoved: boolean): void {
    const { store } = this.#parts;
    const last = this.#lastSeen(entry);
    if (isMoved) this.#mergeStandIn(parent, entry, item);
    this.#heard(item.id, shownOf(entry));
    if (isMoved && item.kind === 'folder')
      noteMove(this.#parts, entry, last.parent, { parent, name: item.name });
    store.update(entry, parent, item);
    placedAnew(this.#parts, entry);
    const folder = this.#news.folderOf(last);
    const isUnplaced = isMoved && this.#news.idOf(parent) === undefined && folder !== undefined;
    if (isUnplaced && this.#parts.unplaced.add(parent, { ...last, folder })) return;
    this.#news.seen(last, parent, item);
  }

  #heard(id: ItemId, before: ShownState | null): void {
    const { recent } = this.#parts;
    if (this.#answer.kind === 'feed') recent.toldByLog(id, this.#answer, before);
    else recent.heard(id, this.#answer);
  }

  /** Where an item was when somebody was told of it last. */
  #lastSeen({ key, parent, item }: TreeEntry): LastSeen {
    const { displaced, unplaced } = this.#parts;
    return unplaced.get(item.id) ?? { parent: displaced.get(key) ?? parent, item };
  }

  /** Something in the folder was seen at its new path before the folder itself. */
  #mergeStandIn(parent: EntryKey, entry: TreeEntry, item: DriveItem): void {
    const standIn = this.#standInFor(parent, item);
    if (standIn !== undefined) this.revealed.merge(standIn, entry);
  }

  #standInFor(parent: EntryKey, item: DriveItem): TreeEntry | undefined {
    const { store } = this.#parts;
    return item.kind === 'folder' && store.hasStandIns ? store.standIn(parent, item.name) : undefined;
  }

  /** The whole tree was read: what was not seen in a known folder is gone, with what is below it. */
  giveUp(last: LastSeen): void {
    const { store, changes } = this.#parts;
    const entry = store.byId(last.item.id);
    const parent = this.#news.folderOf(last);
    if (isPlaced(entry) && this.#news.idOf(entry.parent) !== undefined) {
      this.#news.seen(last, entry.parent, entry.item);
      return;
    }
    if (entry !== undefined) store.move(entry, LOUD_BUCKET);
    if (parent !== undefined) changes.add({ kind: 'removed', parent, item: last.item });
  }

  #succeeded(other: TreeEntry, parent: EntryKey, item: DriveItem): void {
    this.#heard(item.id, null);
    this.#displaced(this.#inherited.succeed(other, item), parent);
    this.#mergeStandIn(parent, other, item);
    this.#news.added(parent, item);
  }

  /** It is no longer there. */
  #displace(other: TreeEntry, parent: EntryKey): void {
    this.#displaced(other, parent);
    this.#parts.store.move(other, DISPLACED_BUCKET);
  }

  #displaced(other: TreeEntry, parent: EntryKey): void {
    const { recent, displaced } = this.#parts;
    displaced.set(other.key, parent);
    this.#toSettle.add(other);
    recent.heard(other.item.id, this.#answer);
  }
}

function isAt(entry: TreeEntry | undefined, parent: EntryKey, { name }: DriveItem): entry is TreeEntry {
  return entry?.parent === parent && entry.item.name === name;
}
