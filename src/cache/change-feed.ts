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
  type ItemId,
  type PlacedItem,
  type RequestOptions,
  type TreeSource,
} from '../drive/index.js';
import type { Backlog } from './backlog.js';
import { ChangeDoubts } from './change-doubts.js';
import { ChangeRound } from './change-round.js';
import { holdsDoubted } from './doubted-place.js';
import type { QuestionParts } from './drive-answers.js';
import { isRefused } from './objections.js';
import { type EarlierFrame, PageFrame, type PathFrame } from './page-frame.js';
import { PathResolver } from './path-resolver.js';
import { PathWriter } from './path-writer.js';
import type { Answer } from './recent-truth.js';
import { inSlices } from './slices.js';
import type { TreeEntry } from './tree-entry.js';
import { isPlaced, pathOf } from './tree-paths.js';
import { SILENT_BUCKET } from './tree-schema.js';
import { TreeWriter } from './tree-writer.js';

/** Changes that are fetched before they are applied; a longer round is applied in parts. */
const MOST_IN_A_ROUND = 20_000;
/** Of more that nobody can place it is not waited for whether they are gone. */
const MOST_LOST = 1_000;
/** Folders that the log spoke of without telling of them, looked at after one round of changes. */
const MOST_STAND_INS = 200;

type Removal = Extract<Change, { kind: 'removed' }>;

/** How a page told of something: in which frame its paths are, and when it was asked for. */
interface Told {
  readonly frame: PathFrame;
  readonly answer: Answer;
}

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
  /** The moves that a page knew of for certain. The log does not go back: all later ones know of them. */
  #known: ReadonlySet<number> = new Set();
  #awaited: readonly ItemId[] = [];
  /** Nobody here knows these, which are somewhere, unless they are gone by now. */
  readonly #lost = new Set<ItemId>();

  constructor(parts: QuestionParts, source: TreeSource, backlog: Backlog) {
    this.#parts = parts;
    this.#source = source;
    this.#backlog = backlog;
    this.#resolver = new PathResolver(parts);
    this.#doubts = new ChangeDoubts(parts, this.#resolver, () => {
      this.hasLostItems = true;
    });
  }

  /** What others did may not be told of yet, though the log is asked: front ends lag behind it. */
  get isHeldUp(): boolean {
    return this.#awaited.some((id) => !this.#parts.recent.isOwn(id));
  }

  /** It is looked for with the next changes, where it is known to be and there; nowhere: it may be gone. */
  doubt(id: ItemId, saidAt: readonly DrivePath[]): void {
    this.#doubts.add(id, saidAt);
  }

  get isInDoubt(): boolean {
    return this.#doubts.any;
  }

  /** All changes up to now. `store` is called in the transaction that holds the changes before that token. */
  async drain(
    since: ChangeToken,
    store: (token: ChangeToken) => void,
    options: RequestOptions,
  ): Promise<void> {
    try {
      const token = await this.#rounds(since, store, options);
      // What the log told of may have gone again, which it tells next.
      if (this.#lost.size > 0) await this.#rounds(token, store, options);
      if (this.#lost.size > 0) this.hasLostItems = true;
      this.#lost.clear();
      await this.#resolveStandIns(options);
      await this.#doubts.resolve(options);
    } finally {
      this.#backlog.isIn();
    }
  }

  async #rounds(
    since: ChangeToken,
    store: (token: ChangeToken) => void,
    options: RequestOptions,
  ): Promise<ChangeToken> {
    let token = since;
    for (let more = true; more; ) ({ token, more } = await this.#round(token, store, options));
    return token;
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
    let before: EarlierFrame = { doneOf: () => this.#known };
    for (let token = since; ; ) {
      const frame = new PageFrame(this.#parts, before);
      const page = await this.#source.changes(token, options);
      const placed = page.changes.flatMap((change) => (change.kind === 'put' ? change.placed : []));
      const gone = page.changes.flatMap((change) => (change.kind === 'removed' ? change.id : []));
      round.add(page.changes, frame.arrived(placed, gone));
      this.#remember(frame);
      this.#awaited = page.awaited ?? [];
      if (page.more) this.#backlog.grew();
      if (!page.more || round.size >= MOST_IN_A_ROUND) return { token: page.token, more: page.more };
      before = frame;
      token = page.token;
    }
  }

  #remember(frame: PageFrame): void {
    const moves = this.#parts.folderMoves.all;
    if (moves.length === 0 && this.#known.size === 0) return;
    const current = moves.filter(({ number }) => this.#known.has(number)).map(({ number }) => number);
    this.#known = new Set([...current, ...frame.provenOf(moves)]);
  }

  /** Nobody gives it up half-way: it waits for nobody. */
  async #apply(round: ChangeRound, finish: () => void): Promise<void> {
    const { store, changes } = this.#parts;
    const { answer } = round;
    const writer = new TreeWriter(this.#parts, answer);
    const byPath = new PathWriter(writer, this.#resolver);
    this.#resolver.forget();
    await inSlices({
      items: round.inOrder(),
      database: store.database,
      ahead: ({ change, frame }) => (change.kind === 'put' ? byPath.ahead(change.placed, frame) : []),
      apply: ({ change, frame }) => {
        if (change.kind === 'put') this.#put(change.placed, byPath, { frame, answer });
        else if (change.kind === 'removed') this.#removed(change, writer, answer);
        else this.#unplaced(change.id);
      },
      behind: () => writer.settling(),
      afterSlice: () => {
        this.#resolver.forget();
        changes.tell();
      },
      finish,
    });
  }

  #put(placed: PlacedItem, byPath: PathWriter, { frame, answer }: Told): void {
    const { item } = placed;
    this.#lost.delete(item.id);
    if (this.#isIntoRemoved(placed, { frame, answer })) {
      this.#doubts.add(item.id, [placed.path]);
      return;
    }
    const isFolder = item.kind === 'folder';
    if (isFolder) this.#resolver.forget();
    const placing = byPath.place(placed, frame);
    if (isFolder) this.#resolver.forget();
    if (!isRefused(placing)) return;
    const path = frame.translate(placed.path);
    if (this.#isShown(path, item)) return;
    const place = { parent: byPath.folderOf(placed.path, frame), name: item.name };
    this.#doubts.add(item.id, [path, placed.path], place);
  }

  /** It stays where it is in sight: a folder that could be removed had nothing in it any more. */
  #isIntoRemoved({ item, path }: PlacedItem, { frame, answer }: Told): boolean {
    const { store, recent, removedFolders } = this.#parts;
    if (!removedFolders.concern(answer, recent)) return false;
    if (!removedFolders.leadsInto(frame.translate(path), answer, this.#parts)) return false;
    const entry = store.byId(item.id);
    return entry !== undefined && pathOf(store, entry) !== undefined;
  }

  #removed({ id, by }: Removal, writer: TreeWriter, answer: Answer): void {
    const { store, recent } = this.#parts;
    const entry = store.byId(id);
    this.#lost.delete(id);
    this.#resolver.forget();
    if (entry === undefined) {
      recent.toldByLog(id, answer, null);
      return;
    }
    const mayLag = by === 'its absence' && recent.isOwn(id);
    const isGone = !mayLag && !recent.isNewer(id, answer) && !holdsDoubted(this.#parts, entry);
    if (isGone) writer.remove(entry);
    else if (isPlaced(entry)) this.#doubts.add(id, []);
  }

  /** It is looked for where it is known to be; what nobody knows, a snapshot will tell, or the listing of its folder. */
  #unplaced(id: ItemId | null): void {
    const entry = id === null ? undefined : this.#parts.store.byId(id);
    if (isPlaced(entry)) this.#doubts.addSomewhere(entry.item.id);
    else if (id === null || this.#lost.size >= MOST_LOST) this.hasLostItems = true;
    else this.#lost.add(id);
  }

  #isShown(path: DrivePath, { id, version }: DriveItem): boolean {
    const { store } = this.#parts;
    const entry = store.byId(id);
    return isPlaced(entry) && entry.item.version === version && pathOf(store, entry) === path;
  }

  /** Nothing is shown of what lies below a folder without an id: it is asked for by its path. */
  async #resolveStandIns(options: RequestOptions): Promise<void> {
    const { store, drive, recent, changes, folderMoves } = this.#parts;
    for (const { key } of store.standIns(MOST_STAND_INS)) {
      // The one before may have been the folder that this one lies in, or have taken it along.
      const standIn = store.byKey(key);
      if (!standIn?.isStandIn) continue;
      const path = pathOf(store, standIn);
      if (folderMoves.isUnderWay(path)) continue;
      await recent.asking(async (answer) => {
        const item = path === undefined ? null : await absentAsNull(drive.stat(path, options));
        if (item?.kind === 'folder') await this.#replaceStandIn(standIn, item, answer);
        else this.#dropStandIn(standIn);
      });
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
    function* behind() {
      const folder = store.byId(item.id);
      if (store.byKey(standIn.key)?.isStandIn && folder !== undefined) writer.revealed.merge(standIn, folder);
      yield* writer.settling();
    }
    const items = writer.revealed.bring(standIn, item.id);
    await inSlices({ items, database, apply: () => {}, afterSlice, behind });
  }
}
