/**
 * The `RemoteTree`: answers at once from what is known and fresh, else has it asked for, once for everybody. When the
 * server can't be asked, what is known is the answer.
 */

import type { Metrics } from '../base/index.js';
import {
  absentAsNull,
  DriveError,
  type DriveItem,
  type DrivePath,
  type ItemId,
  type RequestOptions,
  type Version,
} from '../drive/index.js';
import type { QuestionParts } from './drive-answers.js';
import { Freshness } from './freshness.js';
import { KnownChildren } from './known-children.js';
import type { OwnTruth } from './own-truth.js';
import { isAwayError } from './reach.js';
import type { Asking, ChildrenReader, RemoteChange, RemoteTree } from './remote-tree.js';
import type { TreeEntry } from './tree-entry.js';
import type { TreeFollower } from './tree-follower.js';
import type { TreeLimits } from './tree-limits.js';
import { isPlaced, pathOf } from './tree-paths.js';
import type { TreeQuestions } from './tree-questions.js';
import { ROOT_KEY } from './tree-schema.js';
import { isWhole } from './tree-state.js';
import type { WalkAhead } from './walk-ahead.js';

export interface KnownTreeParts extends QuestionParts {
  readonly own: OwnTruth;
  readonly questions: TreeQuestions;
  readonly follower: TreeFollower;
  readonly walk: WalkAhead;
  readonly metrics: Metrics;
  readonly limits: TreeLimits;
}

export class KnownTree implements RemoteTree {
  readonly #parts: KnownTreeParts;
  readonly #freshness: Freshness;
  readonly root: ItemId;
  /** Under way still, while whoever asked went on without them. */
  #slowAnswers = 0;
  #isAskedBehind = false;

  constructor(parts: KnownTreeParts, root: ItemId) {
    this.#parts = parts;
    this.#freshness = new Freshness(parts);
    this.root = root;
  }

  get namesVersion(): number {
    return this.#parts.store.namesVersion;
  }

  get version(): number {
    return this.#parts.store.version;
  }

  get statistics(): RemoteTree['statistics'] {
    const { store, state, changes } = this.#parts;
    return {
      items: store.count,
      complete: state.isComplete,
      changedAtMs: changes.lastAtMs,
      hitRatio: store.hitRatio,
    };
  }

  lookup(folder: ItemId, name: string, asking: Asking): DriveItem | null | Promise<DriveItem | null> {
    const { store } = this.#parts;
    const parent = this.#placed(folder);
    const known = store.named(parent.key, name);
    if (this.#isAnswered(parent, known, name, asking)) return this.#hit(known?.item ?? null);
    const now = () => store.named(parent.key, name)?.item ?? null;
    const answered = () => this.#askForName(parent, name, known, asking).then(now);
    const fallback =
      known !== undefined || isWhole(parent, this.#parts.state) ? (known?.item ?? null) : undefined;
    return this.#ask(answered, fallback, asking);
  }

  children(folder: ItemId, asking: Asking): ChildrenReader | Promise<ChildrenReader> {
    const entry = this.#placed(folder);
    const { store, questions, state, walk, follower } = this.#parts;
    if (!follower.fills || state.leftOutAtMs !== null) walk.walked(entry.key, entry.parent);
    const known = () => new KnownChildren(store, entry.key);
    if (isWhole(entry, state) && this.#freshness.ofListing(entry.listedAtMs ?? state.wholeAtMs, asking)) {
      return this.#hit(known());
    }
    const answered = () => questions.list(entry.key, asking);
    const fallback = isWhole(entry, state) ? null : undefined;
    return this.#ask<unknown>(answered, fallback, asking).then(known);
  }

  refresh(item: ItemId, asking: Asking): DriveItem | null | Promise<DriveItem | null> {
    const entry = this.#parts.store.byId(item);
    if (!isPlaced(entry)) return null;
    if (this.#freshness.ofItem(entry, asking)) return this.#hit(entry.item);
    if (asking.maxAgeMs > 0 && this.#parts.state.isComplete) {
      // While the server is slow to answer the glance before, this one is told what is known.
      if (asking.isGlance === true && this.#slowAnswers > 0) return this.#hit(entry.item);
      if (entry.item.kind === 'folder') return this.#askBehind(entry, asking);
    }
    const known = () => this.peek(item) ?? null;
    return this.#ask(() => this.#askForItem(entry, asking).then(known), known, asking);
  }

  /**
   * Where changes come to us, a folder's attributes are of no use to anybody without what is in it, which is told as it is
   * known: nobody waits, but what has come since is asked for, one question at a time.
   */
  #askBehind(entry: TreeEntry, asking: Asking): DriveItem {
    const end = () => {
      this.#isAskedBehind = false;
    };
    if (!this.#isAskedBehind) this.#askForItem(entry, asking).then(end, end);
    this.#isAskedBehind = true;
    return this.#hit(entry.item);
  }

  /** One question for everybody, if it can be had: what changed since. */
  async #askForItem(entry: TreeEntry, asking: Asking): Promise<void> {
    const { store, questions, follower } = this.#parts;
    if (asking.maxAgeMs <= 0 || !follower.isComplete) return questions.stat(entry.key, asking);
    if (this.#freshness.isFollowed(entry) && (await follower.catchUpSoon(asking))) return;
    const now = store.byKey(entry.key);
    if (!isPlaced(now)) return;
    const folder = now.key === ROOT_KEY ? undefined : store.byKey(now.parent);
    if (folder === undefined || folder.isStandIn) return questions.stat(now.key, asking);
    const listed = this.#askForName(folder, now.item.name, now, asking).then(() => true);
    if ((await absentAsNull(listed)) === null) await questions.stat(now.key, asking);
  }

  get isBeingRead(): boolean {
    const { follower } = this.#parts;
    return follower.fills && !follower.isComplete;
  }

  catchUp({ signal, lane }: RequestOptions): Promise<boolean> {
    return this.#parts.follower.catchUp(signal, lane);
  }

  caseVariant(folder: ItemId, name: string): DriveItem | undefined {
    const parent = this.#parts.store.byId(folder);
    return parent && this.#parts.store.variant(parent.key, name)?.item;
  }

  named(folder: ItemId, name: string): DriveItem | undefined {
    const parent = this.#parts.store.byId(folder);
    return parent && this.#parts.store.named(parent.key, name)?.item;
  }

  peek(item: ItemId): DriveItem | undefined {
    const entry = this.#parts.store.byId(item);
    return isPlaced(entry) ? entry.item : undefined;
  }

  parentOf(item: ItemId): ItemId | undefined {
    const entry = this.#parts.store.byId(item);
    if (!isPlaced(entry) || entry.key === ROOT_KEY) return undefined;
    const parent = this.#parts.store.byKey(entry.parent);
    return parent === undefined || parent.isStandIn ? undefined : parent.item.id;
  }

  pathOf(item: ItemId): DrivePath | undefined {
    const entry = this.#parts.store.byId(item);
    return entry && pathOf(this.#parts.store, entry);
  }

  learn(parent: ItemId, item: DriveItem, isNew = false, replaced: Version | null = null): void {
    const { store, own } = this.#parts;
    const folder = store.byId(parent);
    if (item.id === this.root || !isPlaced(folder)) return;
    store.database.transaction(() => own.learn(folder, item, { isNew, replaced }))();
  }

  expect(item: ItemId, to: DrivePath): (isRefused?: boolean) => void {
    const { store, recent, folderMoves } = this.#parts;
    recent.expectedByUs(item);
    const entry = store.byId(item);
    const from = entry?.item.kind === 'folder' ? pathOf(store, entry) : undefined;
    if (entry === undefined || from === undefined) return () => {};
    return folderMoves.began({ folder: entry.key, id: item, from, to });
  }

  unmoved(item: ItemId): void {
    this.#parts.recent.notChangedByUs(item);
  }

  mayLag(item: ItemId): boolean {
    return this.#parts.recent.isToldByLog(item);
  }

  unlearn(item: ItemId): void {
    const entry = this.#parts.store.byId(item);
    if (isPlaced(entry) && entry.key !== ROOT_KEY) this.#parts.own.unlearn(entry);
  }

  subscribe(listener: (changes: readonly RemoteChange[]) => void): () => void {
    return this.#parts.changes.subscribe(listener);
  }

  #isAnswered(parent: TreeEntry, known: TreeEntry | undefined, name: string, asking: Asking): boolean {
    const { state, negatives } = this.#parts;
    const wholeAtMs = isWhole(parent, state) ? (parent.listedAtMs ?? state.wholeAtMs) : null;
    if (wholeAtMs !== null && this.#freshness.ofListing(wholeAtMs, asking)) return true;
    if (known !== undefined) return this.#freshness.ofPlace(known, asking);
    const absentAtMs = negatives.confirmedAtMs(parent.key, name);
    return absentAtMs !== undefined && this.#freshness.ofListing(absentAtMs, asking);
  }

  /** Siblings are usually asked for next: the folder is listed unless it is known to be large. */
  #askForName(parent: TreeEntry, name: string, known: TreeEntry | undefined, asking: Asking): Promise<void> {
    const { store, questions, limits } = this.#parts;
    if (questions.isListing(parent.key) || !store.hasChildren(parent.key, limits.largeFolder)) {
      return questions.list(parent.key, asking);
    }
    return known === undefined
      ? questions.statName(parent.key, name, asking)
      : questions.stat(known.key, asking);
  }

  #hit<Answer>(answer: Answer): Answer {
    this.#parts.metrics.add('attributes.hits');
    return answer;
  }

  /** `fallback`: what is known, should the server not say; undefined: nothing. */
  async #ask<Answer>(
    answered: () => Promise<Answer>,
    fallback: Answer | (() => Answer | Promise<Answer>) | undefined,
    asking: Asking,
  ): Promise<Answer> {
    this.#parts.metrics.add('attributes.misses');
    const known = () =>
      typeof fallback === 'function' ? (fallback as () => Answer | Promise<Answer>)() : fallback!;
    try {
      if (fallback === undefined || asking.maxAgeMs <= 0) return await answered();
      return await this.#withPatience(answered, known, asking);
    } catch (error) {
      const mayBeKnown = asking.maxAgeMs > 0 || asking.orKnown === true;
      if (fallback === undefined || !mayBeKnown || !isAwayError(error)) throw error;
      return known();
    }
  }

  /** The better answer, or after a while the known one; the question goes on for whoever comes next. */
  async #withPatience<Answer>(
    answered: () => Promise<Answer>,
    known: () => Answer | Promise<Answer>,
    { isGlance }: Asking,
  ): Promise<Answer> {
    const { clock, limits, state } = this.#parts;
    const patienceMs = isGlance && state.isComplete ? limits.glancePatienceMs : limits.patienceMs;
    let cancel = () => {};
    const impatient = new Promise<'impatient'>((resolve) => {
      cancel = clock.after(patienceMs, () => resolve('impatient'));
    });
    const answer = answered();
    try {
      const first = await Promise.race([answer, impatient]);
      if (first !== 'impatient') return first as Answer;
      this.#slowAnswers += 1;
      const end = () => {
        this.#slowAnswers -= 1;
      };
      answer.then(end, end);
      return await known();
    } finally {
      cancel();
    }
  }

  #placed(folder: ItemId): TreeEntry {
    const entry = this.#parts.store.byId(folder);
    if (!isPlaced(entry)) throw new DriveError('absent', 'the folder is gone');
    return entry;
  }
}
