import { LRUCache } from 'lru-cache';
import type { UploadBase, Version } from '../drive/index.js';
import type { Ino } from './spool.js';
import { type SpoolEntry, withVersion } from './spool-entry.js';

/** How many steps from one version to the next are remembered. */
const REMEMBERED_STEPS = 10_000;

/**
 * Versions that came about without anybody's edit: we moved the item, set its time, or the server rewrote what we had
 * sent. Who began an update before such a step means the version after it.
 */
export class OwnVersions {
  readonly #next = new LRUCache<string, Version>({ max: REMEMBERED_STEPS });

  /** The reverse of a step takes it back: it turned out to be somebody's edit. */
  add(ino: Ino, before: Version, after: Version): void {
    if (before === after) return;
    const isReverse = this.#next.get(`${ino} ${after}`) === before;
    if (isReverse) this.#next.delete(`${ino} ${after}`);
    else this.#next.set(`${ino} ${before}`, after);
  }

  /** The entry after an operation of ours made `after` of one of the versions `before`; see `withVersion`. */
  stepped(entry: SpoolEntry, before: readonly Version[] | undefined, after: Version): SpoolEntry {
    for (const one of before ?? []) this.add(entry.ino, one, after);
    return withVersion(entry, before, after);
  }

  newestBase(ino: Ino, base: UploadBase): UploadBase {
    return typeof base === 'string' ? base : { version: this.newest(ino, base.version) };
  }

  newest(ino: Ino, version: Version): Version {
    let newest = version;
    for (let steps = 0; steps < REMEMBERED_STEPS; steps += 1) {
      const next = this.#next.get(`${ino} ${newest}`);
      if (next === undefined) break;
      newest = next;
    }
    return newest;
  }
}
