/**
 * What was moved out of folders and the server still has in there, in them or in removed folders below them. Kept while
 * things change, because who asks is a folder's removal, and going through twenty thousand removed folders in it for
 * something that is in none of them would hold everybody up.
 */
import type { Ino, Place } from './spool.js';
import { isFolder, type SpoolEntry } from './spool-entry.js';
import { DEEPEST } from './whereabouts.js';

type Away = SpoolEntry & { readonly origin: Place };

export class Leavers {
  readonly #entryOf: (ino: Ino) => SpoolEntry | undefined;
  /** By folder: what was moved out of it, and the removed folders in it that have anything in here themselves. */
  readonly #in = new Map<Ino, Set<Ino>>();

  constructor(entryOf: (ino: Ino) => SpoolEntry | undefined) {
    this.#entryOf = entryOf;
  }

  /** One of them. */
  from(folder: Ino): SpoolEntry | undefined {
    for (let at = folder, depth = 0; depth < DEEPEST; depth += 1) {
      const [ino] = this.#in.get(at) ?? [];
      const entry = ino === undefined ? undefined : this.#entryOf(ino);
      if (!entry?.removed) return entry;
      at = entry.ino;
    }
    return undefined;
  }

  /** `entry` is elsewhere, or gone, from now on. */
  add(entry: Away): void {
    if (!this.#counts(entry)) return;
    for (let at: Away | undefined = entry; at !== undefined; ) {
      const { parent }: Place = at.origin;
      const known = this.#in.get(parent);
      known?.add(at.ino);
      if (known !== undefined) return;
      this.#in.set(parent, new Set([at.ino]));
      at = this.#removedFolder(parent);
    }
  }

  /** No longer: `entry` as it was added. */
  delete(entry: Away): void {
    for (let at: Away | undefined = entry; at !== undefined; ) {
      const { parent }: Place = at.origin;
      const known = this.#in.get(parent);
      if (!known?.delete(at.ino) || known.size > 0) return;
      this.#in.delete(parent);
      at = this.#removedFolder(parent);
    }
  }

  #counts(entry: Away): boolean {
    return !entry.removed || (isFolder(entry) && this.#in.has(entry.ino));
  }

  #removedFolder(ino: Ino): Away | undefined {
    const entry = this.#entryOf(ino);
    return entry?.removed && isFolder(entry) && entry.origin !== null ? (entry as Away) : undefined;
  }
}
