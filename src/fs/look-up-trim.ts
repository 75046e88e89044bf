/**
 * Bounds what the kernel has looked up. It gives look-ups back when memory is scarce, and else never: a walk over a million
 * items leaves a million of them, each with hundreds of bytes here and a thousand in the kernel. Beyond the bound the files
 * of the folders where nothing was looked up for longest are forgotten on both sides; whoever comes by such a name looks it
 * up again. Folders stay, for somebody may be in them, and so does what is open.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Log } from '../base/index.js';
import type { Ino } from '../spool/index.js';
import type { FolderListing } from './folder-listing.js';
import type { Inode } from './inode.js';
import type { InodeTable } from './inode-table.js';
import type { KernelPort } from './kernel-port.js';
import type { NamedView } from './node-view.js';

/**
 * Inodes that the kernel may know before it is asked to forget some, and how many are left then. Some 350 MB here; to forget
 * one costs as much as to look one up, so that a walk over more takes twice as long.
 */
const MOST_INODES = 1_000_000;
const LEFT = 15 / 16;
/** Folders whose files can be forgotten; where there are more, those of the others stay. */
const MOST_FOLDERS = 100_000;
/** Names that the kernel has before it to forget. */
const NAMES_AT_ONCE = 1024;
/** It forgets thousands in that time; if it does not, each of them is in use, or it is kept from it. */
const PATIENCE_MS = 1000;
const LOOK_MS = 10;
/** Before it is asked once more. */
const REST_MS = 10_000;

export interface TrimParts {
  readonly inodes: InodeTable;
  readonly clock: Clock;
  readonly log: Log;
  readonly stopping: AbortSignal;
  readonly kernel: () => KernelPort;
  /** What is in a folder, as far as that is known without asking; null where it is not. */
  readonly listing: (folder: Inode) => FolderListing | null;
  /** Tests set it. */
  readonly mostInodes?: number;
}

export class LookUpTrim {
  readonly #parts: TrimParts;
  readonly #most: number;
  /** The one where something was looked up last at the end. */
  readonly #folders = new Set<Ino>();
  #latest: Ino | null = null;
  #isTrimming = false;
  #restsUntilMs = Number.NEGATIVE_INFINITY;

  constructor(parts: TrimParts) {
    this.#parts = parts;
    this.#most = parts.mostInodes ?? MOST_INODES;
  }

  /** The kernel has looked something up in `folder`. */
  lookedUpIn(folder: Ino): void {
    if (folder !== this.#latest) this.#used(folder);
    if (this.#parts.inodes.size <= this.#most || this.#isTrimming) return;
    if (this.#parts.clock.monotonic() >= this.#restsUntilMs) this.#begin();
  }

  #used(folder: Ino): void {
    this.#latest = folder;
    this.#folders.delete(folder);
    this.#folders.add(folder);
    if (this.#folders.size > MOST_FOLDERS) this.#takeOldest();
  }

  #takeOldest(): Ino | undefined {
    const [oldest] = this.#folders;
    if (oldest !== undefined) this.#folders.delete(oldest);
    if (oldest === this.#latest) this.#latest = null;
    return oldest;
  }

  #begin(): void {
    this.#isTrimming = true;
    this.#trim()
      .catch((error: unknown) => {
        this.#parts.log.error({ error }, 'what the kernel has looked up could not be bounded');
      })
      .finally(() => {
        this.#isTrimming = false;
      });
  }

  async #trim(): Promise<void> {
    const { inodes, stopping } = this.#parts;
    const droppedBefore = inodes.dropped;
    let asked = 0;
    const left = () => inodes.size - Math.max(0, droppedBefore + asked - inodes.dropped);
    await nextTurn();
    while (left() > this.#most * LEFT && !stopping.aborted) {
      const folder = this.#takeOldest();
      if (folder === undefined) return this.#rest();
      for await (const names of this.#filesIn(folder)) {
        asked += names;
        if (!(await this.#keepsPace(droppedBefore + asked))) return this.#rest();
        if (left() <= this.#most * LEFT) break;
      }
    }
  }

  #rest(): void {
    this.#restsUntilMs = this.#parts.clock.monotonic() + REST_MS;
  }

  /** Asks the kernel to forget the files in a folder, a page at a time; yields how many. */
  async *#filesIn(ino: Ino): AsyncGenerator<number> {
    const { inodes, listing, kernel } = this.#parts;
    const folder = inodes.byIno(ino);
    const entries = folder === undefined || folder.unlinked !== null ? null : listing(folder);
    if (entries === null) return;
    try {
      for (let page = entries.next(); page !== null; page = entries.next()) {
        const going = page.filter((view) => this.#mayGo(view));
        for (const { name } of going) kernel().invalidateEntry(folder!.node, name);
        yield going.length;
        await nextTurn();
      }
    } finally {
      entries.close();
    }
  }

  #mayGo({ ino, kind }: NamedView): boolean {
    const inode = kind === 'folder' ? undefined : this.#parts.inodes.byIno(ino);
    return inode !== undefined && inode.lookups > 0 && !inode.isInUse;
  }

  /** False: the kernel does not forget what it was asked to. */
  async #keepsPace(goal: number): Promise<boolean> {
    const { inodes, clock, stopping } = this.#parts;
    const endsAtMs = clock.monotonic() + PATIENCE_MS;
    while (inodes.dropped < goal - NAMES_AT_ONCE) {
      if (stopping.aborted || clock.monotonic() > endsAtMs) return false;
      await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
    }
    return true;
  }
}
