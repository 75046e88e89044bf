import type { Ino, Place } from './spool.js';

interface Folder {
  /** More than one only where an unknown outcome leaves two candidates for a place. */
  readonly names: Map<string, Set<Ino>>;
  readonly variants: Map<string, Set<string>>;
}

/** Inos by place, with their siblings and with case ignored; every answer in constant time. */
export class PlaceIndex {
  readonly #folders = new Map<Ino, Folder>();

  add({ parent, name }: Place, ino: Ino): void {
    const folder = this.#folders.get(parent) ?? { names: new Map(), variants: new Map() };
    this.#folders.set(parent, folder);
    addTo(folder.names, name, ino);
    addTo(folder.variants, name.toLowerCase(), name);
  }

  delete({ parent, name }: Place, ino: Ino): void {
    const folder = this.#folders.get(parent);
    if (folder === undefined) return;
    deleteFrom(folder.names, name, ino);
    if (!folder.names.has(name)) deleteFrom(folder.variants, name.toLowerCase(), name);
    if (folder.names.size === 0) this.#folders.delete(parent);
  }

  *in(parent: Ino): Iterable<Ino> {
    for (const inos of this.#folders.get(parent)?.names.values() ?? []) yield* inos;
  }

  hasAny(parent: Ino): boolean {
    return this.#folders.has(parent);
  }

  at(parent: Ino, name: string): Iterable<Ino> {
    return this.#folders.get(parent)?.names.get(name) ?? [];
  }

  /** The names in `parent` that differ from `name` only in case (simple lower-casing). */
  *variants(parent: Ino, name: string): Iterable<string> {
    for (const variant of this.#folders.get(parent)?.variants.get(name.toLowerCase()) ?? []) {
      if (variant !== name) yield variant;
    }
  }
}

function addTo<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

function deleteFrom<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key);
  if (set?.delete(value) && set.size === 0) sets.delete(key);
}
