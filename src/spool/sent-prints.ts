import { LRUCache } from 'lru-cache';
import type { ItemId, Version } from '../drive/index.js';
import type { ContentPrint } from './content-print.js';

const REMEMBERED_CONTENTS = 10_000;

/** What was sent lately: where the versions that follow leave a doubt, the bytes can be compared. */
export class SentPrints {
  readonly #known = new LRUCache<ItemId, { readonly version: Version; readonly print: ContentPrint }>({
    max: REMEMBERED_CONTENTS,
  });

  sent(item: ItemId, version: Version, print: ContentPrint): void {
    this.#known.set(item, { version, print });
  }

  /** What a version of an item is known to be. */
  of(item: ItemId, version: Version): ContentPrint | undefined {
    const known = this.#known.get(item);
    return known?.version === version ? known.print : undefined;
  }

  /** A step of ours led from one of `before` to `after`. */
  stepped(item: ItemId, before: readonly Version[], after: Version): void {
    const known = this.#known.get(item);
    if (known !== undefined && before.includes(known.version)) this.sent(item, after, known.print);
  }
}
