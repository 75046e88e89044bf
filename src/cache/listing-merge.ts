/**
 * Lets a whole listing replace what is known of a folder: in slices, told when it is complete. What the listing lacks
 * is not gone yet (protocol notes 5.2.7): a few items are looked at one by one, many by a second listing. While the tree
 * is to be compared as a whole nothing is taken for gone: it may have been moved to where nobody has looked yet.
 */
import { absentAsNull, type DriveItem, type ItemId, type RequestOptions } from '../drive/index.js';
import type { Listing, QuestionParts } from './drive-answers.js';
import type { Answer } from './recent-truth.js';
import { inSlices } from './slices.js';
import type { EntryKey, TreeEntry } from './tree-entry.js';
import { isPlaced, pathOf } from './tree-paths.js';
import { ROOT_KEY } from './tree-schema.js';
import { FIRST_CHILD } from './tree-store.js';
import { TreeWriter } from './tree-writer.js';

/** More missing items than this are not looked at one by one. */
const MOST_LOOKS = 8;
const CHILDREN_PER_STEP = 500;

export class ListingMerge {
  readonly #parts: QuestionParts;
  readonly #folder: EntryKey;
  readonly #answer: Answer;
  readonly #options: RequestOptions;
  readonly #writer: TreeWriter;

  constructor(parts: QuestionParts, folder: EntryKey, answer: Answer, options: RequestOptions) {
    this.#parts = parts;
    this.#folder = folder;
    this.#answer = answer;
    this.#options = options;
    this.#writer = new TreeWriter(parts, answer);
  }

  /**
   * False: something in the listing was taken for removed while it was under way. Whether that was before or after
   * the listing was made, only another one can tell.
   */
  async run(listing: Listing, readAgain: () => Promise<Listing>): Promise<boolean> {
    const { store, changes, clock, recent } = this.#parts;
    const askedAtMs = clock.now();
    this.#placeFolder(listing.folder);
    const refused: ItemId[] = [];
    const ahead = (item: DriveItem) => this.#writer.ahead(this.#folder, item);
    await this.#inSlices(
      listing.items,
      (item) => {
        if (this.#writer.place(this.#folder, item) === 'refused') refused.push(item.id);
      },
      ahead,
    );
    const missing = await this.#missing(new Set(listing.items.map((item) => item.id)));
    if (missing.length > 0 || this.#writer.hasDisplaced) await this.#confirm(missing, readAgain);
    await inSlices({
      items: [],
      database: store.database,
      apply: () => {},
      behind: () => this.#writer.settling(),
      afterSlice: () => changes.tell(),
      finish: () => {
        const folder = store.byKey(this.#folder);
        if (isPlaced(folder)) store.setListed(folder, askedAtMs);
      },
    });
    return !refused.some((id) => !isPlaced(store.byId(id)) && !recent.isOwn(id));
  }

  #placeFolder(item: DriveItem): void {
    const folder = this.#parts.store.byKey(this.#folder);
    if (!isPlaced(folder)) return;
    if (folder.key !== ROOT_KEY) this.#writer.place(folder.parent, { ...item, name: folder.item.name });
    else this.#writer.placeRoot(item);
  }

  /** What we know in the folder and the listing does not have, as far as the listing is to be believed. */
  async #missing(listed: ReadonlySet<ItemId>): Promise<TreeEntry[]> {
    const missing: TreeEntry[] = [];
    await this.#inSlices(this.#children(), (child) => {
      if (!listed.has(child.item.id) && this.#isMissing(child)) missing.push(child);
    });
    return missing;
  }

  *#children(): Iterable<TreeEntry> {
    const { store } = this.#parts;
    for (let position = FIRST_CHILD; ; ) {
      const step = store.children(this.#folder, position, CHILDREN_PER_STEP);
      yield* step;
      const last = step.at(-1);
      if (last === undefined || step.length < CHILDREN_PER_STEP) return;
      position = store.positionOf(last);
    }
  }

  #isMissing(child: TreeEntry): boolean {
    if (child.isStandIn || child.parent !== this.#folder) return false;
    const { recent } = this.#parts;
    return !recent.isNewer(child.item.id, this.#answer) && !recent.isOwn(child.item.id);
  }

  async #confirm(missing: readonly TreeEntry[], readAgain: () => Promise<Listing>): Promise<void> {
    const { feed } = this.#parts;
    const isFed = await feed.catchUp(this.#options.signal);
    if (feed.isToCompare) return;
    const left = isFed ? this.#stillMissing(missing) : missing;
    if (left.length <= MOST_LOOKS) await Promise.all(left.map((entry) => this.#look(entry)));
    else await this.#compareAgain(left, await readAgain());
  }

  #stillMissing(missing: readonly TreeEntry[]): TreeEntry[] {
    const now = missing.map(({ key }) => this.#parts.store.byKey(key));
    return now.filter((entry): entry is TreeEntry => entry !== undefined && this.#isMissing(entry));
  }

  async #look(missing: TreeEntry): Promise<void> {
    const { store, drive, recent } = this.#parts;
    const path = pathOf(store, missing);
    if (path === undefined) return;
    const answer = recent.ask('direct');
    try {
      const item = await absentAsNull(drive.stat(path, this.#options));
      const entry = store.byKey(missing.key);
      if (entry === undefined || recent.isNewer(entry.item.id, answer) || pathOf(store, entry) !== path)
        return;
      if (item?.id === entry.item.id) return;
      this.#writer.remove(entry);
    } finally {
      recent.answered(answer);
    }
  }

  async #compareAgain(missing: readonly TreeEntry[], again: Listing): Promise<void> {
    const listed = new Set(again.items.map((item) => item.id));
    await this.#inSlices(this.#stillMissing(missing), (entry) => {
      if (!listed.has(entry.item.id) && this.#isMissing(entry)) this.#writer.remove(entry);
    });
  }

  #inSlices<Item>(
    items: Iterable<Item>,
    apply: (item: Item) => void,
    ahead: (item: Item) => Iterable<void> = () => [],
  ): Promise<void> {
    const { store, changes } = this.#parts;
    const { signal } = this.#options;
    return inSlices({
      items,
      database: store.database,
      ahead,
      apply,
      afterSlice: () => changes.tell(),
      signal,
    });
  }
}
