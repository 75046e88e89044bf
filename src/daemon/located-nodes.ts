/** From the absolute paths that a person names to the nodes of the mount, as the file system itself sees them. */
import { relative, sep } from 'node:path';
import type { Asking } from '../cache/index.js';
import type { FileSystem } from '../fs/index.js';
import { type Ino, ROOT_INO } from '../spool/index.js';
import { Failure } from './failure.js';

/** A node with the path that it was found under. */
export interface FoundNode {
  readonly ino: Ino;
  readonly item: string | null;
  readonly kind: 'file' | 'folder' | 'symlink';
  /** Below the mount, without a leading slash; empty for the root. */
  readonly path: string;
}

export class LocatedNodes {
  readonly #fs: FileSystem;
  readonly #mountpoint: string;

  constructor(fs: FileSystem, mountpoint: string) {
    this.#fs = fs;
    this.#mountpoint = mountpoint;
  }

  /** Throws `Failure` when nothing is there. */
  async at(absolute: string, signal: AbortSignal): Promise<FoundNode> {
    const path = relative(this.#mountpoint, absolute);
    if (path === '..' || path.startsWith(`..${sep}`))
      throw new Failure('usage', `${absolute} is not in this mount`);
    let node: FoundNode = { ino: ROOT_INO, item: this.#fs.tree.root, kind: 'folder', path: '' };
    for (const name of path.split(sep).filter((part) => part !== '')) {
      const view = await this.#fs.namespace.find(node, name, this.#asking(signal));
      if (view === null) throw new Failure('failed', `${absolute}: there is no such file`);
      node = { ...asFound(view), path: join(node.path, name) };
    }
    return node;
  }

  /** The node itself, and everything below it. */
  async *below(node: FoundNode, signal: AbortSignal): AsyncIterable<FoundNode> {
    yield node;
    if (node.kind !== 'folder') return;
    for (const view of await this.#fs.namespace.list(node, this.#asking(signal))) {
      yield* this.below({ ...asFound(view), path: join(node.path, view.name) }, signal);
    }
  }

  #asking(signal: AbortSignal): Asking {
    return { signal, lane: 'bulk', maxAgeMs: this.#fs.options.attributeLifetimeMs };
  }
}

function asFound(view: {
  readonly ino: Ino;
  readonly kind: FoundNode['kind'];
  readonly item: { readonly id: string } | null;
}): Omit<FoundNode, 'path'> {
  return { ino: view.ino, kind: view.kind, item: view.item?.id ?? null };
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
