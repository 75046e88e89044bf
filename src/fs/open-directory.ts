import type { FileSystem } from './file-system.js';
import type { Inode } from './inode.js';
import type { NamedView } from './node-view.js';
import type { DirectoryEntry, DirectoryReader, Entry, RequestContext } from './request.js';

/** One open(2) of a folder: a listing taken when it is read from the start, the same until it is rewound. */
export class OpenDirectory implements DirectoryReader {
  readonly inode: Inode;
  readonly #fs: FileSystem;
  #entries: readonly NamedView[] | null = null;
  #parentIno = 0;

  constructor(fs: FileSystem, inode: Inode) {
    this.#fs = fs;
    this.inode = inode;
  }

  /** Takes the listing; an earlier one serves unless the folder is read from the start. */
  take(offset: number, context: RequestContext): this | Promise<this> {
    if (this.#entries !== null && offset > 0) return this;
    if (this.inode.unlinked !== null) return this.#took([]);
    const entries = this.#fs.namespace.list(this.inode, this.#fs.asking(context));
    return entries instanceof Promise ? entries.then((list) => this.#took(list)) : this.#took(entries);
  }

  at(cookie: number): DirectoryEntry | undefined {
    if (cookie === 0) return { name: '.', ino: this.inode.ino, kind: 'folder' };
    if (cookie === 1) return { name: '..', ino: this.#parentIno, kind: 'folder' };
    return this.#entries?.[cookie - 2];
  }

  lookUp(cookie: number): Entry | undefined {
    const listed = this.#entries?.[cookie - 2];
    if (listed === undefined) return undefined;
    // It may have changed since the listing was taken: only what is known for sure goes along with the name.
    const now = this.#fs.namespace.confirm(this.inode, listed);
    return now && this.#fs.entry(now);
  }

  #took(entries: readonly NamedView[]): this {
    this.#entries = entries;
    this.#fs.ahead.listed(this.inode.ino, entries);
    this.#parentIno = this.#fs.namespace.placeOf(this.inode)?.parent ?? this.inode.ino;
    return this;
  }
}
