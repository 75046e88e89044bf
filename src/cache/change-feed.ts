/**
 * Brings in what changed on the server since the token. The pages of a round are fetched first and applied together, with
 * the token behind them: between a page that tells of something gone and one that tells where it is now, nothing is ever
 * missing. What a page shows is as it was when the page was made, so of each item the last word counts, and what is there
 * is put in its place before what is gone is removed.
 */
import {
  absentAsNull,
  type Change,
  type ChangeToken,
  type DriveItem,
  type DrivePath,
  type RequestOptions,
  type TreeSource,
} from '../drive/index.js';
import type { Backlog } from './backlog.js';
import { ChangeDoubts } from './change-doubts.js';
import { ChangeRound } from './change-round.js';
import type { QuestionParts } from './drive-answers.js';
import { PathResolver } from './path-resolver.js';
import type { Answer } from './recent-truth.js';
import { inSlices } from './slices.js';
import type { TreeEntry } from './tree-entry.js';
import { isPlaced, pathOf, splitPath } from './tree-paths.js';
import { SILENT_BUCKET } from './tree-schema.js';
import { TreeWriter } from './tree-writer.js';

/** Changes that are fetched before they are applied; a longer round is applied in parts. */
const MOST_IN_A_ROUND = 20_000;
/** Folders that the log spoke of without telling of them, looked at after one round of changes. */
const MOST_STAND_INS = 200;

interface Reached {
  readonly token: ChangeToken;
  readonly more: boolean;
}

export class ChangeFeed {
  readonly #parts: QuestionParts;
  readonly #source: TreeSource;
  readonly #backlog: Backlog;
  readonly #resolver: PathResolver;
  readonly #doubts: ChangeDoubts;
  /** The log told of items that could not be placed: only a new snapshot shows where they are. */
  hasLostItems = false;

  constructor(parts: QuestionParts, source: TreeSource, backlog: Backlog) {
    this.#parts = parts;
    this.#source = source;
    this.#backlog = backlog;
    this.#resolver = new PathResolver(parts.store, parts.formerPlaces);
    this.#doubts = new ChangeDoubts(parts, this.#resolver);
  }

  /** All changes up to now. `store` is called in the transaction that holds the changes before that token. */
  async drain(
    since: ChangeToken,
    store: (token: ChangeToken) => void,
    options: RequestOptions,
  ): Promise<void> {
    try {
      for (let token = since, more = true; more; ) {
        ({ token, more } = await this.#round(token, store, options));
      }
      await this.#resolveStandIns(options);
      await this.#doubts.resolve(options);
    } finally {
      this.#backlog.isIn();
    }
  }

  async #round(
    since: ChangeToken,
    store: (token: ChangeToken) => void,
    options: RequestOptions,
  ): Promise<Reached> {
    const round = new ChangeRound(this.#parts.recent);
    try {
      const reached = await this.#fetch(round, since, options);
      await this.#apply(round, () => store(reached.token));
      return reached;
    } finally {
      round.close();
    }
  }

  async #fetch(round: ChangeRound, since: ChangeToken, options: RequestOptions): Promise<Reached> {
    for (let token = since; ; ) {
      const page = await this.#source.changes(token, options);
      round.add(page.changes);
      if (page.more) this.#backlog.grew();
      if (!page.more || round.size >= MOST_IN_A_ROUND) return { token: page.token, more: page.more };
      token = page.token;
    }
  }

  /** Nobody gives it up half-way: it waits for nobody. */
  async #apply(round: ChangeRound, finish: () => void): Promise<void> {
    const { store, changes } = this.#parts;
    const { answer } = round;
    const writer = new TreeWriter(this.#parts, answer);
    this.#resolver.forget();
    await inSlices({
      items: round.inOrder(),
      database: store.database,
      ahead: (change) => this.#ahead(change, writer),
      apply: (change) => this.#applyOne(change, writer, answer),
      afterSlice: () => {
        this.#resolver.forget();
        changes.tell();
      },
      finish: () => {
        writer.settle();
        finish();
      },
    });
  }

  #ahead(change: Change, writer: TreeWriter): Iterable<void> {
    if (change.kind === 'removed' || !writer.mayBeLong(change.placed.item)) return [];
    this.#resolver.forget();
    const { path, item } = change.placed;
    return writer.ahead(this.#resolver.folder(splitPath(path).folder), item);
  }

  #applyOne(change: Change, writer: TreeWriter, answer: Answer): void {
    const { store, recent } = this.#parts;
    const isFolder = change.kind === 'put' && change.placed.item.kind === 'folder';
    if (change.kind === 'removed' || isFolder) this.#resolver.forget();
    if (change.kind === 'removed') {
      const entry = store.byId(change.id);
      if (entry === undefined) return;
      if (!recent.isNewer(change.id, answer)) writer.remove(entry);
      else if (isPlaced(entry)) this.#doubts.add(change.id, null);
      return;
    }
    const { path, item } = change.placed;
    const placing = writer.place(this.#resolver.folder(splitPath(path).folder), item);
    if (isFolder) this.#resolver.forget();
    if (placing === 'refused' && !this.#isShown(path, item)) this.#doubts.add(item.id, path);
  }

  #isShown(path: DrivePath, { id, version }: DriveItem): boolean {
    const { store } = this.#parts;
    const entry = store.byId(id);
    return isPlaced(entry) && entry.item.version === version && pathOf(store, entry) === path;
  }

  /** Nothing is shown of what lies below a folder without an id: it is asked for by its path. */
  async #resolveStandIns(options: RequestOptions): Promise<void> {
    const { store, drive, recent, changes } = this.#parts;
    for (const { key } of store.standIns(MOST_STAND_INS)) {
      // The one before may have been the folder that this one lies in, or have taken it along.
      const standIn = store.byKey(key);
      if (!standIn?.isStandIn) continue;
      const path = pathOf(store, standIn);
      const answer = recent.ask('direct');
      try {
        const item = path === undefined ? null : await absentAsNull(drive.stat(path, options));
        if (item?.kind === 'folder') await this.#replaceStandIn(standIn, item, answer);
        else this.#dropStandIn(standIn);
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

  async #replaceStandIn(standIn: TreeEntry, item: DriveItem, answer: Answer): Promise<void> {
    const { store, changes } = this.#parts;
    const { database } = store;
    const writer = new TreeWriter(this.#parts, answer);
    const afterSlice = () => changes.tell();
    await inSlices({
      items: [item],
      database,
      ahead: () => writer.ahead(standIn.parent, item),
      apply: () => writer.place(standIn.parent, item),
      afterSlice,
    });
    // Placed already, or not to be placed there any more: it holds what was seen in it all the same.
    const finish = () => {
      const folder = store.byId(item.id);
      if (store.byKey(standIn.key)?.isStandIn && folder !== undefined) writer.reveal(standIn, folder);
    };
    await inSlices({ items: writer.revealing(standIn, item), database, apply: () => {}, afterSlice, finish });
  }
}
