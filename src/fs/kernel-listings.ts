/**
 * Which folders' listings the kernel has, whole and right, so that a walk over what did not change asks nobody. A listing
 * is right as long as no name anywhere changed since it was begun, here or on the server: one number for each tells.
 * Only a listing that one reader read alone counts: two that read at the same time may have mixed theirs.
 */
import type { Inode } from './inode.js';

/** Names as of a moment: of the server's tree, and of what we owe. */
export interface NamesVersion {
  readonly tree: number;
  readonly spool: number;
}

interface Listing {
  readonly version: NamesVersion;
  readonly atMs: number;
}

interface Reading {
  readers: number;
  /** Who alone fills the kernel's memory, if it is one alone. */
  filler: object | null;
}

export class KernelListings {
  readonly #version: () => NamesVersion;
  readonly #nowMs: () => number;
  readonly #whole = new WeakMap<Inode, Listing>();
  readonly #reading = new WeakMap<Inode, Reading>();

  constructor(version: () => NamesVersion, nowMs: () => number) {
    this.#version = version;
    this.#nowMs = nowMs;
  }

  /** `reader` opens the folder. True: what the kernel has of it is right, and at most `lifetimeMs` old. */
  opened(inode: Inode, reader: object, lifetimeMs: number): boolean {
    const reading = this.#reading.get(inode) ?? { readers: 0, filler: null };
    this.#reading.set(inode, reading);
    reading.readers += 1;
    if (this.#isRight(inode, lifetimeMs)) return true;
    this.#whole.delete(inode);
    reading.filler = reading.readers === 1 ? reader : null;
    return false;
  }

  /** Before the folder is read from its start. */
  begun(): NamesVersion {
    return this.#version();
  }

  /** `reader` has read all of the folder, as of `version` or later. */
  ended(inode: Inode, reader: object, version: NamesVersion): void {
    if (this.#reading.get(inode)?.filler === reader) this.#whole.set(inode, { version, atMs: this.#nowMs() });
  }

  closed(inode: Inode, reader: object): void {
    const reading = this.#reading.get(inode);
    if (reading === undefined) return;
    reading.readers -= 1;
    if (reading.filler === reader) reading.filler = null;
  }

  #isRight(inode: Inode, lifetimeMs: number): boolean {
    const listing = this.#whole.get(inode);
    if (listing === undefined || this.#nowMs() - listing.atMs > lifetimeMs) return false;
    const now = this.#version();
    return listing.version.tree === now.tree && listing.version.spool === now.spool;
  }
}
