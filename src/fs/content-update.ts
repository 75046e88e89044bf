/**
 * How the bytes of a file come to be changed here: a first write turns what is open into a payload of the spool, a
 * commit owes it, and before it is sent the writers are kept away from it. One update per file at a time.
 */
import { closeSync, constants, ftruncateSync, openSync } from 'node:fs';
import { KeyedLock } from '../base/index.js';
import type { DriveItem, UploadBase } from '../drive/index.js';
import type { Ino, Update } from '../spool/index.js';
import { copyContent } from './copy-content.js';
import type { FileSystem } from './file-system.js';
import { FsError } from './fs-error.js';
import { copyDescriptor, type OpenFile, openPayload } from './open-file.js';
import { isOutdated } from './outdated.js';
import { millisecondsOf } from './timestamp.js';

export class ContentUpdates {
  readonly #fs: FileSystem;
  readonly #locks = new KeyedLock<Ino>();
  readonly #scratchDirectory: string;

  /** `scratchDirectory`: where the bytes of files without a name go. */
  constructor(fs: FileSystem, scratchDirectory: string) {
    this.#fs = fs;
    this.#scratchDirectory = scratchDirectory;
  }

  /** Makes `file` writable in place: its source is an update afterwards. `truncate`: from nothing. */
  begin(file: OpenFile, truncate: boolean, signal: AbortSignal): Promise<void> {
    return this.#locks.run(file.inode.ino, () => this.#begin(file, truncate, signal));
  }

  /** In one turn with what makes the file writable: between the two an upload might take the writers away again. */
  setSize(file: OpenFile, size: number, signal: AbortSignal): Promise<void> {
    return this.#locks.run(file.inode.ino, async () => {
      await this.#begin(file, size === 0, signal);
      if (file.size !== size) this.#resize(file, size);
    });
  }

  /** The same, for a file that is not that large yet. */
  growTo(file: OpenFile, size: number, signal: AbortSignal): Promise<void> {
    return this.#locks.run(file.inode.ino, async () => {
      await this.#begin(file, false, signal);
      if (file.size < size) this.#resize(file, size);
    });
  }

  async #begin(file: OpenFile, truncate: boolean, signal: AbortSignal): Promise<void> {
    if (file.source.kind === 'update') {
      if (truncate) this.#resize(file, 0);
      return;
    }
    const update = await (file.inode.unlinked === null
      ? this.#beginOwed(file, truncate, signal)
      : this.#beginNameless(file, truncate, signal));
    await file.replaceSource({ kind: 'update', update });
    file.inode.pagesKey = file.pagesKey;
    if (truncate) file.resized(0, this.#fs.now());
  }

  /**
   * Has an empty file filled by somebody else (`fill`), who says what the server has as its content then; null, or a
   * failure: nobody did. Meanwhile nobody writes to it. False: it is as it was, and goes on being written here.
   */
  fillElsewhere(file: OpenFile, fill: () => Promise<DriveItem | null>): Promise<boolean> {
    return this.#locks.run(file.inode.ino, async () => {
      const payload = this.#fs.spool.owed(file.inode.ino)?.content;
      if (!payload || file.source.kind !== 'update' || file.inode.unlinked !== null) return false;
      await file.replaceSource(openPayload(payload.file, `update ${payload.generation}`, file.size));
      let item: DriveItem | null = null;
      try {
        // A writer may have got a last write in while the handles were being unbound.
        item = file.size === 0 ? await fill() : null;
      } finally {
        if (item === null) await this.#begin(file, false, this.#fs.stopping);
      }
      if (item === null) return false;
      const content = this.#fs.content.open(item.id, item.version, item.size);
      await file.replaceSource({ kind: 'remote', content });
      file.dirty = false;
      file.modified = null;
      file.inode.pagesKey = file.pagesKey;
      return true;
    });
  }

  /** Owes what was written so far. Cheap when nothing was. */
  commit(file: OpenFile): void {
    if (file.dirty && file.source.kind === 'update') this.#owe(file);
  }

  #owe(file: OpenFile): void {
    file.dirty = false;
    const { inode, modified } = file;
    if (inode.unlinked !== null) return;
    const { spool } = this.#fs;
    const time = modified ?? this.#fs.now();
    spool.commit(inode.ino, file.size, {
      item: inode.item,
      modifiedMs: millisecondsOf(time),
      attributes: { modified: time, changed: this.#fs.now() },
    });
    file.modified = null;
  }

  /** Tells the spool that a committed payload is being written again. */
  markDirty(file: OpenFile): void {
    if (!file.dirty && file.inode.unlinked === null) this.#fs.spool.dirty(file.inode.ino);
  }

  /** Before the spool sends: nobody writes to the payload, and nobody needs what is about to be removed. */
  async quiesce(ino: Ino): Promise<void> {
    const inode = this.#fs.inodes.byIno(ino);
    const file = inode?.open;
    if (!inode || !file) return;
    if (inode.unlinked !== null) return this.#keepWhatWillBeRemoved(file);
    await this.#locks.run(ino, async () => {
      if (file.source.kind !== 'update' || file.handles.size === 0) return;
      // A writer may have got a last write in while the handles were being unbound: what is owed is told anew.
      const payload = this.#fs.spool.owed(ino)?.content;
      if (!payload) return;
      await file.replaceSource(openPayload(payload.file, `update ${payload.generation}`, file.size));
      if (file.dirty) this.#owe(file);
    });
  }

  async #keepWhatWillBeRemoved(file: OpenFile): Promise<void> {
    if (file.source.kind === 'remote' && !file.source.content.complete) {
      await file.source.content.fill(this.#fs.stopping);
    }
  }

  #resize(file: OpenFile, size: number): void {
    if (file.source.kind !== 'update') throw new FsError('EIO', 'the update ended while it was resized');
    this.markDirty(file);
    ftruncateSync(file.source.update.descriptor, size);
    file.resized(size, this.#fs.now());
  }

  async #beginOwed(file: OpenFile, truncate: boolean, signal: AbortSignal): Promise<Update> {
    const { inode } = file;
    const seed = (descriptor: number) => file.whileReading(this.#seed(file, descriptor, signal));
    return this.#fs.spool.beginUpdate(inode.ino, {
      item: inode.item,
      base: this.#baseOf(file),
      truncate,
      seed,
    });
  }

  /**
   * What the open bytes were made from, whatever the server has by now. Our own that went into a conflict copy meanwhile
   * are no version of it: what is written to them is one more side of the conflict.
   */
  #baseOf({ source, storedAs }: OpenFile): UploadBase {
    const version = source.kind === 'remote' ? source.content.version : storedAs;
    return version === null ? 'absent' : { version };
  }

  /** An unlinked file's bytes go nowhere: a nameless file on our disk takes them. */
  async #beginNameless(file: OpenFile, truncate: boolean, signal: AbortSignal): Promise<Update> {
    const flags = constants.O_RDWR | O_TMPFILE;
    const descriptor = openSync(this.#scratchDirectory, flags, 0o600);
    try {
      const size = truncate ? 0 : await file.whileReading(this.#seed(file, descriptor, signal));
      return { descriptor, size, generation: -file.inode.node, close: () => closeSync(descriptor) };
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  async #seed({ source, size }: OpenFile, descriptor: number, signal: AbortSignal): Promise<number> {
    if (source.kind === 'remote') {
      return copyContent(source.content, descriptor, signal).catch((error: unknown) => {
        // as for who reads: that it is gone from its name is nothing that a write could mean
        throw isOutdated(error) ? new FsError('ESTALE', error.message, { cause: error }) : error;
      });
    }
    if (source.kind === 'payload') await copyDescriptor(source.descriptor, descriptor);
    return size;
  }
}

/** open(2)'s O_TMPFILE (which contains O_DIRECTORY); Node's constants lack it. */
const O_TMPFILE = 0o20000000 | 0o200000;
