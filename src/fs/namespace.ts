/**
 * One namespace out of two: the server's tree as remembered, with what we owe laid over it (ARCHITECTURE.md). Answers
 * at once from what is known; asks only through the tree, never twice for the same thing.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Asking, ChildrenReader, RemoteTree } from '../cache/index.js';
import { DriveError, type DriveItem, type DrivePath, type ItemId, isPartialName } from '../drive/index.js';
import { type Ino, type OwedNode, type Place, ROOT_INO, type Spool } from '../spool/index.js';
import { FolderListing, type ListedName, listedName } from './folder-listing.js';
import { FsError } from './fs-error.js';
import type { Inode } from './inode.js';
import type { NamedView, NodeView } from './node-view.js';
import { UnheardItems } from './unheard-items.js';

/** Folders nest at most this deep; a longer chain of parents is a cycle in damaged data. */
const DEEPEST_PATH = 1000;

/** Enough of a node to find its way up to the root. */
export interface Located {
  readonly ino: Ino;
  readonly item: ItemId | null;
}

export class Namespace {
  readonly #tree: RemoteTree;
  readonly #spool: Spool;
  readonly unheard: UnheardItems;

  constructor(tree: RemoteTree, spool: Spool) {
    this.#tree = tree;
    this.unheard = new UnheardItems(tree, spool);
    this.#spool = spool;
  }

  /** As long as it stays, every view is what it was. */
  get version(): number {
    return this.#tree.version + this.#spool.version;
  }

  /** The node called `name` in `folder`, or null when there is none. */
  find(folder: Located, name: string, asking: Asking): NamedView | null | Promise<NamedView | null> {
    const placed = this.#spool.placedAt(folder.ino, name);
    if (placed !== undefined) return this.#knownView(folder, placed, asking);
    const answer = this.#inRemote(folder, (item) => this.#tree.lookup(item, name, asking));
    if (!(answer instanceof Promise)) return this.#visible(folder, answer);
    // While we waited something may have been placed there: newer local truth beats a late answer.
    return answer.then((item) => {
      const since = this.#spool.placedAt(folder.ino, name);
      return since === undefined ? this.#visible(folder, item) : this.#placedView(since);
    });
  }

  /** `asking` for anything that is known makes do with that. */
  #knownView(folder: Located, placed: OwedNode, asking: Asking): NamedView | Promise<NamedView | null> {
    if (asking.maxAgeMs === Number.POSITIVE_INFINITY || !this.unheard.has(placed))
      return this.#placedView(placed);
    const { name } = placed.place!;
    return this.unheard.seek(placed, asking).then(() => {
      const since = this.#spool.placedAt(folder.ino, name);
      return since === undefined ? this.find(folder, name, asking) : this.#placedView(since);
    });
  }

  /** All that is in `folder`, to be read a few at a time and closed: whole, or it throws. */
  open(folder: Located, asking: Asking): FolderListing | Promise<FolderListing> {
    const open = (remote: ChildrenReader | null) =>
      new FolderListing({
        owed: this.#spool.placedIn(folder.ino),
        remote,
        shown: (name, item) => this.#shown(folder, name, item),
        placed: (node) => this.#placedView(node),
      });
    const remote = this.#inRemote(folder, (item) => this.#tree.children(item, asking));
    return remote instanceof Promise ? remote.then(open) : open(remote);
  }

  /** The same in one piece, or a little more than `most` of it. Never holds up the event loop. */
  async list(folder: Located, asking: Asking, most = Number.POSITIVE_INFINITY): Promise<NamedView[]> {
    const listing = await this.open(folder, asking);
    const views: NamedView[] = [];
    try {
      for (let page = listing.next(); page !== null && views.length < most; page = listing.next()) {
        for (const view of page) views.push(view);
        await nextTurn();
      }
      return views;
    } finally {
      listing.close();
    }
  }

  /** The same, if it is known without asking; else null, also when the folder is gone. */
  openKnown(folder: Located): FolderListing | null {
    try {
      const listing = this.open(folder, {
        signal: AbortSignal.abort(),
        lane: 'bulk',
        maxAgeMs: Number.POSITIVE_INFINITY,
      });
      if (!(listing instanceof Promise)) return listing;
      listing.then((opened) => opened.close()).catch(() => undefined);
    } catch (error) {
      if (!(error instanceof DriveError) || error.kind !== 'absent') throw error;
    }
    return null;
  }

  /** The first names in `folder`, if they are known without asking. */
  known(folder: Located): ListedName[] | null {
    if (folder.item === null || !this.#tree.statistics.complete) return null;
    const listing = this.openKnown(folder);
    if (listing === null) return null;
    const names = [...(listing.next() ?? []), ...(listing.next() ?? [])].map(listedName);
    listing.close();
    return names;
  }

  /** What a listed node is now, as far as it is still there under the same name; asks nobody. */
  confirm(folder: Located, listed: ListedName): NamedView | undefined {
    const placed = this.#spool.placedAt(folder.ino, listed.name);
    if (placed !== undefined) return placed.ino === listed.ino ? this.#placedView(placed) : undefined;
    // What was ours alone when it was listed may have arrived on the server since.
    const itemId = listed.item ?? this.#spool.itemOf(listed.ino);
    const item = itemId === undefined ? undefined : this.#tree.peek(itemId);
    if (item === undefined || item.name !== listed.name) return undefined;
    if (this.#tree.parentOf(item.id) !== folder.item) return undefined;
    const view = this.#visible(folder, item);
    return view?.ino === listed.ino ? view : undefined;
  }

  /** Something of ours belongs into `folder` that the server has elsewhere or not at all. */
  hasPlaced(folder: Located): boolean {
    for (const _ of this.#spool.placedIn(folder.ino)) return true;
    return false;
  }

  /** A name in `folder` that the server would take for the same as `name`, other than `name` itself. */
  caseVariant(folder: Located, name: string): NamedView | undefined {
    const placed = this.#spool.placedVariant(folder.ino, name);
    if (placed !== undefined) return this.#placedView(placed);
    if (folder.item === null) return undefined;
    const item = this.#tree.caseVariant(folder.item, name);
    return (item && this.#visible(folder, item)) ?? undefined;
  }

  view(inode: Inode): NodeView {
    if (inode.unlinked !== null) return inode.unlinked;
    const owed = this.#spool.owed(inode.ino);
    const itemId = inode.item ?? owed?.item ?? null;
    const item = (itemId === null ? undefined : this.#tree.peek(itemId)) ?? null;
    return { ino: inode.ino, kind: inode.kind, item, owed, local: this.#spool.attributes(inode.ino) };
  }

  /** Where a node is now; null for the root and for what is gone. */
  placeOf(node: Located): (Place & { readonly in: Located }) | null {
    if (node.ino === ROOT_INO) return null;
    const owed = this.#spool.owed(node.ino);
    if (owed?.place) {
      const { parent, name } = owed.place;
      const item = parent === ROOT_INO ? this.#tree.root : (this.#spool.itemOf(parent) ?? null);
      return { parent, name, in: { ino: parent, item } };
    }
    const item = node.item ?? owed?.item ?? null;
    const parent = item === null ? undefined : this.#tree.parentOf(item);
    const name = item === null ? undefined : this.#tree.peek(item)?.name;
    if (parent === undefined || name === undefined) return null;
    return { parent: this.inoOf(parent), name, in: { ino: this.inoOf(parent), item: parent } };
  }

  /** The path of `name` in `folder`, as applications see it. ESTALE when the folder is gone. */
  pathOf(folder: Located, name: string): DrivePath {
    const names = [name];
    for (const place of this.#placesAbove(folder)) names.push(place.name);
    return `/${names.reverse().join('/')}`;
  }

  /** True when `node` is `ancestor` or lies below it. */
  isWithin(node: Located, ancestor: Ino): boolean {
    if (node.ino === ancestor) return true;
    for (const place of this.#placesAbove(node)) if (place.parent === ancestor) return true;
    return false;
  }

  *#placesAbove(node: Located): Iterable<Place> {
    let at = node;
    for (let depth = 0; at.ino !== ROOT_INO; depth += 1) {
      const place = this.placeOf(at);
      if (place === null || depth > DEEPEST_PATH) throw new FsError('ESTALE', 'the folder is gone');
      yield place;
      at = place.in;
    }
  }

  inoOf(item: ItemId): Ino {
    return item === this.#tree.root ? ROOT_INO : this.#spool.inoOf(item);
  }

  /**
   * What the server has in `folder`; null: nothing. So it is where somebody removed a folder that something of ours
   * belongs into: it is there here all the time, and about to be made again.
   */
  #inRemote<Answer>(folder: Located, ask: (item: ItemId) => Answer): Answer | null {
    if (folder.item === null) return null;
    try {
      return ask(folder.item);
    } catch (error) {
      const isGone = error instanceof DriveError && error.kind === 'absent' && this.#tree.statistics.complete;
      if (isGone && this.hasPlaced(folder)) return null;
      throw error;
    }
  }

  /** What is there under a name: what of ours is placed there, the remote child, or nothing. */
  #shown(folder: Located, name: string, item: DriveItem | null): NamedView | null {
    const placed = this.#spool.placedAt(folder.ino, name);
    return placed === undefined ? this.#visible(folder, item) : this.#placedView(placed);
  }

  /** The view of a remote child, or null when the spool hides it. */
  #visible(folder: Located, item: DriveItem | null): NamedView | null {
    if (item === null) return null;
    // What grows for us beside its place is shown as what it will be, under its own name.
    const isPartial = isPartialName(item.name);
    if (isPartial && (this.#spool.growing.has(item.name) || this.hasPlaced(folder))) return null;
    const owed = this.#spool.owedOfItem(item.id);
    if (owed !== undefined && (owed.removed || owed.place !== null)) return null;
    // Somebody else put this name where something of ours is placed: ours is shown until the server has decided.
    if (this.#spool.placedAt(folder.ino, item.name) !== undefined) return null;
    if (owed === undefined && this.#spool.mayHaveArrivedAt(folder.ino, item.name)) return null;
    const ino = owed?.ino ?? this.inoOf(item.id);
    const local = this.#spool.attributes(ino);
    return { ino, kind: owed?.kind ?? kindOf(item, local), item, owed, local, name: item.name };
  }

  #placedView(owed: OwedNode): NamedView {
    const item = owed.item === null ? null : (this.#tree.peek(owed.item) ?? null);
    const local = this.#spool.attributes(owed.ino);
    return { ino: owed.ino, kind: owed.kind, item, owed, local, name: owed.place!.name };
  }
}

function kindOf(item: DriveItem, local: NodeView['local']): NodeView['kind'] {
  if (item.kind === 'folder') return 'folder';
  return local?.symlinkTarget != null ? 'symlink' : 'file';
}
