/** Brings into the store what we did on the server ourselves. Nobody is told: whoever did it knows. */
import type { DriveItem, Version } from '../drive/index.js';
import { noteMove } from './note-move.js';
import { placedAnew } from './placed-anew.js';
import { shownOf } from './states-before.js';
import type { TreeEntry } from './tree-entry.js';
import { SILENT_BUCKET } from './tree-schema.js';
import type { TreeParts } from './tree-writer.js';

export interface Learnt {
  readonly isNew: boolean;
  /** What ours replaced, whether or not it was known here. */
  readonly replaced: Version | null;
}

export class OwnTruth {
  readonly #parts: TreeParts;

  constructor(parts: TreeParts) {
    this.#parts = parts;
  }

  learn(parent: TreeEntry, item: DriveItem, { isNew, replaced }: Learnt): void {
    const { store, recent, clock } = this.#parts;
    const known = store.byId(item.id);
    const isKnown = known !== undefined && known.parent > SILENT_BUCKET;
    if (replaced !== null && replaced !== known?.item.version)
      recent.changedByUs(item.id, { parent: parent.key, name: item.name, version: replaced });
    recent.changedByUs(item.id, isKnown ? shownOf(known) : null);
    this.#replace(parent, item);
    if (isKnown && item.kind === 'folder') this.#moved(known, parent, item);
    const entry = known ?? store.insert(parent.key, item, 0);
    // The answer to a new content tells when that came, and not since when the file is there.
    if (known !== undefined) store.update(known, parent.key, { ...item, createdMs: known.item.createdMs });
    if (isNew && item.kind === 'folder') store.setListed(entry, clock.now());
    else if (!isKnown) store.setListed(entry, 0);
    placedAnew(this.#parts, entry);
    entry.confirmedAtMs = clock.now();
  }

  unlearn(entry: TreeEntry): void {
    const { store, recent, removedFolders } = this.#parts;
    const { id, name, kind } = entry.item;
    recent.changedByUs(id, shownOf(entry));
    if (kind === 'folder') removedFolders.removed(entry.parent, name, id);
    store.move(entry, SILENT_BUCKET);
    placedAnew(this.#parts, entry);
  }

  /** To be called while the tree has it where it was. */
  #moved(known: TreeEntry, parent: TreeEntry, { name }: DriveItem): void {
    if (known.parent === parent.key && known.item.name === name) return;
    noteMove(this.#parts, known, known.parent, { parent: parent.key, name });
  }

  /** What had that name was overwritten by us. */
  #replace(parent: TreeEntry, item: DriveItem): void {
    const other = this.#parts.store.named(parent.key, item.name);
    if (other !== undefined && other.item.id !== item.id) this.unlearn(other);
  }
}
