/**
 * A library as a lagging front end shows it: what was created a moment ago may be absent, what was changed may still
 * carry its old version, a listing may leave an entry out, the listed size may be that of before (protocol notes 5.2).
 * With the switches at their defaults it shows what is.
 */
import type { Site } from './sites.js';
import type { FolderItem, Item } from './store/item.js';
import type { World } from './world.js';

export interface Shown {
  readonly version: number;
  readonly modifiedMs: number;
  /** Bytes that listings tell; 0 for folders. */
  readonly size: number;
}

export class ReadView {
  readonly #site: Site;
  readonly #world: World;

  constructor(world: World, site: Site) {
    this.#world = world;
    this.#site = site;
  }

  find(names: readonly string[]): Item | undefined {
    const item = this.#site.store.find(names);
    for (let at: Item | null | undefined = item; at != null; at = at.parent)
      if (!this.isVisible(at)) return undefined;
    return item;
  }

  /** The children that a listing shows. */
  children(folder: FolderItem): Item[] {
    const { switches } = this.#world;
    const children = [...folder.children.values()].filter((child) => this.isVisible(child));
    if (switches.omitFromListings > 0 && children.length > 0) {
      switches.omitFromListings--;
      children.pop();
    }
    return children;
  }

  show(item: Item): Shown {
    const stale = item.extra?.stale;
    const isStale = stale !== undefined && stale.untilMs > this.#world.clock.now();
    return {
      version: isStale ? stale.version : item.version,
      modifiedMs: isStale ? stale.modifiedMs : item.modifiedMs,
      size: item.kind === 'file' ? (item.extra?.listedSize ?? item.content.size) : 0,
    };
  }

  isVisible(item: Item): boolean {
    const fromMs = item.extra?.visibleFromMs;
    return fromMs === undefined || fromMs <= this.#world.clock.now();
  }
}
