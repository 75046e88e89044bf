import { LRUCache } from 'lru-cache';
import type { UploadBase, Version } from '../drive/index.js';
import type { Ino } from './spool.js';

/** How many steps from one version to the next are remembered. */
const REMEMBERED_STEPS = 10_000;

/**
 * Versions that came about without anybody's edit: we moved the item, set its time, or the server rewrote what we had
 * sent. Who began an update before such a step means the version after it.
 */
export class OwnVersions {
  readonly #next = new LRUCache<string, Version>({ max: REMEMBERED_STEPS });

  add(ino: Ino, before: Version, after: Version): void {
    if (before !== after) this.#next.set(`${ino} ${before}`, after);
  }

  newest(ino: Ino, base: UploadBase): UploadBase {
    if (typeof base === 'string') return base;
    let { version } = base;
    for (let steps = 0; steps < REMEMBERED_STEPS; steps += 1) {
      const next = this.#next.get(`${ino} ${version}`);
      if (next === undefined) break;
      version = next;
    }
    return { version };
  }
}
