/**
 * Inodes by node id. Node ids count up and are never used twice, so they lie side by side in short arrays: in a map each
 * would be hashed to a place of its own, which costs as much as making the inode. An array goes with the last one in it.
 */
import type { Inode } from './inode.js';
import type { NodeId } from './request.js';

const NODES_PER_ROW = 256;

interface Row {
  readonly inodes: (Inode | undefined)[];
  used: number;
}

export class NodeMap {
  readonly #rows = new Map<number, Row>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(node: NodeId): Inode | undefined {
    return this.#rows.get(rowOf(node))?.inodes[node % NODES_PER_ROW];
  }

  set(inode: Inode): void {
    const number = rowOf(inode.node);
    let row = this.#rows.get(number);
    if (row === undefined) {
      row = { inodes: new Array(NODES_PER_ROW).fill(undefined), used: 0 };
      this.#rows.set(number, row);
    }
    const place = inode.node % NODES_PER_ROW;
    if (row.inodes[place] === undefined) {
      row.used += 1;
      this.#size += 1;
    }
    row.inodes[place] = inode;
  }

  /** True: it was there. */
  delete(node: NodeId): boolean {
    const number = rowOf(node);
    const row = this.#rows.get(number);
    const place = node % NODES_PER_ROW;
    if (row?.inodes[place] === undefined) return false;
    row.inodes[place] = undefined;
    row.used -= 1;
    this.#size -= 1;
    if (row.used === 0) this.#rows.delete(number);
    return true;
  }
}

function rowOf(node: NodeId): number {
  return Math.floor(node / NODES_PER_ROW);
}
