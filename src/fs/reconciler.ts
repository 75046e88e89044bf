/**
 * Keeps the two halves of the namespace, the open files and the kernel's caches in step: what was sent moves from the
 * spool to the tree, what others changed is pushed into the kernel. It decides nothing about what an application sees;
 * that is `Namespace`.
 */
import type { RemoteChange } from '../cache/index.js';
import { type DriveItem, type DrivePath, type ItemId, isPartialName } from '../drive/index.js';
import { type Ino, ROOT_INO, type SpoolEvent } from '../spool/index.js';
import { Adoption } from './adoption.js';
import type { FileSystem } from './file-system.js';
import { foldersThatCame } from './folders-that-came.js';
import type { Inode } from './inode.js';
import { shareAttributes } from './share-attributes.js';

type Told<Kind extends SpoolEvent['kind']> = Extract<SpoolEvent, { kind: Kind }>;

export class Reconciler {
  readonly #fs: FileSystem;
  readonly #adoption: Adoption;

  constructor(fs: FileSystem) {
    this.#fs = fs;
    this.#adoption = new Adoption(fs);
  }

  /** From now on changes are followed; the returned function stops that. */
  start(): () => void {
    const stopTree = this.#fs.tree.subscribe((changes) => {
      for (const change of changes) this.#changed(change);
      // Once for all of them: it goes through all that is owed.
      if (changes.some(({ kind, item }) => kind === 'moved' && item.kind === 'folder'))
        this.#fs.spool.remoteMoved();
      const folders = foldersThatCame(changes);
      if (folders.length > 0) this.#fs.spool.remoteCame(folders);
    });
    const stopSpool = this.#fs.spool.subscribe((event) => {
      if (event.kind === 'conflict') this.#conflicted(event);
      if (event.kind === 'kept') this.#kept(event);
      if (event.kind === 'overtaken') this.#overtaken(event);
      if (event.kind === 'joined') this.#joined(event);
    });
    return () => {
      stopTree();
      stopSpool();
    };
  }

  pathOf(item: ItemId): DrivePath | undefined {
    return this.#fs.tree.pathOf(item);
  }

  /** The server has a node of ours. Takes the payload over into the content cache. */
  async stored(stored: Told<'stored'>): Promise<void> {
    const { ino, parent, item, file, isCopy, isNewFolder, replaced, isEdited, isOvertaken } = stored;
    const { tree, spool, content } = this.#fs;
    const parentItem = parent === ROOT_INO ? tree.root : spool.itemOf(parent);
    const before = tree.peek(item.id);
    const isThere = before !== undefined && tree.parentOf(item.id) === parentItem;
    if (parentItem !== undefined && !isOvertaken) tree.learn(parentItem, item, isNewFolder, replaced);
    const inode = this.#fs.inodes.byIno(ino);
    if (inode !== undefined) inode.item = item.id;
    if (file !== null) {
      await this.#adopt(ino, item, file);
      const since = isOvertaken ? tree.peek(item.id) : undefined;
      // What came after may be the server's own rewriting.
      if (since !== undefined) this.#itemChanged(item, since);
    } else if (isCopy) this.#copied(ino, item);
    else if (before !== undefined && isEdited) this.#itemChanged(before, item);
    else if (before !== undefined && !isOvertaken) this.#carryOver(ino, before, item);
    if (spool.attributes(ino)?.pinned) content.setPinned(item.id, true);
    else if (!isThere) this.#fs.pinning.arrived(parent, { ino, item: item.id, kind: item.kind });
  }

  removed({ item }: Told<'removed'>): void {
    this.#fs.tree.unlearn(item);
    this.#fs.content.forget(item);
    this.#fs.quota.noteRemoved();
  }

  async #adopt(ino: Ino, item: DriveItem, file: string): Promise<void> {
    const { spool } = this.#fs;
    const size = spool.owed(ino)?.content?.size ?? item.size;
    // Of another size it has been rewritten before the server told of it: what comes next is somebody else's.
    const sent = item.size === size ? this.#fs.rewritings.uploaded(item) : {};
    spool.setAttributes(ino, { written: { size, forVersion: item.version, ...sent } });
    this.#fs.quota.noteStored(ino, size);
    await this.#adoption.take(ino, item, file, size);
  }

  /** Its bytes are what the server says; its times are ours as long as it is at this version. */
  #copied(ino: Ino, item: DriveItem): void {
    this.#fs.spool.setAttributes(ino, { written: { size: item.size, forVersion: item.version } });
    this.#fs.quota.noteStored(ino, item.size);
  }

  /** Only metadata changed, by us: the bytes that we have are those of the new version, unless somebody edited it before. */
  #carryOver(ino: Ino, before: DriveItem, item: DriveItem): void {
    if (before.version === item.version || item.kind === 'folder') return;
    if (before.size !== item.size) {
      this.#itemChanged(before, item);
      return;
    }
    const { spool, content } = this.#fs;
    const written = spool.attributes(ino)?.written;
    const sent = this.#fs.rewritings.uploaded(item);
    if (written?.forVersion === before.version) {
      spool.setAttributes(ino, { written: { size: written.size, forVersion: item.version, ...sent } });
    }
    content.renameVersion(item.id, before.version, item.version);
    const inode = this.#fs.inodes.byIno(ino);
    if (inode?.pagesKey === before.version) inode.pagesKey = item.version;
  }

  #changed(change: RemoteChange): void {
    switch (change.kind) {
      case 'added':
        this.#nameChanged(change.parent, change.item.name, this.#isBornHere(change.parent, change.item));
        this.#cameInto(change.parent, change.item);
        break;
      case 'changed':
        this.#itemChanged(change.before, change.item);
        break;
      case 'moved':
        this.#nameChanged(change.from.parent, change.from.name, this.#isMovedByUs(change.to, change.item));
        this.#nameChanged(change.to, change.item.name, this.#isMovedByUs(change.to, change.item));
        if (change.to !== change.from.parent) this.#cameInto(change.to, change.item);
        break;
      case 'removed':
        this.#itemRemoved(change.parent, change.item);
        break;
    }
  }

  #cameInto(parent: ItemId, { id, kind }: DriveItem): void {
    const { namespace, pinning } = this.#fs;
    pinning.arrived(namespace.inoOf(parent), { ino: namespace.inoOf(id), item: id, kind });
  }

  /**
   * What we did before a crash may be told of as news: that changes no folder's time once more. Neither does a file that
   * only grows there under a name of its own; it will be news when it is whole.
   */
  #nameChanged(parent: ItemId, name: string, isOurs: boolean): void {
    const folder = this.#inodeOf(parent);
    if (folder === undefined) return;
    if (!isOurs && !isPartialName(name)) {
      folder.namesChanged = null;
      if (this.#fs.spool.attributes(folder.ino)?.modified) {
        this.#fs.spool.setAttributes(folder.ino, { modified: null });
      }
    }
    this.#forgetName(folder, name);
  }

  #forgetName(folder: Inode, name: string): void {
    this.#fs.kernel.invalidateEntry(folder.node, name);
    // With its attributes goes the listing that the kernel may have.
    this.#fs.kernel.invalidateNode(folder.node);
  }

  #itemChanged(before: DriveItem, item: DriveItem): void {
    const inode = this.#inodeOf(item.id);
    const ino = inode?.ino ?? this.#fs.namespace.inoOf(item.id);
    const local = this.#fs.spool.attributes(ino);
    const written = local?.written ?? null;
    if (local?.pinned) this.#fs.content.setPinned(item.id, true);
    const isWritten = written?.forVersion === before.version;
    // News of what we did may come before the answer, and is no rewriting. Of other files the sizes are one in any case.
    const isSameSize = this.#fs.rewritings.concerns(before, item) && before.size === item.size;
    if (isWritten && isSameSize && this.#fs.spool.isOwnStep(before.version, item)) {
      this.#carryOver(ino, before, item);
      return;
    }
    if (this.#fs.rewritings.believes({ ino, before, item, written }, () => this.#edited(ino))) return;
    if (inode === undefined) return;
    if (before.version !== item.version || before.size !== item.size) this.#forgetInKernel(inode);
    else this.#fs.kernel.invalidateAttributes(inode.node);
  }

  #edited(ino: Ino): void {
    const inode = this.#fs.inodes.byIno(ino);
    if (inode !== undefined) this.#forgetInKernel(inode);
  }

  /** Open files keep their pages, which belong to the version that they were opened at. */
  #forgetInKernel(inode: Inode): void {
    if (this.#fs.spool.owed(inode.ino)?.content) return;
    if (inode.open !== null) {
      this.#fs.kernel.invalidateAttributes(inode.node);
      return;
    }
    inode.pagesKey = null;
    this.#fs.kernel.invalidateNode(inode.node);
  }

  #itemRemoved(parent: ItemId, item: DriveItem): void {
    this.#fs.quota.noteRemoved();
    const lastPlace = { parent: this.#fs.namespace.inoOf(parent), name: item.name };
    const inode = this.#inodeOf(item.id);
    if (this.#fs.spool.remoteRemoved(item.id, item.kind, lastPlace, parent)) {
      this.#isMadeAgain(inode);
      return;
    }
    const folder = this.#inodeOf(parent);
    if (inode?.open == null) this.#fs.content.forget(item.id);
    if (folder !== undefined && inode !== undefined)
      this.#fs.kernel.notifyDelete(folder.node, inode.node, item.name);
    this.#nameChanged(parent, item.name, this.#isOwed(item.id));
  }

  /** It has no item until the server has it again, and nobody is asked for what is in the one that is gone. */
  #isMadeAgain(inode: Inode | undefined): void {
    const owed = inode && this.#fs.spool.owed(inode.ino);
    if (owed !== undefined) inode!.item = owed.item;
  }

  /** Ours, or what an attempt of ours may have made whose answer a crash or the network took. */
  #isBornHere(parent: ItemId, { id, name }: DriveItem): boolean {
    const { spool, namespace } = this.#fs;
    return spool.itemOf(spool.inoOf(id)) === id || spool.mayHaveArrivedAt(namespace.inoOf(parent), name);
  }

  /** A move of ours, or the last step of an upload whose answer is still on its way. */
  #isMovedByUs(to: ItemId, { id, name }: DriveItem): boolean {
    const { spool, namespace } = this.#fs;
    return this.#isOwed(id) || spool.mayHaveArrivedAt(namespace.inoOf(to), name);
  }

  #isOwed(item: ItemId): boolean {
    return this.#fs.spool.owedOfItem(item) !== undefined;
  }

  /** Our bytes have become a node of their own; the old name shows what the server has. */
  #conflicted({ ino, copy, from }: Told<'conflict'>): void {
    const { spool, inodes, kernel, log } = this.#fs;
    if (copy.ino !== ino) shareAttributes(spool, ino, copy.ino);
    this.#adoption.copied(ino, copy.ino);
    const before = inodes.byIno(from.parent);
    if (before !== undefined) kernel.invalidateEntry(before.node, from.name);
    const inode = inodes.byIno(ino);
    if (inode !== undefined) kernel.invalidateNode(inode.node);
    const folder = copy.place === null ? undefined : inodes.byIno(copy.place.parent);
    if (folder !== undefined && copy.place !== null) kernel.invalidateEntry(folder.node, copy.place.name);
    log.warn({ copy: copy.place?.name }, 'somebody else changed this file: our version is kept beside it');
    const item = inode?.item ?? spool.itemOf(ino);
    if (item !== undefined && item !== null) void this.#confirm(item);
  }

  /** What was removed here is there again, for somebody else needs it. */
  #kept({ ino, place }: Told<'kept'>): void {
    this.#isMadeAgain(this.#fs.inodes.byIno(ino));
    const folder = place === null ? undefined : this.#fs.inodes.byIno(place.parent);
    if (place === null || folder === undefined) return;
    folder.namesChanged = null;
    this.#fs.kernel.invalidateEntry(folder.node, place.name);
    this.#fs.kernel.invalidateAttributes(folder.node);
  }

  /** As long as it was owed, it was shown as ours. */
  #overtaken({ ino, places }: Told<'overtaken'>): void {
    const inode = this.#fs.inodes.byIno(ino);
    if (inode !== undefined) this.#forgetInKernel(inode);
    for (const { parent, name } of places) {
      const folder = this.#fs.inodes.byIno(parent);
      if (folder !== undefined) this.#forgetName(folder, name);
    }
  }

  #joined({ ino, before, item, places }: Told<'joined'>): void {
    const { inodes, spool, pinning } = this.#fs;
    inodes.joined(before, ino);
    const inode = inodes.byIno(ino);
    if (inode !== undefined) inode.item = item;
    this.#overtaken({ kind: 'overtaken', ino, places });
    if (item !== null && spool.attributes(ino)?.pinned) pinning.set({ ino, item, kind: 'folder' }, true);
  }

  async #confirm(item: ItemId): Promise<void> {
    try {
      await this.#fs.tree.refresh(item, { signal: this.#fs.stopping, lane: 'bulk', maxAgeMs: 0 });
    } catch (error) {
      this.#fs.log.debug({ error }, 'the server could not be asked about a conflict yet');
    }
  }

  #inodeOf(item: ItemId): Inode | undefined {
    return this.#fs.inodes.byIno(this.#fs.namespace.inoOf(item));
  }
}
