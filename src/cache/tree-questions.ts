/**
 * What is asked of the drive, once for everybody who waits, and how the answers meet what is known. Resolves when the
 * store knows better; what it knows then is read from there. Rejects when the server did not say. Absence is believed
 * only with a second witness: the change feed, the folder's listing, or a look at the very item (protocol notes 5.2.7).
 */
import {
  absentAsNull,
  DriveError,
  type DriveItem,
  type DrivePath,
  type RequestOptions,
} from '../drive/index.js';
import type { QuestionParts } from './drive-answers.js';
import { ListingMerge } from './listing-merge.js';
import { type Answer, NOW } from './recent-truth.js';
import { SharedQuestions } from './shared-questions.js';
import type { EntryKey, TreeEntry } from './tree-entry.js';
import { childPath, isPlaced, pathOf } from './tree-paths.js';
import { ROOT_KEY } from './tree-schema.js';
import { TreeWriter } from './tree-writer.js';

/** What we just made may not be visible at once (protocol notes 5.2.6): looked for again after these pauses. */
const LAG_PAUSES_MS = [250, 500, 1000, 2000];
/** In a folder that we are moving, at either of its places in turn. */
const MOST_LOOKS_UNDER_WAY = 2 * LAG_PAUSES_MS.length;
/** A folder may be moved by others while we look for it; more often than this in a row it is not followed. */
const MOST_PURSUITS = 3;
/** Of so many listings of a folder the connection may break in the middle. */
const MOST_BREAKS = 3;

/** Where an item was looked for, and when. */
interface Looked {
  readonly path: DrivePath;
  readonly askedAtMs: number;
}

export class TreeQuestions {
  readonly #parts: QuestionParts;
  readonly #shared: SharedQuestions;

  constructor(parts: QuestionParts) {
    this.#parts = parts;
    this.#shared = new SharedQuestions(parts.clock);
  }

  /** Reads all children of a folder. Throws `absent` when the folder is gone. */
  list(folder: EntryKey, options: RequestOptions): Promise<void> {
    return this.#shared.join(`list ${folder}`, options, (own) => this.#heard(this.#list(folder, own)));
  }

  /** Looks at one known item; gone when it is not in the store afterwards. */
  stat(key: EntryKey, options: RequestOptions): Promise<void> {
    return this.#shared.join(`stat ${key}`, options, (own) => this.#heard(this.#stat(key, own)));
  }

  /** Looks for a name in a folder without reading all of the folder. */
  statName(folder: EntryKey, name: string, options: RequestOptions): Promise<void> {
    return this.#shared.join(`name ${folder} ${name}`, options, (own) =>
      this.#heard(this.#statName(folder, name, own)),
    );
  }

  isListing(folder: EntryKey): boolean {
    return this.#shared.isAsked(`list ${folder}`);
  }

  async #heard(answer: Promise<void>): Promise<void> {
    try {
      await answer;
      this.#parts.reach.answered();
    } catch (error) {
      this.#parts.reach.failed(error);
      throw error;
    }
  }

  async #list(key: EntryKey, options: RequestOptions): Promise<void> {
    for (let attempt = 0, mixed = 0, broken = 0; ; ) {
      const folder = this.#placed(key);
      const path = this.#pathOf(folder);
      const asked = this.#askedAt(path, attempt);
      const askedAtMs = this.#parts.clock.monotonic();
      const outcome = await this.#parts.recent.asking((answer) =>
        this.#listAt(folder, asked, { answer, mayBreak: broken < MOST_BREAKS }, options),
      );
      if (outcome === 'whole') return;
      if (outcome === 'broken') {
        broken += 1;
        continue;
      }
      if (outcome === 'mixed') {
        mixed += 1;
        if (mixed > MOST_PURSUITS) return;
        continue;
      }
      if (!(await this.#lookAgain(key, { path, askedAtMs }, attempt, options))) throw gone(path);
      attempt += 1;
    }
  }

  async #listAt(
    folder: TreeEntry,
    path: DrivePath,
    { answer, mayBreak }: { readonly answer: Answer; readonly mayBreak: boolean },
    options: RequestOptions,
  ): Promise<'whole' | 'mixed' | 'broken' | 'absent'> {
    const merge = new ListingMerge(this.#parts, folder, answer, options);
    const pages = () => this.#parts.drive.list(path, options);
    try {
      if (!(await absentAsNull(merge.read(pages())))) return 'absent';
      return (await merge.compare(pages)) ? 'whole' : 'mixed';
    } catch (error) {
      // The server was there a moment ago: asked once more it may be there again, or it says at once that it is not.
      if (mayBreak && merge.isBegun && error instanceof DriveError && error.kind === 'unreachable')
        return 'broken';
      throw error;
    } finally {
      merge.close();
    }
  }

  async #stat(key: EntryKey, options: RequestOptions): Promise<void> {
    const { recent } = this.#parts;
    for (let attempt = 0; ; attempt += 1)
      if (!(await recent.asking((answer) => this.#attempt(key, answer, attempt, options)))) return;
  }

  /** True: it is to be looked for again. */
  async #attempt(key: EntryKey, answer: Answer, attempt: number, options: RequestOptions): Promise<boolean> {
    const { store, recent, feed, clock } = this.#parts;
    const entry = store.byKey(key);
    if (!isPlaced(entry)) return false;
    const path = this.#pathOf(entry);
    const askedAtMs = clock.monotonic();
    const begunAtMs = clock.now();
    if (await this.#statAt(entry, this.#askedAt(path, attempt), answer, options)) return false;
    if (await this.#lookAgain(key, { path, askedAtMs }, attempt, options)) return true;
    // There and back, it may have been elsewhere when the answer was made; its folder's listing may have shown it since.
    const isSeenSince = (store.byKey(key)?.confirmedAtMs ?? 0) > begunAtMs;
    if (!feed.isToCompare && !recent.isNewer(entry.item.id, answer) && !isSeenSince) this.#removed(key);
    return false;
  }

  /** False: it is not there. */
  async #statAt(
    entry: TreeEntry,
    path: DrivePath,
    answer: Answer,
    options: RequestOptions,
  ): Promise<boolean> {
    const item = await absentAsNull(this.#parts.drive.stat(path, options));
    if (item === null) return false;
    if (entry.key === ROOT_KEY) {
      this.#write(answer, (writer) => writer.placeRoot(item));
      return true;
    }
    const found = this.#parts.store.byKey(entry.key);
    if (item.id !== entry.item.id || !isPlaced(found)) return false;
    // What is on its way is there: where to, the answer to its move will tell.
    if (path !== this.#currentPath(entry.key) && this.#parts.folderMoves.isMoving(found.key)) return true;
    await this.#place(answer, found.parent, item, options);
    return true;
  }

  async #statName(folderKey: EntryKey, name: string, options: RequestOptions): Promise<void> {
    const { folderMoves, negatives, clock } = this.#parts;
    const path = childPath(this.#pathOf(this.#placed(folderKey)), name);
    await this.#parts.recent.asking(async (answer) => {
      const item = await absentAsNull(this.#parts.drive.stat(path, options));
      if (item !== null) await this.#place(answer, folderKey, item, options);
      if (item?.name !== name && !folderMoves.isUnderWay(path)) negatives.add(folderKey, name, clock.now());
    });
  }

  /**
   * The entry was not found at `path`. True: it may be found now, elsewhere or a little later. False: it is gone, as
   * far as anybody can tell; it may have left the store already.
   */
  async #lookAgain(
    key: EntryKey,
    { path, askedAtMs }: Looked,
    attempt: number,
    options: RequestOptions,
  ): Promise<boolean> {
    const { store, recent, feed, clock, folderMoves } = this.#parts;
    const entry = store.byKey(key);
    if (key === ROOT_KEY || !isPlaced(entry)) return false;
    // There and back, it may have been elsewhere when the answer was made.
    if (folderMoves.concern(path, askedAtMs) && attempt < MOST_PURSUITS) return true;
    if (folderMoves.isUnderWay(path) && attempt < MOST_LOOKS_UNDER_WAY) {
      await clock.sleep(LAG_PAUSES_MS[attempt >> 1]!, options.signal);
      return true;
    }
    const pauseMs = LAG_PAUSES_MS[attempt];
    if (recent.isOwn(entry.item.id) && pauseMs !== undefined) {
      await clock.sleep(pauseMs, options.signal);
      return true;
    }
    if (attempt >= LAG_PAUSES_MS.length + MOST_PURSUITS) return false;
    if (await feed.catchUp(options.signal)) {
      if (!isPlaced(store.byKey(key))) return false;
      if (this.#currentPath(key) !== path) return true;
      // As the log tells, it is there: the front end that was asked lags behind.
      if (recent.isToldByLog(entry.item.id) && pauseMs !== undefined) {
        await clock.sleep(pauseMs, options.signal);
        return true;
      }
    }
    await absentAsNull(this.list(entry.parent, options));
    return isPlaced(store.byKey(key)) && this.#currentPath(key) !== path;
  }

  #removed(key: EntryKey): void {
    const entry = this.#parts.store.byKey(key);
    if (isPlaced(entry)) this.#write(NOW, (writer) => writer.remove(entry));
  }

  /** What it has taken the place of may be elsewhere, as the change feed tells first. */
  async #place(answer: Answer, parent: EntryKey, item: DriveItem, { signal }: RequestOptions): Promise<void> {
    const placing = this.#write(answer, (writer) => writer.place(parent, item, { mayDisplace: false }));
    if (placing !== 'displacing') return;
    await this.#parts.feed.catchUp(signal);
    this.#write(answer, (writer) => writer.place(parent, item));
  }

  /** One small answer. */
  #write<Result>(answer: Answer, apply: (writer: TreeWriter) => Result): Result {
    const { store, changes } = this.#parts;
    const writer = new TreeWriter(this.#parts, answer);
    const result = store.database.transaction(() => {
      const applied = apply(writer);
      writer.settle();
      return applied;
    })();
    changes.tell();
    return result;
  }

  #placed(key: EntryKey): TreeEntry {
    const entry = this.#parts.store.byKey(key);
    if (!isPlaced(entry)) throw gone('the item');
    return entry;
  }

  /** In a folder that we are moving, what was not found at its old place is looked for at its new one. */
  #askedAt(path: DrivePath, attempt: number): DrivePath {
    return (attempt % 2 === 1 ? this.#parts.folderMoves.underWay(path) : undefined) ?? path;
  }

  #currentPath(key: EntryKey): DrivePath | undefined {
    const entry = this.#parts.store.byKey(key);
    return entry && pathOf(this.#parts.store, entry);
  }

  #pathOf(entry: TreeEntry): DrivePath {
    const path = pathOf(this.#parts.store, entry);
    if (path === undefined) throw gone(entry.item.name);
    return path;
  }
}

function gone(path: string): DriveError {
  return new DriveError('absent', `${path} is not there`);
}
