import { WideMap } from '../base/index.js';
import type { ItemId } from '../drive/index.js';
import { type Ino, type NodeKind, ROOT_INO } from '../spool/index.js';
import { FsError } from './fs-error.js';
import { Inode } from './inode.js';
import { NodeMap } from './node-map.js';
import { type NodeId, ROOT_NODE } from './request.js';

/**
 * The inodes that the kernel knows. Node ids count up and are never used twice in a mount's life; an inode is dropped
 * when its look-up count is zero and nobody has it open.
 */
export class InodeTable {
  readonly #byNode = new NodeMap();
  readonly #byIno = new WideMap<Ino, Inode>();
  #lastNode: NodeId = ROOT_NODE;
  #dropped = 0;

  constructor(rootItem: ItemId) {
    const root = new Inode(ROOT_NODE, ROOT_INO, 'folder', rootItem);
    root.lookups = 1;
    this.#byNode.set(root);
    this.#byIno.set(root.ino, root);
  }

  get size(): number {
    return this.#byNode.size;
  }

  /** How many the kernel has forgotten so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Throws ESTALE for a node that was forgotten: the kernel then looks the path up again. */
  get(node: NodeId): Inode {
    const inode = this.#byNode.get(node);
    if (inode === undefined) throw new FsError('ESTALE', `unknown node ${node}`);
    return inode;
  }

  folder(node: NodeId): Inode {
    const inode = this.get(node);
    if (inode.kind !== 'folder') throw new FsError('ENOTDIR');
    if (inode.unlinked !== null) throw new FsError('ENOENT');
    return inode;
  }

  byIno(ino: Ino): Inode | undefined {
    return this.#byIno.get(ino);
  }

  /** The inode of `ino`, made when the kernel did not know it; its look-up count is left to the caller. */
  obtain(ino: Ino, kind: NodeKind, item: ItemId | null): Inode {
    const known = this.#byIno.get(ino);
    if (known !== undefined && known.kind === kind && known.unlinked === null) {
      if (item !== null) known.item = item;
      return known;
    }
    this.#lastNode += 1;
    const inode = new Inode(this.#lastNode, ino, kind, item);
    this.#byNode.set(inode);
    this.#byIno.set(ino, inode);
    return inode;
  }

  /** Two that are one from now on; whoever has a descriptor of either goes on with it. */
  joined(before: Ino, ino: Ino): void {
    const inode = this.#byIno.get(before);
    if (inode === undefined || before === ino) return;
    this.#byIno.delete(before);
    inode.ino = ino;
    if (!this.#byIno.has(ino)) this.#byIno.set(ino, inode);
  }

  forget(node: NodeId, count: number): void {
    const inode = this.#byNode.get(node);
    if (inode === undefined || node === ROOT_NODE) return;
    inode.lookups = Math.max(0, inode.lookups - count);
    this.dropIfUnheld(inode);
  }

  dropIfUnheld(inode: Inode): void {
    if (inode.isHeld || inode.node === ROOT_NODE) return;
    inode.kept?.close();
    inode.kept = null;
    if (this.#byNode.delete(inode.node)) this.#dropped += 1;
    if (this.#byIno.get(inode.ino) === inode) this.#byIno.delete(inode.ino);
  }
}
