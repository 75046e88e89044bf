/**
 * Reads the whole tree in pages, and goes on where it was interrupted. What is known stays; what a finished snapshot
 * and the changes since its beginning do not confirm is looked for once more, and only then gone.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  ChangeToken,
  DrivePath,
  ItemId,
  PlacedItem,
  RequestOptions,
  SnapshotCursor,
  SnapshotPage,
  TreeSource,
  UnversionedItem,
} from '../drive/index.js';
import type { QuestionParts } from './drive-answers.js';
import type { EarlyPages } from './early-pages.js';
import { PageFrame } from './page-frame.js';
import { PathResolver } from './path-resolver.js';
import { PathWriter } from './path-writer.js';
import { type Answer, NOW } from './recent-truth.js';
import { SecondLook } from './second-look.js';
import { inSlices, type SlicedWork } from './slices.js';
import type { EntryKey, TreeEntry } from './tree-entry.js';
import { isPlaced, pathOf } from './tree-paths.js';
import { TreeWriter } from './tree-writer.js';
import { UnversionedRows } from './unversioned-rows.js';

const KEYS_PER_STEP = 5_000;

/** What a page shows at `path` could not be put there: where it is is to be asked for. */
export type Doubt = (id: ItemId, path: DrivePath) => void;

interface AskedPage {
  readonly cursor: SnapshotCursor | null;
  readonly askedAtMs: number;
  readonly page: SnapshotPage;
  readonly answer: Answer;
  readonly frame: PageFrame;
  readonly makeWay: () => Promise<void>;
  /** All pages were read before. */
  readonly isAgain: boolean;
}

export class SnapshotReader {
  readonly #parts: QuestionParts;
  readonly #source: TreeSource;
  readonly #early: EarlyPages;
  readonly #doubt: Doubt;
  readonly #resolver: PathResolver;

  constructor(parts: QuestionParts, source: TreeSource, early: EarlyPages, doubt: Doubt) {
    this.#parts = parts;
    this.#source = source;
    this.#early = early;
    this.#doubt = doubt;
    this.#resolver = new PathResolver(parts);
  }

  /** Takes the token and sets the mark that tells this snapshot's items. */
  async begin(options: RequestOptions): Promise<void> {
    this.#begin(await this.#source.currentToken(options), () => this.#early.begin());
  }

  /** `token`: all before it is known, and the log is read from there once the snapshot is. */
  beginSince(token: ChangeToken): void {
    this.#begin(token, () => this.#early.clear());
  }

  #begin(token: ChangeToken, along: () => void): void {
    const { state, store, clock, filesToList } = this.#parts;
    store.database.transaction(() => {
      state.begin(token, clock.now());
      filesToList.clear();
      along();
    })();
    store.generation = state.generation;
  }

  /** All pages that are left; each is asked for while the one before is stored. */
  async read(options: RequestOptions): Promise<void> {
    const { state } = this.#parts;
    this.#parts.store.generation = state.generation;
    let ahead: Promise<AskedPage> | null = null;
    try {
      while (state.progress.kind === 'snapshot') {
        const { token, cursor } = state.progress;
        const asked: AskedPage = await (ahead ?? this.#ask(cursor, options));
        const { next } = asked.page;
        ahead = next === null ? null : this.#ask(next, options, asked.answer);
        // It is awaited in its turn.
        ahead?.catch(() => undefined);
        await this.#store(asked, options, () => {
          this.#early.read(asked.cursor, asked.askedAtMs, asked.page);
          state.progress =
            next === null ? { kind: 'settling', token } : { kind: 'snapshot', token, cursor: next };
        });
        if (next === null) return;
      }
    } finally {
      ahead?.then(({ answer }) => this.#parts.recent.answered(answer)).catch(() => undefined);
    }
  }

  async #ask(cursor: SnapshotCursor | null, options: RequestOptions, after?: Answer): Promise<AskedPage> {
    const { recent, longListings, clock } = this.#parts;
    const makeWay = longListings.forOnePage(options.signal);
    await makeWay();
    const askedAtMs = clock.now();
    const answer = recent.ask('snapshot', after);
    const frame = new PageFrame(this.#parts);
    try {
      const page = await this.#source.snapshot(cursor, { ...options, makeWay });
      frame.arrived([...page.items, ...page.unversioned]);
      return { cursor, askedAtMs, page, answer, frame, makeWay, isAgain: false };
    } catch (error) {
      recent.answered(answer);
      throw error;
    }
  }

  async #store(asked: AskedPage, { signal }: RequestOptions, finish: () => void): Promise<void> {
    const { answer, makeWay } = asked;
    try {
      await makeWay();
      await this.#apply(asked, new TreeWriter(this.#parts, answer), finish, { makeWay, signal });
    } finally {
      this.#parts.recent.answered(answer);
    }
  }

  async #apply(
    { page, frame, isAgain }: AskedPage,
    writer: TreeWriter,
    finish: () => void,
    slicing: Pick<SlicedWork<unknown>, 'makeWay' | 'signal'>,
  ): Promise<void> {
    const { store, changes, filesToList } = this.#parts;
    // What has that name may be told to be elsewhere: at first by another page, and then by the log alone.
    const byPath = new PathWriter(writer, this.#resolver, { mayDisplace: !isAgain });
    filesToList.beginPage();
    const unversioned = new UnversionedRows(this.#parts, byPath, isAgain);
    this.#resolver.forget();
    for (const id of page.unplaced) unversioned.leaveOut(id);
    await inSlices({
      items: [...page.items, ...page.unversioned],
      database: store.database,
      ahead: (shown) => (isVersioned(shown) ? byPath.ahead(shown, frame) : unversioned.ahead(shown, frame)),
      apply: (shown) => {
        const placing = isVersioned(shown) ? byPath.place(shown, frame) : unversioned.place(shown, frame);
        if (placing === 'displacing' || placing === 'below itself')
          this.#doubt(shown.item.id, frame.translate(shown.path));
        if (shown.item.kind === 'folder') this.#resolver.forgetOne(frame.translate(shown.path));
      },
      *behind() {
        yield* writer.settling();
        yield* filesToList.storing();
      },
      afterSlice: () => {
        this.#resolver.forget();
        changes.tell();
      },
      finish,
      ...slicing,
    });
  }

  /**
   * One page, once all of them were read. Of what the log has told it is not the last word, and what files without their
   * versions are like it leaves to the caller.
   */
  async readAgain(cursor: SnapshotCursor | null, options: RequestOptions): Promise<SnapshotPage> {
    const asked = await this.#ask(cursor, options);
    const isUntold = ({ item }: UnversionedItem) => !this.#parts.recent.isToldByLog(item.id);
    const items = asked.page.items.filter(isUntold);
    const unversioned = asked.page.unversioned.filter(isUntold);
    await this.#store(
      { ...asked, page: { ...asked.page, items, unversioned }, isAgain: true },
      options,
      () => {},
    );
    return asked.page;
  }

  /** To be called when the changes since the snapshot's beginning are in. */
  async prune(options: RequestOptions): Promise<void> {
    const { recent, clock } = this.#parts;
    await this.#giveUpAwaited();
    const look = new SecondLook(this.#parts);
    const unconfirmed = await this.#unconfirmed(options.signal);
    let late = await this.#remove(await look.notThere(unconfirmed, options), options.signal);
    while (late.length > 0) {
      // The server may not show yet what was made a moment ago; later nobody would look for it any more.
      await clock.sleep(recent.lagMs, options.signal);
      late = await this.#remove(await look.notThere(late, options), options.signal);
    }
    await this.#giveUpUnplaced();
  }

  /** What a page displaced, and no other page showed. */
  #giveUpAwaited(): Promise<void> {
    return this.#concluded([...this.#parts.awaited], (writer, key) => writer.awaitedInVain(key));
  }

  #giveUpUnplaced(): Promise<void> {
    return this.#concluded(this.#parts.unplaced.takeAll(), (writer, last) => writer.giveUp(last));
  }

  async #concluded<Item>(
    items: readonly Item[],
    apply: (writer: TreeWriter, item: Item) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const { store, changes } = this.#parts;
    const writer = new TreeWriter(this.#parts, NOW);
    await inSlices({
      items,
      database: store.database,
      apply: (item) => apply(writer, item),
      afterSlice: () => changes.tell(),
      ...(signal !== undefined && { signal }),
    });
  }

  /** Resolves with those that changed so lately that their absence proves nothing. */
  async #remove(entries: readonly TreeEntry[], signal: AbortSignal): Promise<TreeEntry[]> {
    const { store, recent, folderMoves } = this.#parts;
    const late: TreeEntry[] = [];
    const remove = (writer: TreeWriter, { key }: TreeEntry) => {
      const entry = store.byKey(key);
      if (!isPlaced(entry)) return;
      const { id } = entry.item;
      if (recent.isOwn(id) || recent.isToldByLog(id) || folderMoves.isUnderWay(pathOf(store, entry)))
        late.push(entry);
      else writer.remove(entry);
    };
    await this.#concluded(entries, remove, signal);
    return late;
  }

  /** The topmost items that nobody confirmed. */
  async #unconfirmed(signal: AbortSignal): Promise<TreeEntry[]> {
    const { store } = this.#parts;
    const found = new Map<EntryKey, TreeEntry>();
    for (let key = 1; key <= store.lastKey; key += KEYS_PER_STEP) {
      for (const entry of store.unmarked(key, KEYS_PER_STEP))
        if (!entry.isStandIn) found.set(entry.key, entry);
      await nextTurn();
      signal.throwIfAborted();
    }
    return [...found.values()].filter((entry) => !found.has(entry.parent));
  }
}

function isVersioned(shown: UnversionedItem): shown is PlacedItem {
  return 'version' in shown.item;
}
