/** Why what an answer shows is not to be believed: newer truth is known. */
import type { DriveItem } from '../drive/index.js';
import type { Answer, RecentTruth } from './recent-truth.js';
import type { EntryKey, TreeEntry } from './tree-entry.js';
import { isBelow } from './tree-paths.js';
import { ROOT_KEY } from './tree-schema.js';
import type { TreeStore } from './tree-store.js';

/**
 * - `refused` newer truth is known, of the item or of what has its place here
 * - `below itself` there it would be put: what is above it there has left it, which was not shown yet
 * - `echo`    it is what was there before we changed it, or before what the log told: that will be shown yet
 */
export type Objection = 'refused' | 'below itself' | 'echo';

/** It is not where the answer shows it, or that is to be found out. */
export function isRefused(placing: string): placing is 'refused' | 'below itself' {
  return placing === 'refused' || placing === 'below itself';
}

/** What an answer shows, and what is known. */
interface Shown {
  readonly item: DriveItem;
  readonly parent: EntryKey;
  /** The same item as it is known. */
  readonly entry: TreeEntry | undefined;
  /** Another one that is known under that name. */
  readonly there: TreeEntry | undefined;
}

export class Objections {
  readonly #store: TreeStore;
  readonly #recent: RecentTruth;
  readonly #answer: Answer;

  constructor(parts: { readonly store: TreeStore; readonly recent: RecentTruth }, answer: Answer) {
    this.#store = parts.store;
    this.#recent = parts.recent;
    this.#answer = answer;
  }

  to({ item, parent, entry, there }: Shown): Objection | undefined {
    const recent = this.#recent;
    const answer = this.#answer;
    const shown = { parent, name: item.name, version: item.version };
    if (recent.isEcho(item.id, shown)) return 'echo';
    if (answer.kind !== 'feed' && recent.isBeforeLog(item.id, shown)) return 'echo';
    if (recent.isNewer(item.id, answer)) return 'refused';
    if (there !== undefined && recent.isNewer(there.item.id, answer)) return 'refused';
    if (entry !== undefined && (entry.key === ROOT_KEY || isBelow(this.#store, parent, entry)))
      return 'below itself';
    return undefined;
  }
}
