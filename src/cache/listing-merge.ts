/**
 * Lets a listing replace what is known of a folder while it arrives: in slices, told when it is complete. What the
 * listing lacks is not gone yet (protocol notes 5.2.7): a few items are looked at one by one, many by a second listing.
 * While the tree is to be compared as a whole nothing is taken for gone: it may have been moved to where nobody has
 * looked yet.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  absentAsNull,
  DriveError,
  type DriveItem,
  type ItemId,
  type ListingPage,
  type RequestOptions,
} from '../drive/index.js';
import type { QuestionParts } from './drive-answers.js';
import { LONG_LISTING } from './long-listings.js';
import { isRefused } from './objections.js';
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
/** So many are stored together: fewer would write the same pages of the database again and again. */
const ITEMS_AT_ONCE = 250;

type Pages = AsyncIterable<ListingPage>;

export class ListingMerge {
  readonly #parts: QuestionParts;
  readonly #folder: TreeEntry;
  readonly #key: EntryKey;
  readonly #answer: Answer;
  readonly #options: RequestOptions;
  readonly #writer: TreeWriter;
  readonly #askedAtMs: number;
  readonly #listed = new Set<ItemId>();
  #files = 0;
  readonly #refused: ItemId[] = [];
  /** They have taken the places of others, of which the change feed may tell first where they are. */
  readonly #displacing: DriveItem[] = [];
  /** Whatever comes into an empty folder from now on is newer than this listing. */
  readonly #wasEmpty: boolean;
  #endLong: (() => void) | null = null;
  #isBegun = false;

  constructor(parts: QuestionParts, folder: TreeEntry, answer: Answer, options: RequestOptions) {
    this.#parts = parts;
    this.#folder = folder;
    this.#key = folder.key;
    this.#answer = answer;
    this.#options = options;
    this.#writer = new TreeWriter(parts, answer);
    this.#askedAtMs = parts.clock.now();
    this.#wasEmpty = !parts.store.hasChildren(folder.key, 1);
  }

  /** Some of it has arrived. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Stores what the pages show while they arrive. False: they are of another folder, and nothing was stored. */
  async read(pages: Pages): Promise<boolean> {
    let isOurs: boolean | null = null;
    const waiting: DriveItem[] = [];
    for await (const { folder, items } of pages) {
      if (isOurs === null && folder !== null) isOurs = this.#begin(folder);
      if (isOurs === false) continue;
      for (const item of items) waiting.push(item);
      if (isOurs && waiting.length >= ITEMS_AT_ONCE) await this.#store(waiting.splice(0));
    }
    if (isOurs === null) throw new DriveError('protocol', 'a listing does not tell of its folder');
    if (isOurs) await this.#store(waiting);
    return isOurs;
  }

  /**
   * All pages are read: what the folder had besides them is looked for. False: something in the listing was taken for
   * removed while it was under way. Whether that was before or after the listing was made, only another one can tell.
   */
  async compare(readAgain: () => Pages): Promise<boolean> {
    const { store, changes, filesToList } = this.#parts;
    if (this.#files < filesToList.in(this.#key)) await this.#readMore(readAgain());
    const missing = this.#wasEmpty ? [] : await this.#missing();
    if (missing.length > 0 || this.#displacing.length > 0) await this.#confirm(missing, readAgain);
    await inSlices({
      items: [],
      database: store.database,
      apply: () => {},
      behind: () => this.#writer.settling(),
      afterSlice: () => changes.tell(),
      // Whoever asks before the other one is there waits for it.
      finish: () => {
        const folder = store.byKey(this.#key);
        const isAll = filesToList.listed(this.#key, this.#files);
        if (isPlaced(folder) && isAll && !this.#isMixed()) store.setListed(folder, this.#listedAtMs(folder));
      },
    });
    return !this.#isMixed();
  }

  /**
   * Nobody else will tell of what the first listing left out of a folder that came with the change log, or that no page of
   * the snapshot has shown yet: it may have come out of the recycle bin, with all that is in it. It is listed once more by
   * whoever comes later.
   */
  #listedAtMs({ listedAtMs }: TreeEntry): number {
    const isToBeSeenAgain = listedAtMs === 0 && this.#parts.state.progress.kind !== 'unknown';
    return isToBeSeenAgain ? -this.#askedAtMs : this.#askedAtMs;
  }

  /** It has fewer files than a snapshot told of. */
  async #readMore(again: Pages): Promise<void> {
    for await (const { items } of again) await this.#store(items.filter(({ id }) => !this.#listed.has(id)));
  }

  #isMixed(): boolean {
    const { store, recent } = this.#parts;
    return this.#refused.some((id) => !isPlaced(store.byId(id)) && !recent.isOwn(id));
  }

  /** However it ended. */
  close(): void {
    this.#endLong?.();
  }

  /** False: another folder has that path by now. */
  #begin(item: DriveItem): boolean {
    const { store } = this.#parts;
    if (this.#key !== ROOT_KEY && item.id !== this.#folder.item.id) return false;
    this.#isBegun = true;
    const folder = store.byKey(this.#key);
    if (!isPlaced(folder)) return true;
    store.database.transaction(() => {
      if (folder.key === ROOT_KEY) this.#writer.placeRoot(item);
      else this.#writer.place(folder.parent, { ...item, name: folder.item.name });
    })();
    return true;
  }

  async #store(items: readonly DriveItem[]): Promise<void> {
    // Reading may have used up this turn.
    await nextTurn();
    await this.#inSlices(
      items,
      (item) => {
        this.#listed.add(item.id);
        if (item.kind === 'file') this.#files += 1;
        const placing = this.#writer.place(this.#key, item, { mayDisplace: false });
        if (placing === 'displacing') this.#displacing.push(item);
        else if (isRefused(placing)) this.#refused.push(item.id);
      },
      (item) => this.#ahead(item),
    );
    const isLong = this.#options.lane === 'interactive' && this.#listed.size >= LONG_LISTING;
    if (isLong) this.#endLong ??= this.#parts.longListings.begun();
  }

  #ahead(item: DriveItem): Iterable<void> {
    return this.#writer.mayBeLong(item) ? this.#writer.ahead(this.#key, item) : [];
  }

  /** What we know in the folder and the listing does not have, as far as the listing is to be believed. */
  async #missing(): Promise<TreeEntry[]> {
    const missing: TreeEntry[] = [];
    await this.#inSlices(this.#children(), (child) => {
      if (!this.#listed.has(child.item.id) && this.#isMissing(child)) missing.push(child);
    });
    return missing;
  }

  *#children(): Iterable<TreeEntry> {
    const { store } = this.#parts;
    for (let position = FIRST_CHILD; ; ) {
      const step = store.children(this.#key, position, CHILDREN_PER_STEP);
      yield* step;
      const last = step.at(-1);
      if (last === undefined || step.length < CHILDREN_PER_STEP) return;
      position = store.positionOf(last);
    }
  }

  #isMissing(child: TreeEntry): boolean {
    if (child.isStandIn || child.parent !== this.#key) return false;
    const { recent } = this.#parts;
    const { id } = child.item;
    return !recent.isNewer(id, this.#answer) && !recent.isOwn(id) && !recent.isToldByLog(id);
  }

  async #confirm(missing: readonly TreeEntry[], readAgain: () => Pages): Promise<void> {
    const { feed } = this.#parts;
    const isFed = await feed.catchUp(this.#options.signal);
    await this.#inSlices(
      this.#displacing,
      (item) => {
        if (isRefused(this.#writer.place(this.#key, item))) this.#refused.push(item.id);
      },
      (item) => this.#ahead(item),
    );
    if (feed.isToCompare) return;
    const left = isFed ? this.#stillMissing(missing) : missing;
    if (left.length <= MOST_LOOKS) await Promise.all(left.map((entry) => this.#look(entry)));
    else await this.#compareAgain(left, readAgain());
  }

  #stillMissing(missing: readonly TreeEntry[]): TreeEntry[] {
    const now = missing.map(({ key }) => this.#parts.store.byKey(key));
    return now.filter((entry): entry is TreeEntry => entry !== undefined && this.#isMissing(entry));
  }

  async #look(missing: TreeEntry): Promise<void> {
    const { store, drive, recent, folderMoves } = this.#parts;
    const path = pathOf(store, missing);
    if (path === undefined) return;
    await recent.asking(async (answer) => {
      const item = await absentAsNull(drive.stat(path, this.#options));
      const entry = store.byKey(missing.key);
      if (entry === undefined || recent.isNewer(entry.item.id, answer) || pathOf(store, entry) !== path)
        return;
      if (item?.id === entry.item.id || folderMoves.isUnderWay(path)) return;
      this.#writer.remove(entry);
    });
  }

  async #compareAgain(missing: readonly TreeEntry[], again: Pages): Promise<void> {
    const listed = new Set<ItemId>();
    for await (const { items } of again) for (const { id } of items) listed.add(id);
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
