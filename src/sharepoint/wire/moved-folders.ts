/**
 * Who the items of a server are that gives them no ids: known by their paths, but a folder that we moved stays who it was,
 * with all that is below it, because much here goes by that: what is owed, what is open, who stands in it. What comes to
 * its old place is somebody else. Pure, but for what it tells its memory.
 */
import { randomUUID } from 'node:crypto';
import type { DrivePath, ItemId } from '../../drive/index.js';

/** Where moved folders are kept as long as identities are. Neither method throws. */
export interface MovedMemory {
  load(): Iterable<readonly [path: DrivePath, id: ItemId]>;
  save(ids: Iterable<readonly [path: DrivePath, id: ItemId]>): void;
}

/** Then all are forgotten: they are somebody else from then on, as if somebody else had moved them. */
const MOST_REMEMBERED = 4_000;

export class MovedFolders {
  readonly #memory: MovedMemory | null;
  /** By where they are now. */
  #ids: Map<DrivePath, ItemId>;

  constructor(memory: MovedMemory | null) {
    this.#memory = memory;
    this.#ids = new Map(memory?.load() ?? []);
  }

  idOf(path: DrivePath): ItemId {
    if (this.#ids.size === 0) return `path:${path}`;
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const id = this.#ids.get(path.slice(0, end));
      if (id !== undefined) return id + path.slice(end);
    }
    return `path:${path}`;
  }

  /** A folder is at `to` by our doing. */
  moved(from: DrivePath, to: DrivePath): void {
    const id = this.idOf(from);
    const ids = new Map<DrivePath, ItemId>();
    if (this.#ids.size < MOST_REMEMBERED) {
      for (const [path, known] of this.#ids) {
        if (path.startsWith(`${from}/`)) ids.set(to + path.slice(from.length), known);
        else if (!isWithin(path, to) && path !== from) ids.set(path, known);
      }
    }
    // No path has an empty name in it: this is nobody's.
    ids.set(from, `path:${from}//${randomUUID()}`).set(to, id);
    this.#ids = ids;
    this.#memory?.save(ids);
  }
}

function isWithin(path: DrivePath, folder: DrivePath): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
