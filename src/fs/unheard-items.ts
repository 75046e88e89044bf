/**
 * What was moved here, and the server has elsewhere yet, is found by its item. Where the tree has not heard of that, as when
 * the cache was thrown away, it would be shown without its size, or as a folder with nothing in it: it is looked for first,
 * where it was when its move was recorded.
 */
import type { Asking, RemoteTree } from '../cache/index.js';
import { DriveError, type DrivePath, type ItemId } from '../drive/index.js';
import type { OwedNode, Spool } from '../spool/index.js';

export class UnheardItems {
  readonly #tree: RemoteTree;
  readonly #spool: Spool;

  constructor(tree: RemoteTree, spool: Spool) {
    this.#tree = tree;
    this.#spool = spool;
  }

  /** What we have ourselves of a file, or of a symbolic link, needs nobody. */
  has({ item, kind, content }: OwedNode): boolean {
    return item !== null && kind !== 'symlink' && content === null && this.#tree.peek(item) === undefined;
  }

  /** Has the tree hear of it. Throws `unreachable` where it is not found, and the tree will tell where it is. */
  async seek(node: OwedNode, asking: Asking): Promise<void> {
    for (const path of this.#spool.rememberedPaths(node.ino)) {
      await this.#ask(path, asking);
      if (!this.has(node)) return;
    }
    if (this.#tree.isBeingRead)
      throw new DriveError('unreachable', 'where this is on the server is not known yet');
  }

  async #ask(path: DrivePath, asking: Asking): Promise<void> {
    let folder: ItemId = this.#tree.root;
    for (const name of path.split('/').slice(1)) {
      const item = await this.#tree.lookup(folder, name, asking);
      if (item === null) return;
      folder = item.id;
    }
  }
}
