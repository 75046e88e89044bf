/** Brings in what changed on the server since the token, page by page; the token is stored with its page. */
import type {
  Change,
  ChangePage,
  ChangeToken,
  DriveItem,
  RequestOptions,
  TreeSource,
} from '../drive/index.js';
import { absentAsNull, type QuestionParts } from './drive-answers.js';
import { PathResolver } from './path-resolver.js';
import type { Answer } from './recent-truth.js';
import { inSlices } from './slices.js';
import type { TreeEntry } from './tree-entry.js';
import { isPlaced, pathOf, splitPath } from './tree-paths.js';
import { SILENT_BUCKET } from './tree-schema.js';
import { TreeWriter } from './tree-writer.js';

/** Folders that the log spoke of without telling of them, looked at after one round of changes. */
const MOST_STAND_INS = 200;
/** Changes that newer truth stood against, looked at after one round. */
const MOST_DOUBTS = 200;

export class ChangeFeed {
  readonly #parts: QuestionParts;
  readonly #source: TreeSource;
  readonly #resolver: PathResolver;
  readonly #doubts = new Set<TreeEntry>();
  /** Whose changes are in, and whose displaced items may yet be told of: the log tells of a move after what made it. */
  #unsettled: TreeWriter[] = [];
  /** The log told of items that could not be placed: only a new snapshot shows where they are. */
  hasLostItems = false;

  constructor(parts: QuestionParts, source: TreeSource) {
    this.#parts = parts;
    this.#source = source;
    this.#resolver = new PathResolver(parts.store, parts.formerPlaces);
  }

  /** All changes up to now. `store` is called in the transaction that holds the changes before that token. */
  async drain(
    since: ChangeToken,
    store: (token: ChangeToken) => void,
    options: RequestOptions,
  ): Promise<void> {
    for (let token = since; ; ) {
      const page = await this.#readPage(token, store, options);
      if (!page.more) break;
      token = page.token;
    }
    await this.#resolveStandIns(options);
    await this.#resolveDoubts(options);
  }

  async #readPage(
    since: ChangeToken,
    storeToken: (token: ChangeToken) => void,
    options: RequestOptions,
  ): Promise<ChangePage> {
    const { recent, store, changes } = this.#parts;
    const answer = recent.ask('feed');
    try {
      const page = await this.#source.changes(since, options);
      const writer = new TreeWriter(this.#parts, answer);
      this.#unsettled.push(writer);
      await inSlices({
        items: page.changes,
        database: store.database,
        apply: (change) => this.#apply(change, writer, answer),
        finish: () => {
          if (!page.more) this.#settle();
          storeToken(page.token);
        },
        signal: options.signal,
      });
      changes.tell();
      return page;
    } finally {
      recent.answered(answer);
    }
  }

  #settle(): void {
    for (const writer of this.#unsettled.splice(0)) writer.settle();
  }

  #apply(change: Change, writer: TreeWriter, answer: Answer): void {
    const { store, recent } = this.#parts;
    const isFolder = change.kind === 'put' && change.placed.item.kind === 'folder';
    if (change.kind === 'removed' || isFolder) this.#resolver.forget();
    if (change.kind === 'removed') {
      const entry = store.byId(change.id);
      if (entry === undefined) return;
      if (recent.isNewer(change.id, answer)) this.#doubt(entry);
      else writer.remove(entry);
      return;
    }
    const { path, item } = change.placed;
    const placing = writer.place(this.#resolver.folder(splitPath(path).folder), item);
    if (isFolder) this.#resolver.forget();
    const entry = store.byId(item.id);
    if (placing === 'refused' && isPlaced(entry) && entry.item.version !== item.version) this.#doubt(entry);
  }

  #doubt(entry: TreeEntry): void {
    if (isPlaced(entry) && this.#doubts.size < MOST_DOUBTS) this.#doubts.add(entry);
  }

  /** What the log said against newer truth of ours may have been newer still; it will not be said again. */
  async #resolveDoubts(options: RequestOptions): Promise<void> {
    for (const entry of [...this.#doubts]) {
      if (await this.#isResolved(entry.key, options)) this.#doubts.delete(entry);
    }
  }

  async #isResolved(key: number, options: RequestOptions): Promise<boolean> {
    const { store, drive, recent, changes } = this.#parts;
    const entry = store.byKey(key);
    const path = entry && pathOf(store, entry);
    if (entry === undefined || path === undefined) return true;
    const answer = recent.ask('direct');
    try {
      const item = await absentAsNull(drive.stat(path, options));
      const now = store.byKey(key);
      if (!isPlaced(now)) return true;
      if (pathOf(store, now) !== path || recent.isNewer(now.item.id, answer)) return false;
      const writer = new TreeWriter(this.#parts, answer);
      if (item?.id === now.item.id) return writer.place(now.parent, item) === 'stored';
      if (recent.isOwn(now.item.id)) return false;
      writer.remove(now);
      return true;
    } finally {
      recent.answered(answer);
      changes.tell();
    }
  }

  /** Nothing is shown of what lies below a folder without an id: it is asked for by its path. */
  async #resolveStandIns(options: RequestOptions): Promise<void> {
    const { store, drive, recent, changes } = this.#parts;
    for (const standIn of store.standIns(MOST_STAND_INS)) {
      const path = pathOf(store, standIn);
      const answer = recent.ask('direct');
      try {
        const item = path === undefined ? null : await absentAsNull(drive.stat(path, options));
        if (item === null) this.#dropStandIn(standIn);
        else this.#replaceStandIn(standIn, item, answer);
      } finally {
        recent.answered(answer);
      }
    }
    changes.tell();
  }

  /** The folder is not where the log said, and the log did not say where it is. */
  #dropStandIn(standIn: TreeEntry): void {
    const { store } = this.#parts;
    if (store.hasChildren(standIn.key, 1)) this.hasLostItems = true;
    store.move(standIn, SILENT_BUCKET);
  }

  #replaceStandIn(standIn: TreeEntry, item: DriveItem, answer: Answer): void {
    const { store } = this.#parts;
    const writer = new TreeWriter(this.#parts, answer);
    writer.place(standIn.parent, item);
    const folder = store.byId(item.id);
    if (folder !== undefined && folder.key !== standIn.key) writer.reveal(standIn, folder);
  }
}
