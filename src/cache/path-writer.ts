/** Brings in what a snapshot or a change log tells of by its path: the writer knows folders by their keys. */
import type { DrivePath, PlacedItem } from '../drive/index.js';
import type { PathFrame } from './page-frame.js';
import type { PathResolver } from './path-resolver.js';
import type { EntryKey } from './tree-entry.js';
import { splitPath } from './tree-paths.js';
import type { Placing, TreeWriter } from './tree-writer.js';

export class PathWriter {
  readonly #writer: TreeWriter;
  readonly #resolver: PathResolver;
  readonly #mayDisplace: boolean;

  constructor(writer: TreeWriter, resolver: PathResolver, { mayDisplace = true } = {}) {
    this.#writer = writer;
    this.#resolver = resolver;
    this.#mayDisplace = mayDisplace;
  }

  /** What has to be done before `place`; only where that may be long is the folder looked for twice. */
  ahead({ path, item }: PlacedItem, frame: PathFrame): Iterable<void> {
    return this.#writer.mayBeLong(item) ? this.#writer.ahead(this.folderOf(path, frame), item) : [];
  }

  place({ path, item }: PlacedItem, frame: PathFrame): Placing {
    return this.#writer.place(this.folderOf(path, frame), item, { mayDisplace: this.#mayDisplace });
  }

  folderOf(path: DrivePath, frame: PathFrame): EntryKey {
    return this.#resolver.folder(frame.translate(splitPath(path).folder));
  }
}
