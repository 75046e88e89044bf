/** Puts the remote tree together. */
import { join } from 'node:path';
import type { Clock, Log, Metrics, TaskGroup } from '../base/index.js';
import type { Drive, DriveItem, ItemId } from '../drive/index.js';
import { BucketSweeper } from './bucket-sweeper.js';
import { type CacheDatabase, dropCacheDatabase, openCacheDatabase } from './cache-database.js';
import type { Feed, QuestionParts } from './drive-answers.js';
import { FILES_TO_LIST_SCRIPT, FilesToList } from './files-to-list.js';
import { FolderMoves } from './folder-moves.js';
import { KnownTree, type KnownTreeParts } from './known-tree.js';
import { LongListings } from './long-listings.js';
import { NegativeNames } from './negative-names.js';
import { OwnTruth } from './own-truth.js';
import { isAwayError, Reach } from './reach.js';
import { RecentTruth } from './recent-truth.js';
import { RemoteChanges } from './remote-changes.js';
import type { RemoteTree } from './remote-tree.js';
import { RemovedFolders } from './removed-folders.js';
import { TreeFollower } from './tree-follower.js';
import { DEFAULT_TREE_LIMITS, type TreeLimits } from './tree-limits.js';
import { TreeQuestions } from './tree-questions.js';
import { ROOT_KEY, TREE_SCRIPT } from './tree-schema.js';
import { isListed, TreeState } from './tree-state.js';
import { FIRST_CHILD, TreeStore } from './tree-store.js';
import { TRUTH_BOOK_SCRIPT, TruthBook } from './truth-book.js';
import { UnplacedItems } from './unplaced-items.js';
import { WalkAhead } from './walk-ahead.js';

export interface RemoteTreeOptions {
  readonly cacheDir: string;
  readonly drive: Drive;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits?: Partial<TreeLimits>;
  /** The server lets everybody wait for so long that what is known is to be answered. */
  readonly isPutOff?: () => boolean;
  /** Kept where the cache is not. */
  readonly rootMemory?: RootMemory;
  /** For the one question that the very first start cannot do without. */
  readonly signal?: AbortSignal;
}

/** Which item is the root, as the server told. Neither method throws. */
export interface RootMemory {
  load(): ItemId | null;
  save(root: ItemId): void;
}

export interface OpenRemoteTree extends RemoteTree {
  /** From now on the tree is read as a whole and followed, in the background. */
  start(tasks: TaskGroup): void;
  /** Brings in what changed on the server by now. Rejects when the server can't be asked. */
  pollNow(signal: AbortSignal): Promise<void>;
  /** How often changes are asked for while the tree is in use. */
  setPollSeconds(seconds: number): void;
  /** Somebody uses the mount without asking us: the kernel answers from its own caches. */
  noteUse(): void;
  close(): Promise<void>;
}

/** Asks the drive for its root only if none is remembered. */
export async function openRemoteTree(options: RemoteTreeOptions): Promise<OpenRemoteTree> {
  const limits: TreeLimits = { ...DEFAULT_TREE_LIMITS, ...options.limits };
  const opened = openDatabase(options, limits);
  try {
    const parts = partsOf(opened, options, limits);
    const root = parts.store.byKey(ROOT_KEY) ?? (await firstRoot(parts, options));
    options.rootMemory?.save(root.item.id);
    return new OpenTree(parts, opened, root.item.id, options.log);
  } catch (error) {
    opened.close();
    throw error;
  }
}

function openDatabase(options: RemoteTreeOptions, limits: TreeLimits): CacheDatabase {
  const path = join(options.cacheDir, 'tree.sqlite');
  const open = () =>
    openCacheDatabase({
      path,
      migrations: [TREE_SCRIPT, FILES_TO_LIST_SCRIPT, TRUTH_BOOK_SCRIPT],
      log: options.log,
      clock: options.clock,
      cacheBytes: limits.databaseCacheBytes,
    });
  const opened = open();
  const state = new TreeState(opened.database);
  // What a power cut left is good to look at, but no ground to build changes on.
  if (opened.condition === 'suspect') state.progress = { kind: 'unknown' };
  if (!state.isForeign) return opened;
  opened.close();
  dropCacheDatabase(path);
  return open();
}

function partsOf(opened: CacheDatabase, options: RemoteTreeOptions, limits: TreeLimits): KnownTreeParts {
  const { drive, clock, log, metrics } = options;
  const store = new TreeStore(opened.database, limits.entriesInMemory);
  const state = new TreeState(opened.database);
  const book = new TruthBook(opened.database, clock, limits.recent);
  store.generation = state.generation;
  const feed: Feed = {
    catchUp: (signal) => follower.catchUp(signal),
    get isToCompare() {
      return follower.isToCompare;
    },
  };
  const parts: QuestionParts = {
    store,
    state,
    recent: new RecentTruth(clock, limits.recent, book),
    changes: new RemoteChanges(clock, log),
    negatives: new NegativeNames(limits.negativeNames),
    folderMoves: new FolderMoves(clock, book),
    displaced: new Map(),
    awaited: new Set(),
    doubted: new Map(),
    removedFolders: new RemovedFolders(),
    filesToList: new FilesToList(opened.database),
    unplaced: new UnplacedItems(),
    clock,
    drive,
    reach: new Reach(clock, options.isPutOff ?? (() => false)),
    feed,
    longListings: new LongListings(clock),
  };
  const follower = new TreeFollower(parts, log, limits.poll);
  parts.reach.onBack = () => follower.schedule.wake();
  const questions = new TreeQuestions(parts);
  const walk = new WalkAhead(limits.walk, {
    foldersIn: (folder) => foldersIn(store, folder),
    list: async (folder, signal) => {
      const entry = store.byKey(folder);
      if (entry === undefined || questions.isListing(folder) || isListed(entry, state)) return;
      await questions.list(folder, { signal, lane: 'bulk' }).catch((error: unknown) => {
        signal.throwIfAborted();
        log.debug({ error }, 'a folder could not be listed ahead');
      });
    },
  });
  return { ...parts, own: new OwnTruth(parts), questions, follower, walk, metrics, limits };
}

/** A walk goes through folders in the order of the listing. */
function foldersIn(store: TreeStore, folder: number): number[] {
  const children = store.children(folder, FIRST_CHILD, DEFAULT_TREE_LIMITS.walk.mostWaiting);
  return children
    .filter((child) => child.item.kind === 'folder' && !child.isStandIn)
    .map((child) => child.key);
}

async function firstRoot(parts: KnownTreeParts, options: RemoteTreeOptions) {
  const signal = options.signal ?? new AbortController().signal;
  try {
    const item = await options.drive.stat('/', { signal, lane: 'interactive' });
    return parts.store.insertRoot(asRoot(item));
  } catch (error) {
    const id = options.rootMemory?.load() ?? null;
    if (id === null || !isAwayError(error)) throw error;
    // The cache was thrown away, and the server can't be asked: what is owed can be seen all the same.
    return parts.store.insertRoot(unseenRoot(id));
  }
}

function unseenRoot(id: ItemId): DriveItem {
  return { id, name: '', kind: 'folder', size: 0, version: '', modifiedMs: 0, createdMs: 0 };
}

function asRoot(item: DriveItem): DriveItem {
  return { ...item, name: '', kind: 'folder' };
}

class OpenTree extends KnownTree implements OpenRemoteTree {
  readonly #parts: KnownTreeParts;
  readonly #opened: CacheDatabase;
  readonly #sweeper: BucketSweeper;
  readonly #log: Log;

  constructor(parts: KnownTreeParts, opened: CacheDatabase, root: string, log: Log) {
    super(parts, root);
    this.#parts = parts;
    this.#opened = opened;
    this.#log = log;
    this.#sweeper = new BucketSweeper(parts);
    this.#sweeper.recover();
  }

  start(tasks: TaskGroup): void {
    this.#parts.walk.start(tasks);
    tasks.start('check the root', (signal) => this.#checkRoot(signal));
    tasks.start('follow the tree', (signal) => this.#parts.follower.run(signal));
  }

  async pollNow(signal: AbortSignal): Promise<void> {
    await this.#parts.follower.catchUp(signal);
    this.#parts.follower.schedule.wake();
  }

  setPollSeconds(seconds: number): void {
    this.#parts.follower.schedule.pollMs = seconds * 1000;
  }

  noteUse(): void {
    this.#parts.follower.schedule.used();
  }

  async close(): Promise<void> {
    await this.#sweeper.close();
    this.#opened.close();
  }

  /** Another root under the same address: what is remembered is of another drive. */
  async #checkRoot(signal: AbortSignal): Promise<void> {
    try {
      const item = await this.#parts.drive.stat('/', { signal, lane: 'bulk' });
      if (item.id === this.root) return;
      this.#parts.state.markForeign();
      this.#log.error('this is another drive than before: unmount and mount again');
    } catch (error) {
      signal.throwIfAborted();
      this.#log.debug({ error }, 'the root could not be looked at');
    }
  }
}
