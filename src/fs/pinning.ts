/**
 * Pins: items that are to be here as a whole and to stay. A folder's pin is given to all that is below it, in the
 * background, and to all that comes into it later, from here or from elsewhere. What leaves it keeps its pin.
 */
import type { ItemKind } from '../drive/index.js';
import type { Ino, NodeKind } from '../spool/index.js';
import type { FileSystem } from './file-system.js';
import type { Located } from './namespace.js';
import type { NamedView } from './node-view.js';

export interface PinnedNode extends Located {
  readonly kind: NodeKind | ItemKind;
}

export class Pinning {
  readonly #fs: FileSystem;
  /** Folders whose children are still to be told, each once, by one walk at a time. */
  readonly #folders = new Map<Ino, { readonly folder: Located; readonly pinned: boolean }>();
  #isWalking = false;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  set(node: PinnedNode, pinned: boolean): void {
    const { spool, content } = this.#fs;
    spool.setPinned(node.ino, node.item, pinned);
    if (node.kind === 'folder') this.#walk(node, pinned);
    else if (node.item !== null) content.setPinned(node.item, pinned);
  }

  /** Something has come into the folder `parent`: it is pinned if the folder is. */
  arrived(parent: Ino, node: PinnedNode): void {
    const { spool } = this.#fs;
    if (!spool.attributes(parent)?.pinned || spool.attributes(node.ino)?.pinned) return;
    this.set(node, true);
  }

  #walk({ ino, item }: Located, pinned: boolean): void {
    this.#folders.delete(ino);
    this.#folders.set(ino, { folder: { ino, item }, pinned });
    if (!this.#isWalking) void this.#tellChildren();
  }

  async #tellChildren(): Promise<void> {
    this.#isWalking = true;
    try {
      for (const [ino, { folder, pinned }] of this.#folders) {
        this.#folders.delete(ino);
        for (const child of await this.#childrenOf(folder)) this.#tell(child, pinned);
      }
    } finally {
      this.#isWalking = false;
    }
  }

  #tell({ ino, item, kind }: NamedView, pinned: boolean): void {
    this.set({ ino, item: item?.id ?? null, kind }, pinned);
  }

  /** What can't be listed is left out, and said. */
  async #childrenOf(folder: Located): Promise<readonly NamedView[]> {
    const { namespace, options, stopping, log } = this.#fs;
    const maxAgeMs = options.attributeLifetimeMs;
    try {
      return await namespace.list(folder, { signal: stopping, lane: 'bulk', maxAgeMs });
    } catch (error) {
      if (!stopping.aborted) log.warn({ error }, 'not everything below a pinned folder could be listed');
      return [];
    }
  }
}
