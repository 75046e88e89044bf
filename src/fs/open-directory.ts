import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FileSystem } from './file-system.js';
import { type FolderListing, type ListedName, listedName } from './folder-listing.js';
import { FreshViews } from './fresh-views.js';
import type { Inode } from './inode.js';
import type { NamesVersion } from './kernel-listings.js';
import type { NamedView } from './node-view.js';
import type { DirectoryEntry, DirectoryReader, Entry, RequestContext } from './request.js';

/** "." and "..", before all others. */
const DOT_ENTRIES = 2;
/** A page may hold a few entries or none; as long as so many have not come, the next one is read in the same turn. */
const ENTRIES_PER_TURN = 64;
/** The end of what we owe, of what the server has, and of what changed: a small folder's whole listing. */
const PAGES_PER_TURN = 3;
/** About what the largest reply to the kernel holds, so that replies are full. */
const ENTRIES_AHEAD = 512;

/**
 * One open(2) of a folder. Read from the start it takes a new listing, which grows as it is read; what was read once
 * stays where it was, so that telldir(3) and seekdir(3) work until it is rewound.
 */
export class OpenDirectory implements DirectoryReader {
  readonly inode: Inode;
  readonly #fs: FileSystem;
  readonly #fresh: FreshViews;
  #listing: FolderListing | null = null;
  #entries: ListedName[] | null = null;
  #parentIno = 0;
  #version: NamesVersion;

  constructor(fs: FileSystem, inode: Inode) {
    this.#fs = fs;
    this.inode = inode;
    this.#fresh = new FreshViews(() => fs.namespace.version);
    this.#version = fs.kernelListings.begun();
  }

  /** Reads as far as entries from `offset` on are known, or to the end. */
  take(offset: number, context: RequestContext): this | Promise<this> {
    if (this.#entries !== null && offset > 0) return this.#readTo(offset);
    this.close();
    this.#version = this.#fs.kernelListings.begun();
    this.#parentIno = this.#fs.namespace.placeOf(this.inode)?.parent ?? this.inode.ino;
    if (this.inode.unlinked !== null) return this.#begun(null, offset);
    const listing = this.#fs.namespace.open(this.inode, this.#fs.asking(context));
    return listing instanceof Promise
      ? listing.then((opened) => this.#begun(opened, offset))
      : this.#begun(listing, offset);
  }

  at(cookie: number): DirectoryEntry | undefined {
    if (cookie === 0) return { name: '.', ino: this.inode.ino, kind: 'folder' };
    if (cookie === 1) return { name: '..', ino: this.#parentIno, kind: 'folder' };
    return this.#entries?.[cookie - DOT_ENTRIES];
  }

  lookUp(cookie: number): Entry | undefined {
    const index = cookie - DOT_ENTRIES;
    const listed = this.#entries?.[index];
    if (listed === undefined) return undefined;
    // It may have changed since it was listed: only what is known for sure goes along with the name.
    const now = this.#fresh.at(index) ?? this.#fs.namespace.confirm(this.inode, listed);
    if (now?.owed && this.#fs.namespace.unheard.has(now.owed)) return undefined;
    return now && this.#fs.entry(now, this.inode);
  }

  close(): void {
    this.#listing?.close();
    this.#listing = null;
  }

  #begun(listing: FolderListing | null, offset: number): this | Promise<this> {
    this.close();
    this.#listing = listing;
    this.#entries = [];
    this.#fresh.clear();
    return this.#readTo(offset);
  }

  #readTo(offset: number): this | Promise<this> {
    return this.#readTurn(offset) ? this : this.#readOn(offset);
  }

  async #readOn(offset: number): Promise<this> {
    do await nextTurn();
    while (!this.#readTurn(offset));
    return this;
  }

  /** As much as others may be held up by. True: it is enough. */
  #readTurn(offset: number): boolean {
    const before = this.#entries?.length ?? 0;
    for (let pages = 0; !this.#isReadTo(offset); pages += 1) {
      if (pages === PAGES_PER_TURN || (this.#entries?.length ?? 0) - before >= ENTRIES_PER_TURN) return false;
      this.#readPage();
    }
    return true;
  }

  #isReadTo(offset: number): boolean {
    const known = (this.#entries?.length ?? 0) + DOT_ENTRIES;
    return this.#listing === null || known >= offset + ENTRIES_AHEAD;
  }

  #readPage(): void {
    const page = this.#listing?.next() ?? null;
    if (page !== null) {
      this.#listed(page);
      return;
    }
    this.close();
    this.#fs.kernelListings.ended(this.inode, this, this.#version);
    this.#fs.ahead.listed(this.inode.ino, this.#entries ?? []);
  }

  #listed(page: readonly NamedView[]): void {
    const entries = this.#entries ?? [];
    this.#fresh.add(entries.length, page);
    for (const view of page) entries.push(listedName(view));
  }
}
