/**
 * What the remote tree had where the server has had it ever since: whatever else goes on, it is to be seen. An item
 * counts with all folders that it lies in, by their names and ids: another folder of an old name is another place.
 */
import assert from 'node:assert/strict';
import type { ItemId } from '../../src/drive/index.js';
import type { TreeBench } from './cache-tree.js';
import { parentOf } from './memory-server.js';

export class UnmovedItems {
  readonly #places = new Map<ItemId, string>();

  /** To be called after each step, in which an item changed its place on the server once at most. */
  check({ tree, drive }: TreeBench): void {
    const places = placesOf(drive.server);
    for (const [id, place] of this.#places) {
      if (places.get(id) !== place) this.#places.delete(id);
      else assert.ok(tree.pathOf(id) !== undefined, `${id} is where it was, and is not shown any more`);
    }
    for (const [id, place] of places) if (placeHere(tree, id) === place) this.#places.set(id, place);
  }
}

/** Of each item on the server the names and ids from itself up to the root. */
function placesOf(server: TreeBench['drive']['server']): Map<ItemId, string> {
  const items = new Map(server.all().map((node) => [node.path, server.item(node)]));
  const placeOf = (path: string): string => {
    const { id, name } = items.get(path)!;
    return path === '/' ? '' : `${placeOf(parentOf(path))}/${name} ${id}`;
  };
  return new Map([...items].map(([path, { id }]) => [id, placeOf(path)]));
}

function placeHere(tree: TreeBench['tree'], item: ItemId): string | undefined {
  if (item === tree.root) return '';
  if (tree.pathOf(item) === undefined) return undefined;
  const parent = tree.parentOf(item);
  const above = parent && placeHere(tree, parent);
  return above === undefined ? undefined : `${above}/${tree.peek(item)!.name} ${item}`;
}
